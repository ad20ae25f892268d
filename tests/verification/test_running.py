"""Which clocks somebody reads: those of whoever acts and of the case's owner, and of nobody else.

Under the law of 2011, which names a period: twenty days from Monday, 5 May 2025.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient

from services.verification import api, domain
from services.verification.models import Verification
from services.verification.policy import Duty, Move, MoveFacts, MoveReason
from shared.contracts.directory import DatedRole
from shared.contracts.vocabulary import ClockLevel, Role
from shared.duties.running import RunningCounted, RunningRow, RunningWanted, find_running
from shared.duties.running_api import running_routes
from shared.kit.clock import start_of_day
from shared.kit.database import Begin
from shared.kit.subjects import Subject
from tests.subjects import somebody
from tests.verification.builders import LONG_AGO, START, Bench, reader_of, verifier

OLD_LAW = datetime(2025, 5, 5, 5, tzinfo=UTC)
LAST, DUE = date(2025, 5, 26), start_of_day(date(2025, 5, 27))
PAUSE = MoveFacts(Move.PAUSE, reason=MoveReason.PERSON_UNAVAILABLE)
EVERY = RunningWanted()


@pytest.fixture
def routers() -> Sequence[APIRouter]:
    return [api.router, running_routes(domain.RUNNING)]


@pytest.fixture
def old(bench: Bench) -> Bench:
    return bench.at(OLD_LAW)


@pytest.fixture
def police(old: Bench) -> UUID:
    return old.organisation(verifier())


@pytest.fixture
def department(old: Bench) -> UUID:
    owns = DatedRole(role=Role.CASE_OWNER, area_code="31", valid_from=LONG_AGO)
    return old.organisation(owns, code="so-noi-vu")


@pytest.fixture
def given(old: Bench, police: UUID, department: UUID) -> Verification:
    return old.opened()


def running(
    bench: Bench, subject: Subject, wanted: RunningWanted = EVERY
) -> tuple[Sequence[RunningRow], RunningCounted]:
    bench.session.flush()
    return find_running(
        bench.session,
        domain.RUNNING,
        subject=subject,
        now=bench.now,
        after=None,
        size=9,
        wanted=wanted,
    )


def test_whoever_owns_the_case_reads_the_clock_that_an_authority_keeps(
    old: Bench, given: Verification, police: UUID, department: UUID
) -> None:
    owner = somebody(department, Role.CASE_OWNER)
    (row,), counted = running(old, owner)
    assert (row.clock.object_id, row.clock.due_at, row.duty) == (given.id, DUE, None)
    assert (row.case_id, row.case_code) == (given.case_id, given.case_code)
    assert (counted.late, counted.undated, counted.others_by_day) == (0, 0, {LAST: 1})
    (row,), counted = running(old, reader_of(police))
    assert (row.clock.due_at, row.duty) == (DUE, Duty.START_VERIFICATION)
    assert counted.others_by_day == {}, "what one must do oneself is among one's duties"


def test_what_is_late_is_counted_and_whoever_owns_the_case_is_told_what_to_do(
    old: Bench, given: Verification, department: UUID
) -> None:
    late = old.at(DUE)
    while late.watch_clocks():
        pass
    domain.watch_standstills(late.session, late.now)
    owner = somebody(department, Role.CASE_OWNER)
    (row,), counted = running(late, owner, RunningWanted(is_late=True))
    assert (row.clock.breached_at, row.clock.level) == (DUE, ClockLevel.DEPARTMENT)
    assert (row.clock.level_holder_id, row.duty) == (department, Duty.ASK_AUTHORITY)
    assert (counted.late, counted.others_by_day) == (1, {}), "it is a duty now, and counted there"
    assert running(late, owner, RunningWanted(is_late=False))[0] == []


def test_what_stands_still_ends_on_no_day(
    old: Bench, given: Verification, police: UUID, department: UUID
) -> None:
    old.move(given, START, PAUSE)
    owner = somebody(department, Role.CASE_OWNER)
    (row,), counted = running(old, owner)
    assert (row.clock.paused_at, counted.others_by_day) == (OLD_LAW, {})
    (row,), _ = running(old, reader_of(police))
    assert row.duty == Duty.RESUME_VERIFICATION


def test_of_the_law_that_names_no_period_a_clock_is_there_without_a_day(
    bench: Bench, department: UUID
) -> None:
    bench.police()
    bench.opened()
    (row,), counted = running(bench, somebody(department, Role.CASE_OWNER))
    assert (row.clock.due_at, counted.undated, counted.others_by_day) == (None, 1, {})
    assert row.clock.period.amount is None


def test_another_authority_and_whoever_receives_read_none(old: Bench, given: Verification) -> None:
    for stranger in (reader_of(None), somebody(given.receiver_id or old.police(), Role.RECEIVER)):
        assert running(old, stranger)[0] == []


def test_over_http_they_come_by_their_end_in_pages_and_by_case_and_day(
    client: TestClient, begin: Begin, token_for: Callable[..., dict[str, str]]
) -> None:
    with begin() as session:
        bench = Bench(session, OLD_LAW)
        owns = DatedRole(role=Role.CASE_OWNER, area_code="31", valid_from=LONG_AGO)
        owner_id = bench.organisation(owns, code="so-noi-vu")
        bench.police()
        first, second = bench.opened(), bench.at(OLD_LAW + timedelta(days=1)).opened()
        undated = bench.at(datetime(2026, 3, 2, 5, tzinfo=UTC)).opened()
        in_order = [str(it.id) for it in (first, second, undated)]
        case_id = str(second.case_id)
    owner = token_for("case_owner", organisation_id=owner_id)
    path, shown = "/verification/v1/clocks?page_size=1", []
    while path:
        page = client.get(path, headers=owner)
        assert page.status_code == 200, page.text
        shown += [it["object_id"] for it in page.json()["items"]]
        path = page.links["next"]["url"] if "next" in page.links else ""
    assert shown == in_order
    by = {"case_id": case_id}, {"object_id": in_order[1]}, {"last_day": "2025-05-26"}
    found = [client.get("/verification/v1/clocks", params=it, headers=owner).json() for it in by]
    assert [[it["object_id"] for it in each["items"]] for each in found] == [
        [in_order[1]], [in_order[1]], in_order[:2],
    ]  # fmt: skip
    item = found[0]["items"][0]
    assert (item["why"]["last_day"], item["rule"]["amount"]) == ("2025-05-26", 20)
    assert item["link"] == f"/verification/v1/verifications/{item['object_id']}"
    assert client.get("/verification/v1/clocks?cursor=x", headers=owner).status_code == 422
