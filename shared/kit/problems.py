"""RFC 9457 problem details for every refusal and fault; nothing submitted is ever echoed.

A problem is made of codes and ids. Its words are added while it is sent, in the language the
request asks for (RFC 9110 section 12.5.4), so that what is kept of an answer has none.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, JsonValue
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from shared.kit.database import is_passing
from shared.kit.errors import STATUS_OF_KIND, DomainError, Unauthenticated, Unavailable
from shared.kit.logging import describe, logger
from shared.kit.routing import methods_at
from shared.texts import TextLanguage, Texts, accepted, shared_texts

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:nhipcau:problem:"

RETRY_AFTER: Mapping[str, str] = {"unavailable": "5", "not_yet": "1"}
"""Seconds: a restart takes some, a message of another service usually less than one."""
WAITS = "retry_after"
"""The fact of a refusal that says so of itself."""
OK = 200


EXAMPLE: dict[str, JsonValue] = {
    "type": "urn:nhipcau:problem:invalid-request",
    "title": "Có trường trong yêu cầu không đúng quy định.",
    "status": 422,
    "errors": [
        {
            "in": "body",
            "pointer": "/issued_on",
            "rule": "date_parsing",
            "message": "Phải là ngày viết dạng YYYY-MM-DD.",
        }
    ],
}


class BrokenRule(BaseModel):
    """A field that breaks a rule; the rule's own limits follow, what was sent never does."""

    model_config = ConfigDict(extra="allow")

    place: str = Field(
        alias="in", description="The part of the request: `body`, `query`, `path` or `header`."
    )
    pointer: str = Field(description="The place of the field, as a JSON pointer (RFC 6901).")
    rule: str = Field(description="The code of the rule that is broken.")
    message: str = Field(
        description="What the rule asks for, in words, in the language of the answer."
    )


class Problem(BaseModel):
    """Why a request was refused, or that it failed (RFC 9457). Other members are ids and codes."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"examples": [EXAMPLE]})

    type: str = Field(
        description="What happened, as a URI that never changes: programs decide by it."
    )
    title: str = Field(
        description="What happened in words, for people, in the language that `Accept-Language`"
        " asks for: `vi` or `en`; Vietnamese if it asks for neither."
    )
    status: int = Field(ge=400, le=599, description="The HTTP status of the answer.")
    errors: list[BrokenRule] = Field(
        default=[],
        description="The fields that break a rule, with `urn:nhipcau:problem:invalid-request` and"
        " problems about single fields.",
    )


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The refusals a route may answer with, for its reference."""
    return {
        status: {"description": "A problem (RFC 9457).", "content": {MEDIA_TYPE: {}}}
        for status in statuses
    }


Members = dict[str, Any]


class ProblemResponse(JSONResponse):
    """A problem document, worded for whoever asked when it is sent to them."""

    def __init__(
        self, members: Members, status: int, headers: Mapping[str, str] | None = None
    ) -> None:
        """Take what the problem is made of: its type, its status, ids and codes."""
        super().__init__(members, status, media_type=MEDIA_TYPE)
        self._members = members
        self._fields = dict(headers or {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102 - ASGI
        language = accepted(Headers(scope=scope).getlist("accept-language"))
        body = worded(self._members, texts_of(scope), language)
        headers = {**self._fields, **spoken_in(language)}
        answer = JSONResponse(body, self.status_code, headers=headers, media_type=MEDIA_TYPE)
        await answer(scope, receive, send)


def spoken_in(language: TextLanguage) -> dict[str, str]:
    """The header fields of an answer whose words depend on who asks."""
    return {"Content-Language": language, "Vary": "Accept-Language"}


def texts_of(scope: Scope) -> Texts:
    """What the application of a request says."""
    state = getattr(scope.get("app"), "state", None)
    found: Texts = getattr(state, "texts", None) or shared_texts()
    return found


def worded(members: Members, texts: Texts, language: TextLanguage) -> Members:
    """A problem with its title, and with what each broken rule asks for."""
    code = str(members["type"]).removeprefix(TYPE_PREFIX)
    title = _say(texts, language, VOCABULARY, code)
    said = {**members, "title": title}
    if "errors" in members:
        said["errors"] = [
            {**each, "message": _say(texts, language, RULES, str(each["rule"]), **_facts(each))}
            for each in members["errors"]
        ]
    return said


def _facts(broken: Members) -> Members:
    """What a rule's text may name; the last "or" of a list of values is of no language but one."""
    expected = str(broken.get("expected", "")).replace("' or '", "', '")
    return {**broken, "expected": expected}


def _say(texts: Texts, language: TextLanguage, vocabulary: str, code: str, **facts: Any) -> str:
    known = code if texts.has(vocabulary, code) else OTHER
    return texts.say(language, vocabulary, known, **facts)


VOCABULARY = "problem"
RULES = "rule"
OTHER = "other"
"""What is said of a code that no catalogue knows; a test finds every code that has no text."""


def problem(
    status: int, code: str, *, fields: Mapping[str, str] | None = None, **facts: Any
) -> ProblemResponse:
    """A problem document. ``facts`` are ids and codes (RFC 9457 section 3.2)."""
    return ProblemResponse({"type": TYPE_PREFIX + code, "status": status, **facts}, status, fields)


def members(error: DomainError) -> Members:
    """The body of the problem a refusal becomes, without its words."""
    status = STATUS_OF_KIND[error.kind]
    return {"type": TYPE_PREFIX + error.code(), "status": status, **error.facts}


def headers(error: DomainError) -> dict[str, str]:
    """The header fields that belong to a refusal."""
    if isinstance(error, Unauthenticated):
        return {"WWW-Authenticate": "Bearer"}
    seconds = error.facts.get(WAITS) or RETRY_AFTER.get(error.kind)
    return {"Retry-After": str(seconds)} if seconds else {}


def refusal(error: DomainError) -> ProblemResponse:
    """The problem a refusal becomes (RFC 9457)."""
    return ProblemResponse(members(error), STATUS_OF_KIND[error.kind], headers(error))


def nothing_here() -> ProblemResponse:
    """The problem of an address at which there is nothing."""
    return _plain(NOT_FOUND)


def _plain(status: int, fields: Mapping[str, str] | None = None) -> ProblemResponse:
    """A problem that says no more than its status does."""
    return problem(status, f"http-{status}", fields=fields)


SAFE_LOCATION = re.compile(r"[a-z][a-z0-9_]*")


def _pointer(location: tuple[int | str, ...]) -> str:
    """A JSON pointer (RFC 6901) made of our own field names and of positions only.

    A key of the submitted body may itself be a name or a number, so what is not a plain
    identifier is not repeated.
    """
    steps = (
        str(step) if isinstance(step, int) or SAFE_LOCATION.fullmatch(step) else "?"
        for step in location[1:]
    )
    return "/" + "/".join(steps)


def _place(location: tuple[int | str, ...], body: Any) -> tuple[int | str, ...]:
    """A location without the steps that name a branch of a union: they are no place in the body."""
    kept: list[int | str] = list(location[:1])
    here = body
    for step in location[1:-1]:
        if isinstance(here, dict) and step not in here:
            continue
        kept.append(step)
        is_there = isinstance(here, dict) or (isinstance(here, list) and isinstance(step, int))
        here = here[step] if is_there else None
    return (*kept, *location[1:][-1:])


def invalid_body(error: RequestValidationError) -> ProblemResponse:
    """Which field broke which rule; of an unknown field only the parent is named."""
    found = [
        {
            "in": str(item["loc"][0]),
            "pointer": _pointer(
                _place(
                    item["loc"][:-1] if item["type"] == "extra_forbidden" else item["loc"],
                    error.body,
                )
            ),
            "rule": item["type"],
            **_limits(item.get("ctx")),
        }
        for item in error.errors()
    ]
    return problem(422, "invalid-request", errors=found)


def _limits(context: Mapping[str, Any] | None) -> dict[str, Any]:
    """What the rule allows, taken from the rule and never from the request."""
    known = ("expected", "min_length", "max_length", "ge", "gt", "le", "lt", "pattern", "rule")
    return {name: context[name] for name in known if context and name in context}


Note = Callable[[Request, DomainError], Awaitable[None]]


def install(app: FastAPI, note: Note) -> None:
    """Answer every error of an application as a problem, FastAPI's own included.

    ``note`` is told of every refusal before it is answered.
    """

    @app.exception_handler(DomainError)
    async def _refused(request: Request, error: DomainError) -> ProblemResponse:
        await note(request, error)
        return refusal(error)

    @app.exception_handler(RequestValidationError)
    async def _invalid(_: Request, error: RequestValidationError) -> ProblemResponse:
        return invalid_body(error)

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> ProblemResponse:
        if isinstance(error.__cause__, DomainError):
            # FastAPI wraps whatever is raised while it reads a body into a 400 of its own.
            return refusal(error.__cause__)
        fields = dict(error.headers or {})
        if error.status_code == METHOD_NOT_ALLOWED:
            # The framework names the methods of the first route of this address only.
            fields["Allow"] = ", ".join(methods_at(app, request.scope["path"]))
        return _plain(error.status_code, fields)

    async def _database(_: Request, error: Exception) -> ProblemResponse:
        if not is_passing(error):
            # A statement that can never succeed is a fault of ours: no waiting mends it.
            raise error
        logger().warning("database_unavailable", error=type(error).__name__)
        return refusal(Unavailable())

    for database_fault in (DBAPIError, PoolTimeout):
        app.add_exception_handler(database_fault, _database)

    @app.exception_handler(Exception)
    async def _fault(_: Request, error: Exception) -> ProblemResponse:
        # The text of an exception may carry values; its class and its place never do.
        logger().error("fault", **describe(error))
        # This answer is made outside all middleware, so it says itself that nobody may store it.
        return problem(500, "fault", fields={"Cache-Control": "no-store"})


NOT_FOUND = 404
METHOD_NOT_ALLOWED = 405
