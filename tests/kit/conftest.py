"""The kit under test, on a tiny service of its own in the database of ``verification``."""

from collections.abc import Callable, Sequence
from uuid import uuid4

import pytest
from fastapi import APIRouter
from sqlalchemy import Engine

from shared.contracts import Queue
from tests.kit import things


@pytest.fixture(scope="session")
def service() -> Queue:
    return Queue.VERIFICATION


@pytest.fixture(scope="session", autouse=True)
def tables(engine_of: Callable[[str], Engine], service: Queue) -> None:
    things.THINGS.create(engine_of(service))


@pytest.fixture
def routers() -> Sequence[APIRouter]:
    return [things.router]


@pytest.fixture
def keyed(token_for: Callable[..., dict[str, str]]) -> Callable[..., dict[str, str]]:
    """Headers of a creating request: ``keyed()`` or ``keyed(key, client_id=...)``."""

    def make(key: str | None = None, client_id: str = "test-client") -> dict[str, str]:
        headers = token_for("receiver", client_id=client_id)
        return {**headers, "Idempotency-Key": key or f'"{uuid4()}"'}

    return make
