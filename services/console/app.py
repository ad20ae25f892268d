"""The console's application: pages, their files, and refusals that are pages as well."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.console import pages
from services.console.assets import Assets
from services.console.clients import Access, Exchange, LoggedOut, Problem, ServiceDown
from services.console.pages.edge import Cookies, Rules, has_session
from services.console.pages.kept import is_sent, kept
from services.console.pages.known import KnownNames
from services.console.pages.ways import note_wanted
from services.console.settings import ConsoleSettings
from services.console.views import GUARDED, Views
from shared.kit.errors import STATUS_OF_KIND, DomainError
from shared.kit.logging import describe, logger

UNAUTHENTICATED = 401
NOT_FOUND = 404
UNREADABLE = 422
FAULT, DOWN = 500, 503
REFERENCE = 4
"""Bytes: as long as what somebody reads out on the phone."""
WORTH_COMPRESSING = 1000
"""Bytes."""
BUILT = ("text/css", "text/javascript", "application/json", "text/plain")
"""What lies there compressed, or is not worth it."""


class Guard:
    """Says of every answer what a browser may do with it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102 - ASGI
        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                said = [(name.lower().encode(), it.encode()) for name, it in GUARDED.items()]
                message["headers"] = [*message["headers"], *said]
            await send(message)

        await self._app(scope, receive, guarded if scope["type"] == "http" else send)


def create(settings: ConsoleSettings | None = None) -> FastAPI:
    """The application, told by its environment; raises ``AssetsMissing``."""
    told = settings or ConsoleSettings()
    exchange = Exchange(_access(told))

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        await exchange.close()

    app = FastAPI(
        openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False, lifespan=lifespan
    )
    app.state.rules = Rules(told.address, told.exit_to, told.is_behind_proxy)
    app.state.exchange = exchange
    app.state.known_names = KnownNames()
    app.state.assets = Assets.built()
    app.state.views = Views(
        app.state.assets, is_sandbox=told.is_sandbox, help_number=told.help_number
    )
    app.include_router(pages.router)
    app.add_exception_handler(DomainError, _refused)
    app.add_exception_handler(HTTPException, _not_there)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(Problem, _refused_by_an_api)
    app.add_exception_handler(ServiceDown, _down)
    app.add_exception_handler(LoggedOut, _to_log_in)
    app.add_exception_handler(Exception, _fault)
    app.add_middleware(Guard)
    # No page of another site can ask for one of ours in somebody's name (SameSite=Strict), and see
    # by its length what it says.
    app.add_middleware(
        GZipMiddleware,
        minimum_size=WORTH_COMPRESSING,
        compresslevel=6,
        exclude_content_types=(*DEFAULT_EXCLUDED_CONTENT_TYPES, *BUILT),
    )
    return app


def _access(settings: ConsoleSettings) -> Access:
    return Access.of(
        api_url=settings.apis,
        token_url=settings.token_endpoint,
        client_id=settings.client_id,
        jwk=settings.key_file.read_bytes(),
    )


async def _refused(request: Request, refusal: Exception) -> Response:
    status = STATUS_OF_KIND[refusal.kind] if isinstance(refusal, DomainError) else NOT_FOUND
    return _page(request, status)


async def _not_there(request: Request, fault: Exception) -> Response:
    return _page(request, fault.status_code if isinstance(fault, HTTPException) else NOT_FOUND)


async def _unreadable(request: Request, _fault: Exception) -> Response:
    return _page(request, UNREADABLE)


async def _refused_by_an_api(request: Request, problem: Exception) -> Response:
    """Whatever a page did not answer itself; without its words where nothing is to be seen."""
    if not isinstance(problem, Problem) or problem.status == NOT_FOUND:
        return _page(request, NOT_FOUND)
    return _page(request, problem.status, problem.title)


async def _down(request: Request, fault: Exception) -> Response:
    reference = _noted("service_down", fault)
    return kept(request, "page-down", "down-lead", status=DOWN, reference=reference)


async def _fault(request: Request, fault: Exception) -> Response:
    """What nobody foresaw. A form can be sent again: its key makes it count once."""
    reference = _noted("fault", fault)
    answer = kept(request, "page-fault", "fault-lead", status=FAULT, reference=reference)
    # This answer is made outside all middleware, so it says itself what a browser may do with it.
    answer.headers.update(GUARDED)
    return answer


def _noted(event: str, fault: Exception) -> str:
    """The reference by which whoever operates finds in the log what a person met on a page."""
    reference = secrets.token_hex(REFERENCE)
    logger().error(event, correlation_id=reference, **describe(fault))
    return reference


async def _to_log_in(request: Request, _fault: Exception) -> Response:
    if is_sent(request):
        return kept(request, "logged-out-title", "logged-out-lead", status=UNAUTHENTICATED)
    answer = RedirectResponse("/log-in", status_code=303)
    note_wanted(request, answer, Cookies.of(request.app.state.rules))
    return answer


TITLES = {NOT_FOUND: "page-not-found", DOWN: "page-down"}


def _page(request: Request, status: int, why: str = "") -> Response:
    views: Views = request.app.state.views
    title = TITLES.get(status, "page-refused")
    facts = {"why": why, "is_logged_in": has_session(request)}
    return views.page(request, "refusal.html", title, status=status, **facts)
