"""All five APIs behind one port, for a machine without a reverse proxy."""

import importlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.contracts import Queue
from shared.kit import problems


class ByFirstSegment:
    """Hands a request to the service its path begins with."""

    def __init__(self, apps: dict[str, ASGIApp]) -> None:
        self._apps = apps

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102 - ASGI
        first = scope["path"].split("/", 2)[1]
        app = self._apps.get("intake" if first in {"healthz", "readyz"} else first)
        if app is None:
            missing = problems.nothing_here()
            await missing(scope, receive, send)
            return
        await app(scope, receive, send)


def create() -> Starlette:
    """The services' own applications, each started and closed with this one."""
    return before(
        {
            service.replace("_", "-"): importlib.import_module(f"services.{service}.app").create()
            for service in Queue
        }
    )


def before(apps: dict[str, FastAPI]) -> Starlette:
    """One application before these, by the first segment of the path."""

    @asynccontextmanager
    async def lifespan(_front: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as running:
            for app in apps.values():
                await running.enter_async_context(app.router.lifespan_context(app))
            yield

    front = Starlette(lifespan=lifespan)
    # Not a route: a route's pattern does not match a path with a line break in it.
    front.router.default = ByFirstSegment(dict(apps))
    return front
