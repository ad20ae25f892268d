"""All five APIs and the console behind one port, for a machine without a reverse proxy."""

import importlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from services.console import app as console
from services.console.assets import are_built
from shared.contracts import Queue
from shared.kit import problems


class ByFirstSegment:
    """Hands a request to the service its path begins with, and any other to the console."""

    def __init__(self, apps: dict[str, ASGIApp], otherwise: ASGIApp) -> None:
        self._apps = apps
        self._otherwise = otherwise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102 - ASGI
        first = scope["path"].split("/", 2)[1]
        name = "intake" if first in {"healthz", "readyz"} else first
        await self._apps.get(name, self._otherwise)(scope, receive, send)


def create() -> Starlette:
    """The services' own applications, each started and closed with this one."""
    return before(
        {
            service.segment: importlib.import_module(f"services.{service}.app").create()
            for service in Queue
        },
        # Who only calls the APIs has not built what browsers are given.
        console.create() if are_built() else None,
    )


def before(apps: dict[str, FastAPI], otherwise: FastAPI | None = None) -> Starlette:
    """One application before these, by the first segment of the path, and before another."""

    @asynccontextmanager
    async def lifespan(_front: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as running:
            for app in [*apps.values(), *([otherwise] if otherwise else [])]:
                await running.enter_async_context(app.router.lifespan_context(app))
            yield

    front = Starlette(lifespan=lifespan)
    # Not a route: a route's pattern does not match a path with a line break in it.
    front.router.default = ByFirstSegment(dict(apps), otherwise or problems.nothing_here())
    return front
