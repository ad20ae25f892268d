"""A negative decision is complained of: whose turn, by when, and what stays of it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from services.verification import domain
from services.verification.errors import ComplaintDayUnfit
from services.verification.models import Verification
from services.verification.policy import (
    COMPLAINED,
    DECIDED,
    ComplaintStatus,
    Duty,
    MoveReason,
    VerificationStatus,
    answer_period,
)
from shared import clocks
from shared.clocks import Clock
from shared.contracts import Message, Queue, VerificationClockBreached, VerificationClockWarned
from shared.contracts.directory import DatedRole
from shared.contracts.vocabulary import ClockLevel, Role
from shared.kit.audit import AUDIT
from shared.kit.clock import start_of_day
from shared.law import PeriodKey, Unit, rules
from shared.messaging.alerts import list_open
from tests.subjects import somebody
from tests.verification.builders import (
    COMPLAIN,
    IDENTIFY,
    KEEP,
    LONG_AGO,
    NEGATIVE,
    REOPEN,
    START,
    Bench,
    case_owner,
    reader_of,
    verifier,
)
from tests.verification.test_duties import duties, whats
from tests.verification.test_published_rules import publish, published

Told = Callable[[Queue], list[Message]]
TODAY = date(2026, 3, 2)
LAST, OVER = date(2026, 6, 1), start_of_day(date(2026, 6, 2))
"""Ninety days end on a Sunday, and so with the Monday after it."""
WARNED = start_of_day(date(2026, 5, 27))
"""Three working days before."""


@pytest.fixture
def department(bench: Bench) -> UUID:
    role = DatedRole(role=Role.CASE_OWNER, area_code="31", valid_from=LONG_AGO)
    return bench.organisation(role, code="so-y-te")


@pytest.fixture
def decided(bench: Bench, department: UUID) -> Verification:
    """A verification that ended without an identification, on the second of March."""
    bench.organisation(
        verifier(), DatedRole(role=Role.MANAGER, area_code="31", valid_from=LONG_AGO)
    )
    made = bench.opened()
    bench.move(made, START, NEGATIVE)
    return made


def complaint_of(bench: Bench, verification: Verification) -> Mapping[str, Any] | None:
    bench.session.flush()
    found = domain.find_complaints(bench.session, [verification])[verification.id]
    complained = found["complained"]
    assert complained is None or isinstance(complained, dict)
    return complained


def clock_of(bench: Bench, verification: Verification, fact: str) -> Clock:
    bench.session.flush()
    return clocks.find(bench.session, fact, [verification.id])[verification.id]


def lived(bench: Bench, until: datetime, *, step: timedelta = timedelta(hours=12)) -> None:
    """The relay looks again and again, each time until nothing is due."""
    now = bench.now
    while now <= until:
        while bench.at(now).watch_clocks():
            pass
        domain.watch_standstills(bench.session, now)
        now += step


def of_clocks(told: Told) -> list[tuple[str, ClockLevel, UUID | None]]:
    kinds = VerificationClockWarned | VerificationClockBreached
    return [
        (it.key, it.level, it.organisation_id) for it in told(Queue.INTAKE) if isinstance(it, kinds)
    ]


def test_a_complaint_is_the_duty_of_whoever_decided_until_it_is_answered(
    bench: Bench, decided: Verification, department: UUID
) -> None:
    police, owner = reader_of(decided.verifier_id), somebody(department, Role.CASE_OWNER)
    assert (whats(bench, police), whats(bench, owner)) == ([], [Duty.TELL_OF_DECISION])
    bench.move(decided, COMPLAIN, subject=case_owner())
    assert (whats(bench, police), whats(bench, owner)) == ([Duty.ANSWER_COMPLAINT], [])
    made = complaint_of(bench, decided)
    assert made is not None
    assert (made["status"], made["is_late"]) == (ComplaintStatus.RECEIVED, False)
    bench.move(decided, KEEP)
    assert (whats(bench, police), whats(bench, owner)) == ([], [Duty.TELL_OF_ANSWER])
    kept = complaint_of(bench, decided)
    assert kept is not None
    assert kept["status"] == ComplaintStatus.KEPT
    assert decided.status == VerificationStatus.CONCLUDED


def test_the_person_is_told_of_the_decision_by_the_last_day_of_the_window(
    bench: Bench, decided: Verification, department: UUID
) -> None:
    owner = somebody(department, Role.CASE_OWNER)
    (found,) = duties(bench, owner)
    assert (found.what, found.due_at) == (Duty.TELL_OF_DECISION, OVER)
    assert found.rule is not None
    assert found.rule.key == "complaint.window"
    bench.at(OVER).watch_clocks()
    (found,) = duties(bench.at(OVER), owner)
    assert (found.what, found.due_at, found.rule) == (Duty.TELL_OF_DECISION, None, None)


def test_no_answer_is_late_while_nobody_has_found_how_long_it_may_take(
    bench: Bench, decided: Verification, told: Told
) -> None:
    bench.move(decided, COMPLAIN)
    rule = answer_period(rules(), TODAY)
    assert (rule.amount, rule.status) == (None, "assumed")
    made, clock = complaint_of(bench, decided), clock_of(bench, decided, COMPLAINED)
    assert made is not None
    assert (made["due_rule"], made["due_on"], made["due_why"]) == (rule, None, None)
    assert (clock.started_at, clock.due_at, clock.ended_at) == (start_of_day(TODAY), None, None)
    lived(bench, bench.now + timedelta(days=200), step=timedelta(days=20))
    assert of_clocks(told) == []


def test_once_a_row_says_how_long_a_late_answer_is_told_like_a_late_decision(
    bench: Bench, decided: Verification, department: UUID, told: Told
) -> None:
    """The row is made up here; the law's own amount was not found."""
    row = published(bench.now, 10, key=PeriodKey.COMPLAINT_ANSWER, moves_since=TODAY)
    publish(bench, row.model_copy(update={"regime": None, "unit": Unit.WORKING_DAY}))
    bench.move(decided, COMPLAIN)
    due_at = clock_of(bench, decided, COMPLAINED).due_at
    assert due_at is not None
    lived(bench, due_at)
    police = decided.verifier_id
    assert of_clocks(told) == [
        ("complaint.answer", ClockLevel.OFFICER, police),
        ("complaint.answer", ClockLevel.HEAD, police),
        ("complaint.answer", ClockLevel.DEPARTMENT, department),
    ]
    late = bench.at(due_at)
    assert [it["kind"] for it in list_open(bench.session, size=9)] == ["decision_overdue"]
    owner = somebody(department, Role.CASE_OWNER)
    head = somebody(police or UUID(int=0), Role.MANAGER)
    assert (whats(late, owner), whats(late, head)) == (
        [Duty.ASK_AUTHORITY],
        [Duty.SEE_TO_DECISION],
    )
    late.move(decided, KEEP)
    domain.watch_standstills(bench.session, late.now)
    assert (list_open(bench.session, size=9), whats(late, head)) == ([], [])


def test_that_the_window_nears_its_end_is_told_once_to_whoever_owns_the_case(
    bench: Bench, decided: Verification, department: UUID, told: Told
) -> None:
    lived(bench.at(WARNED - timedelta(days=2)), OVER + timedelta(days=2))
    assert of_clocks(told) == [("complaint.window", ClockLevel.DEPARTMENT, department)]
    clock = clock_of(bench, decided, DECIDED)
    assert (clock.ended_at, clock.breached_at) == (OVER, None), "nobody is late"
    assert clock.warned_at is not None
    assert WARNED <= clock.warned_at < WARNED + timedelta(hours=12)
    assert list_open(bench.session, size=9) == []


def test_that_the_window_is_over_is_in_the_audit(
    bench: Bench, decided: Verification, settle: Callable[[], None]
) -> None:
    lived(bench.at(OVER), OVER)
    settle()
    asked = select(AUDIT.c.action, AUDIT.c.facts).where(AUDIT.c.action.like("clock.%"))
    (entry,) = bench.session.execute(asked).all()
    assert (entry.action, entry.facts["key"]) == ("clock.lapsed", "complaint.window")


@pytest.mark.parametrize("then", [COMPLAIN, REOPEN])
def test_a_complaint_ends_the_window_and_so_does_the_end_of_the_decision(
    bench: Bench, decided: Verification, then: Any, told: Told
) -> None:
    assert clock_of(bench, decided, DECIDED).ended_at is None
    bench.move(decided, then)
    assert clock_of(bench, decided, DECIDED).ended_at == bench.now
    lived(bench.at(WARNED), OVER, step=timedelta(days=1))
    assert of_clocks(told) == []


def test_an_identification_has_no_window_and_a_second_refusal_another(
    bench: Bench, decided: Verification
) -> None:
    first = clock_of(bench, decided, DECIDED)
    later = bench.at(datetime(2026, 4, 1, 5, tzinfo=UTC))
    later.move(decided, REOPEN, START, NEGATIVE)
    second = clock_of(bench, decided, DECIDED)
    assert (second.id != first.id, second.started_at) == (True, later.now)
    later.move(decided, REOPEN, START, IDENTIFY)
    assert clock_of(bench, decided, DECIDED).id == second.id
    found = domain.find_complaints(bench.session, [decided])[decided.id]
    assert found == {"complaint": None, "complained": None}


@pytest.mark.parametrize(("days", "is_late"), [(0, False), (91, False), (92, True), (300, True)])
def test_a_late_one_is_taken_and_said_to_be_late(
    bench: Bench, decided: Verification, days: int, is_late: bool
) -> None:
    came = TODAY + timedelta(days=days)
    later = bench.at(bench.now + timedelta(days=400))
    row = later.move(decided, replace(COMPLAIN, received_on=came))
    made = complaint_of(bench, decided)
    assert made is not None
    assert made["is_late"] is is_late
    assert (row.received_on, row.is_late) == (came, is_late)


@pytest.mark.parametrize("days", [-1, 1])
def test_nobody_complains_before_the_decision_or_tomorrow(
    bench: Bench, decided: Verification, days: int
) -> None:
    with pytest.raises(ComplaintDayUnfit):
        bench.move(decided, replace(COMPLAIN, received_on=TODAY + timedelta(days=days)))


def test_one_that_is_upheld_opens_it_again_and_its_steps_keep_what_was_said(
    bench: Bench, decided: Verification
) -> None:
    bench.move(decided, COMPLAIN, replace(REOPEN, reason=MoveReason.COMPLAINT_UPHELD))
    assert decided.status == VerificationStatus.ASSIGNED
    assert complaint_of(bench, decided) is None
    assert clock_of(bench, decided, COMPLAINED).ended_at == bench.now
    told = [(it.move, it.reason, it.received_on) for it in bench.steps(decided)[-2:]]
    assert told == [
        ("complain", "complained_in_person", TODAY),
        ("reopen", "complaint_upheld", None),
    ]


def test_whoever_got_an_answer_may_complain_again(bench: Bench, decided: Verification) -> None:
    bench.move(decided, COMPLAIN, KEEP, COMPLAIN)
    assert whats(bench, reader_of(decided.verifier_id)) == [Duty.ANSWER_COMPLAINT]
    assert clock_of(bench, decided, COMPLAINED).ended_at is None


def test_a_complaint_that_nobody_may_answer_any_more_is_an_alert_of_the_case_owner(
    bench: Bench, decided: Verification, department: UUID
) -> None:
    bench.move(decided, COMPLAIN)
    gone = verifier(until=date(2026, 3, 1))
    bench.organisation(gone, organisation_id=decided.verifier_id)
    domain.watch_standstills(bench.session, bench.now)
    (alert,) = list_open(bench.session, size=9)
    assert (alert["kind"], alert["object_id"]) == ("authority_ended", decided.id)
    owner = somebody(department, Role.CASE_OWNER)
    assert whats(bench, owner) == [Duty.FIND_AUTHORITY]
