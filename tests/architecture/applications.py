"""The applications of all services, and what there is to see of their routes."""

import pytest
from fastapi import FastAPI
from fastapi.routing import RouteContext, iter_route_contexts

from shared.contracts import Queue

SERVICES = pytest.mark.parametrize("queue", Queue)


def routes(application: FastAPI) -> list[RouteContext]:
    """Every route, those of included routers with their full addresses."""
    return list(iter_route_contexts(application.routes))
