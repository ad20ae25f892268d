"""What loses against another transaction is tried again, or told to come back."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import func, insert, select
from sqlalchemy.exc import OperationalError

from shared.kit.database import Database
from shared.kit.http import Edge
from shared.kit.idempotency import KEYS
from tests.kit.things import THINGS

THINGS_AT = "/verification/v1/things"

Keyed = Callable[..., dict[str, str]]


@pytest.fixture
def two(database: Database) -> tuple[UUID, UUID]:
    ids = (uuid4(), uuid4())
    with database.begin() as session:
        session.execute(insert(THINGS), [{"id": it, "colour": "red", "version": 1} for it in ids])
    return ids


def state(client: TestClient) -> Any:
    return client.app.state  # type: ignore[attr-defined]


def test_the_victim_of_a_deadlock_is_tried_again_and_answered(
    client: TestClient, keyed: Keyed, database: Database, two: tuple[UUID, UUID]
) -> None:
    met = threading.Barrier(2)
    once_each = threading.local()
    tries: list[int] = []

    def meet_after_the_first_lock() -> None:
        tries.append(threading.get_ident())
        if not hasattr(once_each, "has_met"):
            once_each.has_met = True
            met.wait(10)

    state(client).between = meet_after_the_first_lock

    def ask(ids: tuple[UUID, UUID]) -> Response:
        body = {"other_id": str(ids[1])}
        return client.post(f"{THINGS_AT}/{ids[0]}/swaps", headers=keyed(), json=body)

    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(ask, [two, two[::-1]]))
    assert [answer.status_code for answer in answers] == [201, 201]
    assert len(tries) == 5, "three of the victim, of which one before it lost, two of the other"
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(KEYS)) == 2


def test_who_waits_too_long_for_a_row_is_told_to_come_back(
    client: TestClient, keyed: Keyed, database: Database, two: tuple[UUID, UUID]
) -> None:
    state(client).between = lambda: None
    headers = keyed()
    with database.begin() as other:
        other.execute(select(THINGS).where(THINGS.c.id == two[0]).with_for_update())
        body = {"other_id": str(two[1])}
        refused = client.post(f"{THINGS_AT}/{two[0]}/swaps", headers=headers, json=body)
    assert refused.status_code == 503
    assert refused.headers["Retry-After"].isdigit()
    assert refused.json()["type"] == "urn:nhipcau:problem:unavailable"
    again = client.post(f"{THINGS_AT}/{two[0]}/swaps", headers=headers, json=body)
    assert again.status_code == 201, "the refusal was not kept under the key"


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (psycopg.errors.DeadlockDetected, 503),
        (psycopg.errors.SerializationFailure, 503),
        (psycopg.errors.LockNotAvailable, 503),
        (psycopg.errors.QueryCanceled, 503),
        (psycopg.errors.DiskFull, 503),
        (psycopg.errors.TooManyConnections, 503),
        (psycopg.errors.AdminShutdown, 503),
        (psycopg.errors.StatementTooComplex, 500),
        (psycopg.errors.ProgramLimitExceeded, 500),
    ],
)
def test_only_what_waiting_mends_is_said_to_be_unavailable(
    client: TestClient, token_for: Keyed, fault: type[Exception], status: int
) -> None:
    def fails() -> None:
        raise OperationalError("SELECT 1", None, fault())

    edge: Edge = state(client).edge
    state(client).edge = Edge(**{**vars(edge), "read": fails})
    answer = client.get(THINGS_AT, headers=token_for("receiver"))
    assert answer.status_code == status
    assert ("Retry-After" in answer.headers) == (status == 503)
