"""The kit under test, on a tiny service of its own in the database of ``verification``."""

from collections.abc import Callable, Iterator, Sequence
from uuid import uuid4

import pytest
from fastapi import APIRouter
from sqlalchemy import Engine, text

from deploy.local.postgres import Postgres
from shared.contracts import Queue
from shared.kit.database import Database, make_engine
from tests.faraway import between, faraway
from tests.faults.proxy import Proxy
from tests.kit import things

PATIENCE = 2.0
"""Seconds that an answer is waited for on the way to a server of its own."""


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


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A server that is reached over TCP, with tables ``marks`` and ``rooms``."""
    with faraway(
        "CREATE ROLE lab LOGIN SUPERUSER PASSWORD 'lab'",
        "CREATE TABLE marks (mark int)",
        "CREATE TABLE rooms (room int PRIMARY KEY DEFERRABLE)",
    ) as server:
        yield server


@pytest.fixture
def way(postgres: Postgres) -> Iterator[Proxy]:
    """What lies between us and that server."""
    with between(postgres) as made:
        yield made


@pytest.fixture
def far(postgres: Postgres, way: Proxy) -> Iterator[Database]:
    """That server's database, on one connection, which waits for answers for a moment only."""
    url = postgres.tcp_url("postgres", "lab", "lab", port=way.port)
    engine = make_engine(url, pool_size=1, silent_seconds=PATIENCE)
    made = Database(engine)
    with made.begin() as session:
        session.execute(text("TRUNCATE marks, rooms"))
    yield made
    engine.dispose()
