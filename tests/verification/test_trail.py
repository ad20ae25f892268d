"""The audit of a case: who did and who read what, for the auditor of its area."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient
from sqlalchemy import text

from services.verification import api, domain
from shared.auditing import find_entries
from shared.auditing.api import audit_routes
from shared.contracts.vocabulary import Role
from shared.kit import audit
from shared.kit.database import Begin
from tests.audited import entries
from tests.conftest import NOON
from tests.noted import readings
from tests.reaching import HERE, THERE
from tests.subjects import somebody
from tests.verification.builders import NEGATIVE, START, Bench, verifier

BASE = "/verification/v1"
Headers = dict[str, str]


@pytest.fixture
def routers() -> list[APIRouter]:
    return [api.router, audit_routes(domain.TRAIL)]


@pytest.fixture
def us() -> UUID:
    return uuid4()


@pytest.fixture
def made(begin: Begin, us: UUID) -> tuple[UUID, UUID]:
    """A case in our area whose verification was begun, and its verification."""
    with begin() as session:
        bench = Bench(session, NOON)
        bench.organisation(verifier("31"), organisation_id=us)
        found = bench.opened(area_code=HERE)
        bench.opened(area_code=HERE)
        bench.move(found, START)
        return found.case_id, found.id


@pytest.fixture
def auditor(token_for: Callable[..., Headers]) -> Headers:
    return token_for("auditor", areas=(HERE,), client_id="auditor")


def test_what_was_done_and_who_read_it_stands_in_one_order(
    client: TestClient,
    made: tuple[UUID, UUID],
    us: UUID,
    auditor: Headers,
    token_for: Callable[..., Headers],
) -> None:
    case_id, verification_id = made
    police = token_for("verifier", organisation_id=us, staff_id=(officer := uuid4()))
    one = f"{BASE}/verifications/{verification_id}"
    assert client.get(one, headers=police).status_code == 200
    again = {"Idempotency-Key": str(uuid4()), "If-Match": '"2"'}
    body = {"move": "start"}
    assert client.post(f"{one}/moves", json=body, headers=police | again).status_code == 409

    refused, read, begun, opened = entries(client, BASE, auditor, case_id)
    assert (opened["action"], begun["action"]) == ("verification.open", "verification.start")
    assert begun["facts"] == {
        "case_id": str(case_id),
        "status": "in_progress",
        "result": None,
        "reason": None,
        "version": 2,
    }
    assert read["action"] == f"GET {BASE}/verifications/{{verification_id}}"
    assert (read["actor"], read["outcome"]) == (f"staff:{officer}", "done")
    assert read["facts"] == {"organisation_id": str(us), "times": 1}
    assert refused["outcome"] == "move-not-allowed"
    assert {it["object_id"] for it in (refused, read, begun, opened)} == {str(verification_id)}
    assert {it["purpose"] for it in (refused, read, begun, opened)} == {None}


def test_who_saw_what_who_did_what_and_what_was_refused_are_asked_for_apart(
    client: TestClient,
    made: tuple[UUID, UUID],
    us: UUID,
    auditor: Headers,
    token_for: Callable[..., Headers],
) -> None:
    case_id, verification_id = made
    police = token_for("verifier", organisation_id=us)
    one = f"{BASE}/verifications/{verification_id}"
    assert client.get(one, headers=police).status_code == 200
    again = {"Idempotency-Key": str(uuid4()), "If-Match": '"2"'}
    body = {"move": "start"}
    assert client.post(f"{one}/moves", json=body, headers=police | again).status_code == 409

    whole = entries(client, BASE, auditor, case_id)
    assert [it["kind"] for it in whole] == ["refused", "seen", "done", "done"]
    by_kind = {
        kind: entries(client, BASE, auditor, case_id, kind=kind)
        for kind in ("refused", "done", "seen")
    }
    assert [it["id"] for it in by_kind["refused"]] == [whole[0]["id"]]
    assert [it["id"] for it in by_kind["done"]] == [it["id"] for it in whole[2:]]
    seen = [it for it in by_kind["seen"] if it["object_id"] == str(verification_id)]
    assert [it["id"] for it in seen] == [whole[1]["id"]]
    asked = {"case_id": str(case_id), "kind": "guessed"}
    answer = client.get(f"{BASE}/audit-entries", params=asked, headers=auditor)
    assert answer.status_code == 422


def test_reading_the_audit_is_an_entry_of_it(
    client: TestClient, begin: Begin, made: tuple[UUID, UUID], auditor: Headers
) -> None:
    case_id, _ = made
    entries(client, BASE, auditor, case_id)
    assert readings(begin) == [("client:auditor", f"{BASE}/audit-entries", case_id)]
    assert entries(client, BASE, auditor, case_id)[0]["actor"] == "client:auditor"


def test_a_case_of_another_area_has_no_entries_and_reading_none_is_none(
    client: TestClient, begin: Begin, made: tuple[UUID, UUID], token_for: Callable[..., Headers]
) -> None:
    elsewhere = token_for("auditor", areas=(THERE,))
    assert entries(client, BASE, elsewhere, made[0]) == []
    assert entries(client, BASE, elsewhere, uuid4()) == []
    assert readings(begin) == []


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.AUDITOR}))
def test_nobody_else_reads_the_audit(
    client: TestClient, made: tuple[UUID, UUID], token_for: Callable[..., Headers], role: str
) -> None:
    asked = {"case_id": str(made[0])}
    answer = client.get(f"{BASE}/audit-entries", params=asked, headers=token_for(role))
    assert answer.json()["type"] == "urn:nhipcau:problem:role-missing"


def test_pages_have_every_entry_once_by_cursor_and_by_the_entry_before(
    client: TestClient, begin: Begin, made: tuple[UUID, UUID], auditor: Headers
) -> None:
    case_id, verification_id = made
    with begin() as session:
        for number in range(7):
            audit.record(
                session,
                actor="test",
                action="verification.tested",
                object_id=(case_id, verification_id)[number % 2],
                now=NOON,
            )
    whole = [it["id"] for it in entries(client, BASE, auditor, case_id)]
    assert len(whole) == 9
    whole.insert(0, entries(client, BASE, auditor, case_id)[0]["id"])

    before = [entries(client, BASE, auditor, case_id, before=it, page_size=1) for it in whole]
    assert [it["id"] for page in before for it in page] == whole[1:]

    asked = {"case_id": str(case_id), "page_size": "4"}
    found: list[str] = []
    while True:
        page = client.get(f"{BASE}/audit-entries", params=asked, headers=auditor).json()
        found += [it["id"] for it in page["items"]]
        if page["next_cursor"] is None:
            break
        asked["cursor"] = page["next_cursor"]
    assert found[-len(whole) :] == whole, "before it the tenth read of this"


def test_a_case_that_was_read_all_day_is_not_read_through(bench: Bench) -> None:
    """By the index alone, and no more of it than a page."""
    bench.organisation(verifier("31"))
    found = bench.opened(area_code=HERE)
    bench.move(found, START)
    bench.move(found, NEGATIVE)
    bench.session.flush()
    rows = text(
        """
        INSERT INTO audit_entries (id, recorded_at, actor, action, object_id, outcome, facts)
        SELECT gen_random_uuid(), now(), 'test', 'GET /', :id, 'done', '{}'
          FROM generate_series(1, 20000)
        """
    )
    bench.session.execute(rows, {"id": found.id})
    bench.session.execute(text("ANALYZE audit_entries"))
    auditor = somebody(uuid4(), Role.AUDITOR, areas=(HERE,))
    before = _read(bench)
    found_entries = find_entries(
        bench.session,
        domain.TRAIL,
        subject=auditor,
        case_id=found.case_id,
        before=None,
        size=26,
        now=bench.now,
    )
    assert len(found_entries) == 26
    assert _read(bench) - before < 100


def _read(bench: Bench) -> int:
    """How many rows of the audit this transaction has looked at."""
    seen = text(
        """
        SELECT pg_stat_get_xact_tuples_returned(c.oid) + pg_stat_get_xact_tuples_fetched(c.oid)
             + (SELECT sum(pg_stat_get_xact_tuples_returned(i.indexrelid))
                  FROM pg_index AS i WHERE i.indrelid = c.oid)
          FROM pg_class AS c WHERE c.relname = 'audit_entries'
        """
    )
    return int(bench.session.execute(seen).scalar_one())
