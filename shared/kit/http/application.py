"""The application of a service: its routes, its health, its documents, its gate."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, FastAPI
from sqlalchemy import text
from starlette.types import Lifespan

from shared.kit import openapi, problems
from shared.kit.group_commit import GroupCommit
from shared.kit.http.edge import Edge, ReadSession
from shared.kit.http.gate import Gate
from shared.kit.http.readiness import Readiness
from shared.kit.http.refusals import Refusals
from shared.kit.http.vocabulary import router as vocabulary
from shared.kit.routing import Router
from shared.kit.tally import Tally


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
    """An application at ``/<service>/v1`` that answers, errors included, as all services do.

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
        # A redirect would lead to wherever the Host header says, and over plain HTTP.
        redirect_slashes=False,
    )
    app.state.edge = edge
    app.state.verifier = edge.verifier
    app.state.texts = edge.texts
    app.state.tally = tally = Tally()
    app.state.readings = Tally()
    for name, value in state.items():
        setattr(app.state, name, value)
    problems.install(app, Refusals(edge, tally).note)
    for router in (*routers, vocabulary):
        app.include_router(router, prefix=f"{base}/v1")
    app.include_router(_health(base, readiness(edge, state)), include_in_schema=False)
    app.add_middleware(Gate)
    return app


def readiness(edge: Edge, state: Mapping[str, Any]) -> Readiness:
    """What is asked: the database, and each desk of the service."""
    desks = {name: it.probe for name, it in state.items() if isinstance(it, GroupCommit)}
    return Readiness(edge.begin, desks)


def _health(base: str, ready: Readiness) -> APIRouter:
    router = Router()

    @router.get("/healthz")
    @router.get(f"{base}/healthz")
    def health(session: ReadSession) -> dict[str, str]:
        """Whether this process answers and reaches its database."""
        session.execute(text("SELECT 1"))
        return {"status": "ready"}

    @router.get("/readyz")
    @router.get(f"{base}/readyz")
    def readyz() -> dict[str, str]:
        """Whether this process can commit what it is sent now; 503 if it cannot."""
        ready.check()
        return {"status": "ready"}

    return router
