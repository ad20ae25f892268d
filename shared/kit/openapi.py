"""The OpenAPI document of a service, completed with what holds for all operations.

FastAPI writes down what each route declares. Added here is what no route says because all do it:
how a caller authenticates and in which role, that a header whose absence is refused is required,
that whatever is refused is a problem, and which header fields answers carry.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import iter_route_contexts

from shared.kit.auth import roles_asked_by
from shared.kit.problems import MEDIA_TYPE, Problem
from shared.kit.shapes import SHOWN

Schema = dict[str, Any]
Roles = tuple[str, ...]

SCHEME = "access_token"
KEY = "Idempotency-Key"
CONDITION = "If-Match"
KNOWN = "If-None-Match"

NEEDED: Mapping[str, tuple[str, ...]] = {KEY: ("400", "409", "422"), CONDITION: ("412", "428")}
"""Headers without which a request is refused, and the refusals that have to do with them."""

REFERENCE = "#/components/schemas/{model}"
PROBLEM = {MEDIA_TYPE: {"schema": {"$ref": REFERENCE.format(model="Problem")}}}
FRAMEWORKS_OWN = ("HTTPValidationError", "ValidationError")
"""FastAPI's own answers to a request that breaks a rule; here they are problems instead."""

HEADERS: Mapping[str, str] = {
    "ETag": "The version of what was read or written, to be sent back as If-Match.",
    "Link": "The next page as rel=next (RFC 8288); left out on the last one.",
    "Location": "Where what was made or changed can be read; left out where it cannot.",
    "Retry-After": "Seconds after which the same request may succeed.",
    "WWW-Authenticate": "How to authenticate (RFC 6750).",
}


@dataclass(frozen=True)
class Operation:
    """One operation of the document, completed in place."""

    path: str
    method: str
    body: Schema

    @property
    def answers(self) -> dict[str, Schema]:
        """What may be answered, by status."""
        found: dict[str, Schema] = self.body["responses"]
        return found

    def parameter(self, name: str) -> Schema | None:
        """The parameter of this name, however it is written."""
        parameters: list[Schema] = self.body.get("parameters", [])
        return next((it for it in parameters if it["name"].lower() == name.lower()), None)

    def may_refuse(self, *statuses: str) -> None:
        """Declare these refusals, if they are not."""
        for status in statuses:
            self.answers.setdefault(status, {"description": "A problem (RFC 9457)."})

    def carries(self, header: str, *statuses: str) -> None:
        """Declare a header field of these answers, where they are declared."""
        for status in statuses:
            if status in self.answers:
                field = {"description": HEADERS[header], "schema": {"type": "string"}}
                self.answers[status].setdefault("headers", {})[header] = field


def complete(app: FastAPI, token_url: str) -> Schema:
    """The document of an application whose access tokens are asked for at this address."""
    document = get_openapi(title=app.title, version=app.version, routes=app.routes)
    operations = list(_operations(document))
    asked = _asked(app)
    for operation in operations:
        _require_headers(operation)
        _ask_who_calls(operation, asked.get((operation.method, operation.path)))
        _declare_problems(operation)
    _declare_headers(operations)
    _declare_schemas(document)
    roles = sorted({role for each in asked.values() for role in each})
    document["components"]["securitySchemes"] = {SCHEME: _scheme(token_url, roles)}
    return document


def _operations(document: Schema) -> Iterator[Operation]:
    for path, methods in document["paths"].items():
        for method, body in methods.items():
            yield Operation(path, method, body)


def _asked(app: FastAPI) -> dict[tuple[str, str], Roles]:
    """The roles each operation asks for, by method and path; public ones are missing."""
    found: dict[tuple[str, str], Roles] = {}
    for route in iter_route_contexts(app.routes):
        dependant: Dependant | None = getattr(route, "dependant", None)
        roles = list(_roles_of(dependant)) if dependant is not None else []
        if roles:
            # A route may ask for any caller where it knows the key and for a role beside it.
            strictest = max(roles, key=bool)
            for method in route.methods or ():
                found[method.lower(), str(route.path)] = strictest
    return found


def _roles_of(dependant: Dependant) -> Iterator[Roles]:
    roles = roles_asked_by(dependant.call)
    if roles is not None:
        yield roles
    for inner in dependant.dependencies:
        yield from _roles_of(inner)


def _require_headers(operation: Operation) -> None:
    """FastAPI knows them as optional, because our own refusal says more than its own would."""
    for name, refusals in NEEDED.items():
        parameter = operation.parameter(name)
        if parameter is None:
            continue
        schema = parameter["schema"]
        options = [it for it in schema.pop("anyOf", []) if it != {"type": "null"}]
        parameter["required"] = not _is_free(operation, name)
        parameter["schema"] = schema | (options[0] if options else {})
        if parameter["required"]:
            operation.may_refuse(*refusals)


def _is_free(operation: Operation, name: str) -> bool:
    """Whether a condition counts only where it is sent: then its absence is never refused."""
    return name == CONDITION and "412" in operation.answers and "428" not in operation.answers


def _ask_who_calls(operation: Operation, roles: Roles | None) -> None:
    if roles is None:
        return
    operation.body["security"] = [{SCHEME: [role]} for role in roles] or [{SCHEME: []}]
    operation.body["description"] += f"\n\n**For:** {_who(roles)}."
    operation.may_refuse("401", *(["403"] if roles else []))


def _who(roles: Roles) -> str:
    """Who may call, for people: viewers hide the scopes of a security scheme."""
    if not roles:
        return "every authenticated subject"
    return "whoever holds the role " + " or ".join(f"`{role}`" for role in roles)


def _declare_problems(operation: Operation) -> None:
    """Every refusal that the route has not described otherwise is a problem."""
    operation.may_refuse("default")
    for status, answer in operation.answers.items():
        content = answer.get("content", {})
        is_described = content and MEDIA_TYPE not in content
        if status[0] not in "45d" or (is_described and not _is_frameworks_own(content)):
            continue
        answer["content"] = PROBLEM
    operation.answers["default"]["description"] = "Any other refusal, or a fault (RFC 9457)."


def _is_frameworks_own(content: Schema) -> bool:
    reference: str = content.get("application/json", {}).get("schema", {}).get("$ref", "")
    return reference.rpartition("/")[2] in FRAMEWORKS_OWN


def _declare_headers(operations: Iterable[Operation]) -> None:
    operations = list(operations)
    versioned = set(_versioned(operations))
    for operation in operations:
        operation.carries("WWW-Authenticate", "401")
        operation.carries("Retry-After", "429", "503")
        if operation.parameter("cursor"):
            operation.carries("Link", "200")
        if operation.parameter(KEY):
            operation.carries("Location", "200" if operation.method == "put" else "201")
        if operation.parameter(CONDITION) or _thing(operation, versioned) is not None:
            if operation.method == "get":
                _may_be_known(operation)
            operation.carries("ETag", "200", "201", "204", "304")


def _may_be_known(operation: Operation) -> None:
    """A caller who has the present version already is told so instead (304), by the gate."""
    operation.body.setdefault("parameters", []).append(
        {
            "name": KNOWN,
            "in": "header",
            "required": False,
            "schema": {"type": "string"},
            "description": "ETags of versions you hold; 304 if one of them would be sent.",
        },
    )
    operation.answers.setdefault("304", {"description": "Not changed."})


def _versioned(operations: Iterable[Operation]) -> Iterator[str]:
    """The addresses of things that have versions: requests for them may carry conditions."""
    for operation in operations:
        if operation.method == "get" and "304" in operation.answers:
            yield operation.path
        elif operation.parameter(CONDITION):
            head, _, tail = operation.path.rpartition("/")
            yield operation.path if tail.startswith("{") else head


def _thing(operation: Operation, versioned: Iterable[str]) -> str | None:
    """The versioned thing that an operation reads, or makes in its list."""
    if operation.method == "get":
        return operation.path if operation.path in versioned else None
    within = (path for path in versioned if path.rpartition("/")[0] == operation.path)
    return next(within, None)


def _declare_schemas(document: Schema) -> None:
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for name in FRAMEWORKS_OWN:
        schemas.pop(name, None)
    # What a field is read into is no part of the interface: nothing in the document refers to it.
    said = repr(document)
    for name in [it for it in schemas if repr(REFERENCE.format(model=it)) not in said]:
        del schemas[name]
    for schema in schemas.values():
        if SHOWN in schema:
            schema["examples"] = [json.loads(schema.pop(SHOWN))]
    problem = Problem.model_json_schema(ref_template=REFERENCE, by_alias=True)
    schemas |= problem.pop("$defs") | {"Problem": problem}


def _scheme(token_url: str, roles: Iterable[str]) -> Schema:
    """How a caller gets a token (RFC 6749 section 4.4) and proves who it is (RFC 7523)."""
    return {
        "type": "oauth2",
        "description": (
            "Client credentials; the client authenticates with a signed assertion "
            "(private_key_jwt, RFC 7523). Scopes are roles of the client's organisation; an "
            "operation needs one of those it names. The token is a JWT of ten minutes."
        ),
        "flows": {
            "clientCredentials": {
                "tokenUrl": token_url,
                "scopes": {role: f"What the role {role} may do." for role in roles},
            },
        },
    }
