"""The database's host goes silent, without a reset, while cases are being submitted (fault 29)."""

import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import func, select

from deploy.local.postgres import Postgres
from services.intake import api
from services.intake.models import Case
from shared.contracts import Queue
from shared.kit import migrations
from shared.kit.auth import TokenVerifier
from shared.kit.connections import SILENT_SECONDS
from shared.kit.crypto import MasterKeys
from shared.kit.database import Database, make_engine
from shared.kit.http import Edge, create_api
from shared.kit.http.waiting import ANSWER_SECONDS
from tests.conftest import wait_until
from tests.faraway import between, faraway
from tests.faults.proxy import Proxy
from tests.intake.answers import CASES, Headers
from tests.intake.builders import NOON, submission

READY = "/intake/readyz"


@pytest.fixture
def postgres() -> Iterator[Postgres]:
    with faraway(
        "CREATE ROLE intake LOGIN SUPERUSER PASSWORD 'intake'", "CREATE DATABASE intake"
    ) as server:
        migrations.upgrade(Queue.INTAKE, server.url("intake", "postgres"))
        yield server


@pytest.fixture
def way(postgres: Postgres) -> Iterator[Proxy]:
    with between(postgres) as made:
        yield made


@pytest.fixture
def database(postgres: Postgres, way: Proxy) -> Database:
    """As every process makes it, with the product's own patience."""
    return Database(make_engine(postgres.tcp_url("intake", "intake", "intake", port=way.port)))


@pytest.fixture
def client(database: Database, verifier: TokenVerifier, keys: MasterKeys) -> Iterator[TestClient]:
    desk = api.open_desk(database.begin, lambda: NOON)
    edge = Edge(
        service=Queue.INTAKE,
        title="intake",
        begin=database.begin,
        read=database.read,
        verifier=verifier,
        clock=lambda: NOON,
    )
    state: Mapping[str, Any] = {"desk": desk, "master_keys": keys}
    with TestClient(create_api(edge, [api.router], **state)) as made:
        yield made
    desk.close()


def stored(database: Database) -> int:
    with database.read() as session:
        return int(session.scalar(select(func.count()).select_from(Case)) or 0)


@pytest.mark.long
def test_a_silent_host_is_noticed_by_callers_at_once_and_by_the_desk_in_time(
    client: TestClient, database: Database, way: Proxy, sender: Headers
) -> None:
    def submit(key: str) -> Response:
        return client.post(CASES, headers={**sender, "Idempotency-Key": key}, json=submission())

    assert submit(str(uuid4())).status_code == 201
    assert client.get(READY).json() == {"status": "ready"}
    assert way.silence_all() > 0
    failed_at = time.monotonic()
    keys = [str(uuid4()) for _ in range(8)]
    with ThreadPoolExecutor(len(keys)) as threads:
        answers = list(threads.map(submit, keys))
    assert time.monotonic() - failed_at < ANSWER_SECONDS + 5
    assert {answer.status_code for answer in answers} == {503}
    assert all(answer.headers["Retry-After"].isdigit() for answer in answers)
    assert {answer.json()["type"] for answer in answers} == {"urn:nhipcau:problem:answer-late"}
    ready = client.get(READY)
    assert ready.status_code == 503
    assert "desk" in ready.json()["failed"]
    assert stored(database) == 1, "a new connection is served: the host that took over is there"

    wait_until(lambda: client.get(READY).status_code == 200, seconds=SILENT_SECONDS + 10)
    again = [submit(key) for key in keys]
    assert [answer.status_code for answer in again] == [201] * len(keys)
    assert stored(database) == 1 + len(keys)
    assert [submit(key).json() for key in keys] == [answer.json() for answer in again]
