"""The console's application: pages, their files, and refusals that are pages as well."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.console import pages
from services.console.assets import Assets
from services.console.views import GUARDED, Views
from shared.kit.errors import DomainError
from shared.kit.problems import STATUS_OF_KIND

NOT_FOUND = 404
UNREADABLE = 422


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


def create() -> FastAPI:
    """The application; raises ``AssetsMissing``."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.state.assets = Assets.built()
    app.state.views = Views(app.state.assets)
    app.include_router(pages.router)
    app.add_exception_handler(DomainError, _refused)
    app.add_exception_handler(HTTPException, _not_there)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_middleware(Guard)
    return app


async def _refused(request: Request, refusal: Exception) -> Response:
    status = STATUS_OF_KIND[refusal.kind] if isinstance(refusal, DomainError) else NOT_FOUND
    return _page(request, status)


async def _not_there(request: Request, fault: Exception) -> Response:
    return _page(request, fault.status_code if isinstance(fault, HTTPException) else NOT_FOUND)


async def _unreadable(request: Request, _fault: Exception) -> Response:
    return _page(request, UNREADABLE)


def _page(request: Request, status: int) -> Response:
    views: Views = request.app.state.views
    title = "page-not-found" if status == NOT_FOUND else "page-refused"
    return views.page(request, "refusal.html", title, status=status)
