"""Every interface shows what it takes and answers: an example of each body, true to its schema."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from deploy.stack.keys import Keys
from shared.contracts import Queue
from tests.architecture.applications import SERVICES, compose

Schema = dict[str, Any]

PEOPLE = {"full_name", "display_name", "witness", "receiving_officer", "aliases"}
INVENTED = "Ví Dụ"
"""The family name of everybody in an example: it means example, and nobody bears it."""


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return Keys.make(tmp_path_factory.mktemp("secrets"))


@pytest.fixture
def document(queue: Queue, keys: Keys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Schema:
    return compose(queue, keys, tmp_path, monkeypatch).openapi()


def bodies(document: Schema) -> Iterator[tuple[str, Schema]]:
    """The schema of everything that is sent or answered when all goes well, and of a problem."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            place = f"{method.upper()} {path}"
            answers = operation["responses"].items()
            said = [
                operation.get("requestBody", {}),
                *(it for code, it in answers if code != "304"),
            ]
            for content in (each.get("content", {}) for each in said):
                for told in content.values():
                    yield place, told["schema"]


def resolved(document: Schema, schema: Schema) -> Schema:
    """The schema itself, where another one is named."""
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def alternatives(document: Schema, schema: Schema) -> list[Schema]:
    """The schemas one of which a body has: itself, or each that may stand there."""
    found = resolved(document, schema)
    return [
        each
        for it in found.get("oneOf", [found])
        for each in ([found] if it is found else alternatives(document, it))
    ]


def examples(document: Schema) -> Iterator[tuple[str, Schema, Any]]:
    """Every example of the document, with the schema it stands on."""
    places = {
        **document["components"]["schemas"],
        **{place: schema for place, schema in bodies(document) if "$ref" not in schema},
    }
    for name, schema in places.items():
        for example in schema.get("examples", []):
            yield name, schema, example


def values_of(node: Any, names: set[str]) -> Iterator[str]:
    if isinstance(node, dict):
        for name, value in node.items():
            if name in names and value:
                yield from [value] if isinstance(value, str) else value
            else:
                yield from values_of(value, names)
    elif isinstance(node, list):
        for value in node:
            yield from values_of(value, names)


@SERVICES
def test_every_route_shows_what_it_takes_and_what_it_answers(
    queue: Queue, document: Schema
) -> None:
    found = [
        (place, each)
        for place, schema in bodies(document)
        for each in alternatives(document, schema)
    ]
    bare = {f"{place}: {each.get('title')}" for place, each in found if not each.get("examples")}
    assert len(found) > 2 * len(document["paths"])
    assert not bare, (
        f"write an example in services/{queue}/examples.py, and say shown(...) in the shape: "
        f"{sorted(bare)}"
    )


@SERVICES
def test_every_example_is_what_its_schema_says(queue: Queue, document: Schema) -> None:
    wrong = []
    for name, schema, example in examples(document):
        whole = {**schema, "components": document["components"]}
        check = Draft202012Validator(whole, format_checker=FormatChecker())
        wrong += [f"{name}{it.json_path[1:]}: {it.message}" for it in check.iter_errors(example)]
    assert not wrong


@SERVICES
def test_nobody_in_an_example_could_be_somebody(queue: Queue, document: Schema) -> None:
    named = {name for _, _, example in examples(document) for name in values_of(example, PEOPLE)}
    assert named or queue in {Queue.VERIFICATION, Queue.LIVELIHOOD_SUPPORT, Queue.NOTIFICATION}
    assert all(INVENTED in name for name in named), named
