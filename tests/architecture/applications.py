"""The applications of all services, and what there is to see of their routes."""

import importlib
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.routing import RouteContext, iter_route_contexts

from deploy.stack.environment import Environment, Process
from deploy.stack.keys import Keys
from shared.contracts import Queue

SERVICES = pytest.mark.parametrize("queue", Queue)


def compose(queue: Queue, keys: Keys, folder: Path, monkeypatch: pytest.MonkeyPatch) -> FastAPI:
    """A service's application, composed by its own composition root; nothing is connected."""
    environment = Environment(
        keys=keys,
        url_of=lambda database, role: f"postgresql+psycopg://{role}@/{database}?host={folder}",
        broker_url_of=lambda _: f"redis+socket://{folder}/no.sock",
        base_url="https://nhipcau.test",
    )
    for name, value in environment.of(queue, Process.API).items():
        monkeypatch.setenv(name, value)
    made: FastAPI = importlib.import_module(f"services.{queue}.app").create()
    return made


def routes(application: FastAPI) -> list[RouteContext]:
    """Every route, those of included routers with their full addresses."""
    return list(iter_route_contexts(application.routes))
