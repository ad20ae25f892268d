"""Whatever a caller may send, at any address of any service, is read in one form only."""

from collections.abc import Iterator
from typing import Any, get_args

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import RouteContext
from pydantic import TypeAdapter, ValidationError

from shared.contracts import MESSAGES, Message, Queue
from shared.kit.routing import StrictRoute
from shared.kit.shapes import Shape
from tests.architecture.applications import SERVICES, routes

LAX: dict[str, list[Any]] = {
    "boolean": ["no", "true", 0, 1, 1.0],
    "integer": ["5", 5.0, True],
    "number": ["5", True],
    "date": ["0", "-86400", 946684800, "2026-03-02T00:00:00", "20260302"],
    "date-time": ["0", 946684800, "2026-03-02", "2026-03-02 12:00:00Z"],
    "uuid": ["00000000000000000000000000000000", "urn:uuid:00000000-0000-0000-0000-000000000000"],
}
"""What lax readers take for a value of this type or format."""

IN_ADDRESSES = {
    "integer": ["5_0", "5.0", " 5", "+5", "\u0665"],
    "date": LAX["date"],
    "date-time": LAX["date-time"],
    "uuid": LAX["uuid"],
}
"""The same where everything is text."""


def own(application: FastAPI) -> Iterator[RouteContext]:
    return (route for route in routes(application) if getattr(route, "dependant", None))


def bodies(application: FastAPI) -> dict[str, type]:
    """The shapes of every body; one that may have several is an entry for each."""
    found = {}
    for route in own(application):
        for field in _flat(route.dependant, "body_params"):
            body = field.field_info.annotation
            for number, shape in enumerate(get_args(body) or (body,)):
                found[f"{route.methods} {route.path} {number}"] = shape
    return found


def _flat(dependant: Dependant, kind: str) -> Iterator[Any]:
    yield from getattr(dependant, kind)
    for inner in dependant.dependencies:
        yield from _flat(inner, kind)


@SERVICES
def test_every_body_is_a_strict_shape_read_by_a_strict_route(
    queue: Queue, application: FastAPI
) -> None:
    lax = [f"{route.path}" for route in own(application) if not is_strict(route)]
    assert not lax, "kit.routing.Router makes strict routes"
    assert bodies(application), "every service has a route that takes a body"
    for address, body in bodies(application).items():
        assert isinstance(body, type), address
        assert issubclass(body, Shape), f"{address} takes a body that is no kit.shapes.Shape"


def is_strict(route: RouteContext) -> bool:
    return isinstance(route.original_route, StrictRoute)


def leaves(schema: dict[str, Any], whole: dict[str, Any], path: tuple[Any, ...]) -> Iterator[Any]:
    """Every way to a value of the body, with the type and format it is described with."""
    if "$ref" in schema:
        schema = whole["$defs"][schema["$ref"].rpartition("/")[2]]
    for option in schema.get("anyOf", []):
        yield from leaves(option, whole, path)
    if "items" in schema:
        yield from leaves(schema["items"], whole, (*path, 0))
    for name, field in schema.get("properties", {}).items():
        yield from leaves(field, whole, (*path, name))
    kind = schema.get("format", schema.get("type"))
    if path and kind in LAX and "const" not in schema and "enum" not in schema:
        yield path, kind


def nested(path: tuple[Any, ...], value: Any) -> Any:
    """A body with this value at this place and nothing else."""
    for step in reversed(path):
        value = {step: value} if isinstance(step, str) else [value]
    return value


@SERVICES
def test_no_field_of_any_body_takes_another_type_for_its_own(
    queue: Queue, application: FastAPI
) -> None:
    for address, body in bodies(application).items():
        schema = TypeAdapter(body).json_schema()
        for path, kind in leaves(schema, schema, ()):
            for value in LAX[kind]:
                with pytest.raises(ValidationError) as refused:
                    TypeAdapter(body).validate_python(nested(path, value))
                at_fault = [error["loc"][: len(path)] for error in refused.value.errors()]
                assert path in at_fault, f"{address}: {path} takes {value!r}"


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.type)
def test_no_field_of_any_message_takes_another_type_for_its_own(message: type[Message]) -> None:
    """A signature says who wrote a body, not that it says what it seems to say."""
    schema = message.model_json_schema()
    found = [*leaves(schema, schema, ())]
    assert (("occurred_at",), "date-time") in found
    for path, kind in found:
        for value in LAX[kind]:
            with pytest.raises(ValidationError) as refused:
                message.model_validate(nested(path, value))
            at_fault = [error["loc"][: len(path)] for error in refused.value.errors()]
            assert path in at_fault, f"{message.type}: {path} takes {value!r}"


@SERVICES
def test_no_address_takes_another_form_for_the_described_one(
    queue: Queue, application: FastAPI
) -> None:
    for route in own(application):
        for kind in ("path_params", "query_params", "header_params"):
            for field in _flat(route.dependant, kind):
                for value in _wrong(field):
                    _, errors = field.validate(value, {}, loc=("query",))
                    assert errors, f"{route.path}: {field.alias} takes {value!r}"


def _wrong(field: Any) -> list[Any]:
    schema = TypeAdapter(field.field_info.annotation).json_schema()
    options = schema.get("anyOf", [schema])
    kinds = {option.get("format", option.get("type")) for option in options}
    return [str(value) for kind in kinds & set(IN_ADDRESSES) for value in IN_ADDRESSES[kind]]
