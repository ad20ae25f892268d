"""Each service's own application."""

from pathlib import Path

import pytest
from fastapi import FastAPI

from deploy.stack.keys import Keys
from shared.contracts import Queue
from tests.architecture.applications import compose


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return Keys.make(tmp_path_factory.mktemp("secrets"))


@pytest.fixture
def application(
    queue: Queue, keys: Keys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> FastAPI:
    return compose(queue, keys, tmp_path, monkeypatch)
