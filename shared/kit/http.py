"""The HTTP edge every service shares: application, limits, sessions, creating requests."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, FastAPI, Header, Request
from fastapi.responses import HTMLResponse, JSONResponse
from sqlalchemy import text
from sqlalchemy.orm import Session
from starlette.types import ASGIApp, Lifespan, Message, Receive, Scope, Send

from shared.kit import audit, idempotency, openapi, problems, reference
from shared.kit.auth import Caller, TokenVerifier, caller_of
from shared.kit.clock import Clock
from shared.kit.database import Begin, retry_on_conflict, savepoint
from shared.kit.errors import DomainError, NotYet
from shared.kit.idempotency import Answer, Attempt
from shared.kit.identifiers import new_id
from shared.kit.routing import Router

LARGEST_BODY = 64 * 1024


class BodyTooLarge(DomainError):
    """A request body may have at most 65,536 bytes."""

    kind = "too_large"


@dataclass(frozen=True)
class Edge:
    """What routes need from their composition root."""

    service: str
    title: str
    begin: Begin
    read: Begin
    verifier: TokenVerifier
    clock: Clock
    token_url: str = "/token"  # noqa: S105 - an address
    """Where access tokens are asked for, as the reference tells it."""


class Api(FastAPI):
    """An application that tells in its OpenAPI document what all its operations have in common."""

    def openapi(self) -> dict[str, Any]:
        """The document, made when it is first asked for."""
        if self.openapi_schema is None:
            edge: Edge = self.state.edge
            self.openapi_schema = openapi.complete(self, edge.token_url)
        return self.openapi_schema


def create_api(
    edge: Edge,
    routers: Sequence[APIRouter],
    *,
    lifespan: Lifespan[FastAPI] | None = None,
    **state: Any,
) -> FastAPI:
    """An application at ``/<service>/v1`` whose every answer, errors included, follows the house.

    ``state`` holds what the service's own routes read from ``request.app.state``.
    """
    base = "/" + edge.service.replace("_", "-")
    app = Api(
        title=edge.title,
        version="1",
        openapi_url=f"{base}/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        redirect_slashes=False,
    )
    app.state.edge = edge
    app.state.verifier = edge.verifier
    for name, value in state.items():
        setattr(app.state, name, value)
    problems.install(app)
    for router in routers:
        app.include_router(router, prefix=f"{base}/v1")
    app.include_router(_health(base), include_in_schema=False)
    app.include_router(_documents(base), include_in_schema=False)
    app.add_middleware(Limits)
    return app


def _health(base: str) -> APIRouter:
    router = Router()

    @router.get("/healthz")
    @router.get(f"{base}/healthz")
    def ready(session: "ReadSession") -> dict[str, str]:
        """Whether this process answers and reaches its database."""
        session.execute(text("SELECT 1"))
        return {"status": "ready"}

    return router


def _documents(base: str) -> APIRouter:
    router = Router()

    @router.get(f"{base}/docs", response_class=HTMLResponse)
    def reference_page(request: Request) -> HTMLResponse:
        """The API's reference for people."""
        return HTMLResponse(reference.render(request.app.openapi()))

    return router


class Limits:
    """Refuses bodies over 64 KiB, and lets no answer be stored by anything in between."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102 - ASGI
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        reading = _Reading(scope, receive, send)
        length = dict(scope["headers"]).get(b"content-length", b"0")
        if not length.isdigit() or int(length) > LARGEST_BODY:
            await reading.refuse()
            return
        await self._app(scope, reading.receive, reading.send)


class _Reading:
    """One request whose body is counted while it is read."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._taken = 0
        self._has_begun = False
        self._is_refused = False

    async def receive(self) -> Message:
        """The next piece of the body."""
        message = await self._receive()
        self._taken += len(message.get("body", b""))
        if self._taken > LARGEST_BODY:
            raise BodyTooLarge
        return message

    async def send(self, message: Message) -> None:
        """Send a piece of the answer; FastAPI would answer 400 to a body that ended too large."""
        if self._is_refused:
            return
        if self._taken > LARGEST_BODY and not self._has_begun:
            await self.refuse()
            return
        await self._send_unstored(message)

    async def refuse(self) -> None:
        """Answer that the body is too large."""
        self._is_refused = True
        await problems.refusal(BodyTooLarge())(self._scope, self._receive, self._send_unstored)

    async def _send_unstored(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._has_begun = True
            message["headers"] = [*message["headers"], (b"cache-control", b"no-store")]
        await self._send(message)


# What waits for nothing runs on the loop itself: FastAPI hands any other dependency to a thread,
# which costs more than most of them do.
async def edge_of(request: Request) -> Edge:
    """Dependency: the edge this application was made with."""
    edge: Edge = request.app.state.edge
    return edge


def _read_session(edge: Annotated[Edge, Depends(edge_of)]) -> Iterator[Session]:
    with edge.read() as session:
        yield session


# Function scope: the session closes, and a write commits, before the answer leaves.
ReadSession = Annotated[Session, Depends(_read_session, scope="function")]


async def _now(edge: Annotated[Edge, Depends(edge_of)]) -> datetime:
    return edge.clock()


Now = Annotated[datetime, Depends(_now)]

Act = Callable[[Session, datetime], Answer]
Reveal = Callable[[Session, Answer], dict[str, Any]]


class Once:
    """A creating request: its effect happens once, and every repeat gets the first answer."""

    def __init__(self, edge: Edge, caller: Caller, attempt: Attempt, object_id: UUID) -> None:
        self._edge = edge
        self._caller = caller
        self._attempt = attempt
        self._object_id = object_id

    def answer(self, act: Act, *, reveal: Reveal | None = None) -> JSONResponse:
        """Act in one transaction, or repeat the stored answer.

        ``reveal`` adds to the body what must not be stored, read anew at every repeat.
        """
        answer, body = retry_on_conflict(lambda: self._transact(act, reveal))
        media_type = None if answer.is_success else problems.MEDIA_TYPE
        return JSONResponse(body, answer.status, headers=answer.headers, media_type=media_type)

    def _transact(self, act: Act, reveal: Reveal | None) -> tuple[Answer, dict[str, Any]]:
        with self._edge.begin() as session:
            known = idempotency.recall(session, [self._attempt])[0]
            if isinstance(known, DomainError):
                raise known
            answer = known or self._act(session, act)
            if reveal is None or not answer.is_success:
                return answer, answer.body
            return answer, reveal(session, answer)

    def _act(self, session: Session, act: Act) -> Answer:
        now = self._edge.clock()
        try:
            with savepoint(session):
                answer = act(session, now)
        except NotYet:
            # Not kept under the key: the very same request becomes possible shortly.
            raise
        except DomainError as error:
            answer = self._refused(session, error, now)
        idempotency.remember(session, [(self._attempt, answer)], now=now)
        return answer

    def _refused(self, session: Session, error: DomainError, now: datetime) -> Answer:
        audit.record(
            session,
            actor=self._caller.actor,
            action=self._attempt.route,
            object_id=self._object_id,
            now=now,
            outcome=error.code(),
        )
        return Answer(
            problems.STATUS_OF_KIND[error.kind],
            problems.members(error),
            problems.headers(error),
        )


async def attempt_of(
    request: Request,
    caller: Annotated[Caller, Depends(caller_of)],
    key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            description="The same request under the same key gets the first answer again. A quoted"
            " string (RFC 9651) or a bare UUID of the caller's own making; kept for 30 days.",
            json_schema_extra={"maxLength": idempotency.LONGEST},
        ),
    ] = None,
) -> Attempt:
    """Dependency: this request as the ledger of keys knows it."""
    return Attempt(
        client_id=caller.client_id,
        route=f"{request.method} {request.url.path}",
        key=idempotency.parse_key(key),
        fingerprint=idempotency.fingerprint(await request.body()),
    )


async def _once(
    request: Request,
    edge: Annotated[Edge, Depends(edge_of)],
    caller: Annotated[Caller, Depends(caller_of)],
    attempt: Annotated[Attempt, Depends(attempt_of)],
) -> Once:
    return Once(edge, caller, attempt, _object_of(request))


def _object_of(request: Request) -> UUID:
    """The thing a refusal is about: the id in the address, or a new one where there is none."""
    for value in request.path_params.values():
        try:
            return UUID(str(value))
        except ValueError:
            continue
    return new_id()


OnceOnly = Annotated[Once, Depends(_once)]
