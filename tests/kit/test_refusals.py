"""Who was refused what is in the audit, in few words however often it was tried."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, text

from shared.kit.audit import AUDIT
from shared.kit.database import Database
from shared.kit.http import Edge, create_api
from tests.conftest import NOON
from tests.kit import things

AT = "/verification/v1/things"
ONE = UUID("0198b6c8-7d10-7a3e-9c41-5b2d8e6f1a07")

TokenFor = Callable[..., dict[str, str]]


def entries(database: Database) -> list[Any]:
    with database.read() as session:
        return list(session.execute(select(AUDIT).order_by(AUDIT.c.id)))


@pytest.mark.parametrize(
    "tried",
    [
        ("GET", f"{AT}/{ONE}/colour", f"GET {AT}/{{thing_id}}/colour"),
        ("HEAD", f"{AT}/{ONE}/colour", f"GET {AT}/{{thing_id}}/colour"),
        ("POST", f"{AT}/{str(ONE).upper()}/swaps", f"POST {AT}/{{thing_id}}/swaps"),
        ("POST", AT, f"POST {AT}"),
    ],
)
def test_a_missing_role_is_recorded_with_who_tried_what(
    client: TestClient, token_for: TokenFor, database: Database, tried: tuple[str, str, str]
) -> None:
    method, address, action = tried
    organisation_id = uuid4()
    headers = token_for("verifier", client_id="curious", organisation_id=organisation_id)
    sent: dict[str, Any] = {"json": {"colour": "canary"}} if method == "POST" else {}
    answer = client.request(
        method, f"{address}?name=canary", headers={**headers, "Idempotency-Key": '"k"'}, **sent
    )
    assert answer.status_code == 403
    (entry,) = entries(database)
    assert (entry.actor, entry.action, entry.outcome) == ("client:curious", action, "role-missing")
    assert entry.facts == {"organisation_id": str(organisation_id), "times": 1}
    assert entry.recorded_at == NOON
    assert address == AT or entry.object_id == ONE
    assert "canary" not in repr(entry)


def test_what_is_not_there_for_a_caller_is_recorded(
    client: TestClient, token_for: TokenFor, database: Database
) -> None:
    client.get(f"{AT}/{ONE}", headers=token_for("receiver"))
    (entry,) = entries(database)
    assert (entry.object_id, entry.outcome) == (ONE, "not-found")


def test_an_address_without_a_route_and_a_caller_without_a_name_are_not(
    client: TestClient, token_for: TokenFor, database: Database
) -> None:
    assert client.get("/nothing", headers=token_for("receiver")).status_code == 404
    assert client.get(f"{AT}/{ONE}").status_code == 401
    assert client.get(f"{AT}/{ONE}", headers={"Authorization": "Bearer x"}).status_code == 401
    assert entries(database) == []


def test_a_flood_of_refusals_leaves_a_handful_of_entries_that_count_it(
    client: TestClient, token_for: TokenFor, database: Database
) -> None:
    headers = token_for("receiver")
    for _ in range(120):
        client.get(f"{AT}/{uuid4()}", headers=headers)
    assert [entry.facts["times"] for entry in entries(database)] == [1, 10, 100]


def test_every_client_kind_and_hour_is_counted_for_itself(
    client: TestClient, token_for: TokenFor, database: Database
) -> None:
    one, other = (token_for("receiver", client_id=name) for name in ("one", "other"))
    edge: Edge = client.app.state.edge  # type: ignore[attr-defined]
    now = [NOON]
    app = create_api(Edge(**{**vars(edge), "clock": lambda: now[0]}), [things.router])
    with TestClient(app) as asked:
        for headers in (one, one, other):
            asked.get(f"{AT}/{ONE}", headers=headers)
            asked.get(f"{AT}/{ONE}/colour", headers=headers)
        now[0] += timedelta(hours=1)
        asked.get(f"{AT}/{ONE}", headers=one)
    assert len(entries(database)) == 5


def test_a_refused_creating_request_is_recorded_once(
    client: TestClient, keyed: TokenFor, database: Database
) -> None:
    headers = keyed()
    for _ in range(2):
        assert client.post(AT, headers=headers, json={"colour": "foreign"}).status_code == 404
    assert [entry.outcome for entry in entries(database)] == ["not-found"]


@pytest.mark.parametrize(
    ("colour", "outcome"),
    [("foreign", "not-found"), ("early", "colour-not-known-yet")],
)
def test_a_flood_of_creating_requests_for_what_is_not_there_is_counted_too(
    client: TestClient, keyed: TokenFor, database: Database, colour: str, outcome: str
) -> None:
    for _ in range(12):
        assert not client.post(AT, headers=keyed(), json={"colour": colour}).is_success
    noted = entries(database)
    assert [entry.outcome for entry in noted] == [outcome] * 2
    assert noted[-1].facts == {"times": 10}


def test_a_refusal_that_cannot_be_recorded_stands(
    client: TestClient, token_for: TokenFor, database: Database
) -> None:
    @contextmanager
    def full() -> Iterator[Any]:
        with database.begin() as session:
            session.execute(text("DO $$ BEGIN RAISE EXCEPTION SQLSTATE '53100'; END $$"))
            yield session

    edge: Edge = client.app.state.edge  # type: ignore[attr-defined]
    app = create_api(Edge(**{**vars(edge), "begin": full}), [things.router])
    with TestClient(app) as asked:
        answer = asked.get(f"{AT}/{ONE}/colour", headers=token_for("receiver"))
    assert answer.status_code == 403
    assert entries(database) == []
