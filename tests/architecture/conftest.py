"""Each service's own application."""

import importlib
from pathlib import Path

import pytest
from fastapi import FastAPI

from deploy.stack.environment import Environment, Process
from deploy.stack.keys import Keys
from shared.contracts import Queue


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return Keys.make(tmp_path_factory.mktemp("secrets"))


@pytest.fixture
def application(
    queue: Queue, keys: Keys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> FastAPI:
    """The service's own application, composed by its own composition root; nothing is connected."""
    environment = Environment(
        keys=keys,
        url_of=lambda database, role: f"postgresql+psycopg://{role}@/{database}?host={tmp_path}",
        broker_url_of=lambda _: f"redis+socket://{tmp_path}/no.sock",
        base_url="https://nhipcau.test",
    )
    for name, value in environment.of(queue, Process.API).items():
        monkeypatch.setenv(name, value)
    made: FastAPI = importlib.import_module(f"services.{queue}.app").create()
    return made
