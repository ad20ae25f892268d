"""Who read what is in the audit, with the answer or not at all."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID, uuid4

import pytest
from fastapi import APIRouter, Depends
from fastapi.testclient import TestClient
from sqlalchemy import Engine, select, text

from shared.access import Permission
from shared.access.asking import permitted
from shared.kit.audit import AUDIT
from shared.kit.database import Database
from shared.kit.errors import NotFound
from shared.kit.http import Edge, NotedRead, create_api
from shared.kit.routing import Router
from shared.kit.shapes import Id
from shared.kit.subjects import Subject
from tests.conftest import NOON

AT = "/verification/v1/looks"
ONE, OTHER = uuid4(), uuid4()
KNOWN = (ONE, OTHER)

TokenFor = Callable[..., dict[str, str]]
router = Router()


@router.get("/looks")
def list_looks(
    read: NotedRead,
    _caller: Annotated[Subject, Depends(permitted(Permission.VERIFICATION_READ))],
    of: Id | None = None,
) -> list[UUID]:
    """The things there are, or one of them."""
    read.session.execute(text("SELECT 1"))
    found = [each for each in KNOWN if of in {None, each}]
    read.lists(found, of=of)
    return found


@router.get("/looks/{look_id}")
def read_look(
    look_id: Id,
    read: NotedRead,
    _caller: Annotated[Subject, Depends(permitted(Permission.VERIFICATION_READ))],
) -> UUID:
    """One thing."""
    read.session.execute(text("SELECT 1"))
    if look_id not in KNOWN:
        raise NotFound
    read.shows(look_id)
    return look_id


@router.get("/silent-looks")
def read_silently(
    read: NotedRead,
    _caller: Annotated[Subject, Depends(permitted(Permission.VERIFICATION_READ))],
) -> str:
    """It does not say what it shows."""
    read.session.execute(text("SELECT 1"))
    return "something"


@pytest.fixture
def routers() -> Sequence[APIRouter]:
    return [router]


@pytest.fixture
def curious(token_for: TokenFor) -> dict[str, str]:
    return token_for("verifier", client_id="curious")


def entries(database: Database) -> list[Any]:
    with database.read() as session:
        return list(session.execute(select(AUDIT).order_by(AUDIT.c.id)))


@contextmanager
def nowhere_to_write(engine: Engine) -> Iterator[None]:
    """As long as this lasts no entry can be written."""
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE audit_entries RENAME TO lost_entries"))
    try:
        yield
    finally:
        with engine.begin() as connection:
            connection.execute(text("ALTER TABLE lost_entries RENAME TO audit_entries"))


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_who_reads_a_thing_is_an_entry(
    client: TestClient, token_for: TokenFor, database: Database, method: str
) -> None:
    us = uuid4()
    headers = token_for("verifier", client_id="curious", organisation_id=us)
    assert client.request(method, f"{AT}/{ONE}?name=canary", headers=headers).status_code == 200
    (entry,) = entries(database)
    assert (entry.actor, entry.object_id, entry.outcome) == ("client:curious", ONE, "done")
    assert (entry.action, entry.recorded_at) == (f"GET {AT}/{{look_id}}", NOON)
    assert entry.facts == {"organisation_id": str(us), "times": 1}


def test_what_is_not_there_or_not_permitted_was_not_read(
    client: TestClient, token_for: TokenFor, curious: dict[str, str], database: Database
) -> None:
    client.get(f"{AT}/{uuid4()}", headers=curious)
    client.get(f"{AT}/{ONE}", headers=token_for("receiver"))
    client.get(f"{AT}?of={uuid4()}", headers=curious)
    assert [entry.outcome for entry in entries(database)] == ["not-found", "role-missing"]


def test_a_page_is_an_entry_of_its_list_or_of_the_one_thing_it_was_asked_for_by(
    client: TestClient, curious: dict[str, str], database: Database
) -> None:
    for query in ("", "?page_size=1", f"?of={ONE}", f"?of={OTHER}", f"?of={ONE}"):
        client.get(AT + query, headers=curious)
    noted = entries(database)
    assert {entry.action for entry in noted} == {f"GET {AT}"}
    assert [entry.object_id for entry in noted[1:]] == [ONE, OTHER]
    assert noted[0].object_id not in KNOWN


def test_of_many_reads_of_one_thing_by_one_subject_in_an_hour_a_few_are_entries(
    client: TestClient, token_for: TokenFor, database: Database
) -> None:
    one, other = (token_for("verifier", client_id=name) for name in ("one", "other"))
    edge: Edge = client.app.state.edge  # type: ignore[attr-defined]
    now = [NOON]
    app = create_api(Edge(**{**vars(edge), "clock": lambda: now[0]}), [router])
    with TestClient(app) as asked:
        for _ in range(12):
            asked.get(f"{AT}/{ONE}", headers=one)
        asked.get(f"{AT}/{OTHER}", headers=one)
        asked.get(f"{AT}/{ONE}", headers=other)
        now[0] += timedelta(hours=1)
        asked.get(f"{AT}/{ONE}", headers=one)
    assert [(it.actor, it.object_id, it.facts["times"]) for it in entries(database)] == [
        ("client:one", ONE, 1),
        ("client:one", ONE, 10),
        ("client:one", OTHER, 1),
        ("client:other", ONE, 1),
        ("client:one", ONE, 1),
    ]


def test_nothing_is_answered_that_cannot_be_noted_and_the_next_read_is(
    client: TestClient, curious: dict[str, str], database: Database, engine: Engine
) -> None:
    with nowhere_to_write(engine):
        refused = client.get(f"{AT}/{ONE}", headers=curious)
        assert refused.status_code == 500
        assert str(ONE) not in refused.text
    assert client.get(f"{AT}/{ONE}", headers=curious).status_code == 200
    assert [entry.facts["times"] for entry in entries(database)] == [1]


def test_a_route_that_does_not_say_what_it_shows_answers_nothing(
    client: TestClient, curious: dict[str, str], database: Database
) -> None:
    answer = client.get("/verification/v1/silent-looks", headers=curious)
    assert answer.status_code == 500
    assert "something" not in answer.text
    assert entries(database) == []
