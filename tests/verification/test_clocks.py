"""The clock of a decision: warned of, escalated, late; told once each, by the roles of that day."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from services.verification import domain
from services.verification.models import Organisation, Verification
from services.verification.policy import Duty, Move, MoveFacts, MoveReason
from shared.clocks import CLOCKS, ClockStage
from shared.contracts import Message, Queue, VerificationClockBreached, VerificationClockWarned
from shared.contracts.directory import DatedRole
from shared.contracts.vocabulary import ClockLevel, Role
from shared.duties import DutyRow, find_duties
from shared.kit.audit import AUDIT
from shared.kit.clock import start_of_day
from shared.kit.subjects import Subject
from shared.messaging.alerts import list_open
from tests.subjects import somebody
from tests.verification.builders import (
    IDENTIFY,
    LONG_AGO,
    NEGATIVE,
    REOPEN,
    START,
    Bench,
    verifier,
)

Told = Callable[[Queue], list[Message]]
OLD_LAW = datetime(2025, 5, 5, 5, tzinfo=UTC)
"""A Monday on which the law of 2011 held: twenty days end on Sunday the 25th, so on the 26th."""
LAST, DUE = date(2025, 5, 26), start_of_day(date(2025, 5, 27))
WARNED = start_of_day(date(2025, 5, 21))
"""Three working days before the last day."""
HEAD = start_of_day(date(2025, 5, 23))
"""The warning's day does not count; the working day after it is over."""
PAUSE = MoveFacts(Move.PAUSE, reason=MoveReason.PERSON_UNAVAILABLE)
RESUME = MoveFacts(Move.RESUME)
EXTEND = MoveFacts(Move.EXTEND, reason=MoveReason.COMPLEX_CASE)
MINUTE = timedelta(minutes=1)


def manager(until: date | None = None) -> DatedRole:
    return DatedRole(role=Role.MANAGER, area_code="31", valid_from=LONG_AGO, valid_to=until)


def owner_role() -> DatedRole:
    return DatedRole(role=Role.CASE_OWNER, area_code="31", valid_from=LONG_AGO)


@pytest.fixture
def old(bench: Bench) -> Bench:
    return bench.at(OLD_LAW)


@pytest.fixture
def police(old: Bench) -> UUID:
    return old.organisation(verifier(), manager())


@pytest.fixture
def department(old: Bench) -> UUID:
    return old.organisation(owner_role(), code="so-noi-vu")


@pytest.fixture
def given(old: Bench, police: UUID, department: UUID) -> Verification:
    """Given to an authority under the law that names a period."""
    return old.opened()


def lived(bench: Bench, until: datetime, *, step: timedelta = timedelta(hours=6)) -> None:
    """The relay looks again and again, each time until nothing is due."""
    now = bench.now
    while now <= until:
        while bench.at(now).watch_clocks():
            pass
        domain.watch_standstills(bench.session, now)
        now += step


def steps(told: Told) -> list[tuple[datetime, ClockLevel, UUID | None, bool]]:
    return [
        (it.occurred_at, it.level, it.organisation_id, isinstance(it, VerificationClockBreached))
        for it in of_clocks(told)
    ]


def of_clocks(told: Told) -> list[VerificationClockWarned | VerificationClockBreached]:
    kinds = VerificationClockWarned | VerificationClockBreached
    return [it for it in told(Queue.INTAKE) if isinstance(it, kinds)]


def levels(told: Told) -> list[tuple[ClockLevel, bool]]:
    return [(level, is_late) for _, level, _, is_late in steps(told)]


def duties(bench: Bench, subject: Subject) -> list[DutyRow]:
    bench.session.flush()
    return list(
        find_duties(
            bench.session, domain.DUTIES, subject=subject, now=bench.now, after=None, size=9
        )[0]
    )


W, H, B = (ClockLevel.OFFICER, False), (ClockLevel.HEAD, False), (ClockLevel.DEPARTMENT, True)


def test_it_is_told_to_those_who_decide_then_to_their_head_then_to_the_department(
    old: Bench, given: Verification, police: UUID, department: UUID, told: Told
) -> None:
    lived(old.at(OLD_LAW - timedelta(hours=12)), DUE + timedelta(days=9))
    assert steps(told) == [
        (WARNED, ClockLevel.OFFICER, police, False),
        (HEAD, ClockLevel.HEAD, police, False),
        (DUE, ClockLevel.DEPARTMENT, department, True),
    ]
    clock = old.clock(given)
    assert (clock.warned_at, clock.breached_at, clock.next_at) == (WARNED, DUE, None)


def test_each_is_an_entry_of_the_audit_and_names_the_case(
    old: Bench, given: Verification, settle: Callable[[], None]
) -> None:
    lived(old, DUE)
    settle()
    entries = old.session.execute(
        select(AUDIT).where(AUDIT.c.action.like("clock.%")).order_by(AUDIT.c.id)
    ).all()
    stages = (ClockStage.WARNED, ClockStage.ESCALATED, ClockStage.BREACHED)
    assert [it.action for it in entries] == [f"clock.{each}" for each in stages]
    assert {(it.actor, it.object_id, it.facts["case_id"]) for it in entries} == {
        ("sweep:watch_clocks", given.id, str(given.case_id))
    }


def test_what_is_decided_is_never_warned_of(old: Bench, given: Verification, told: Told) -> None:
    old.move(given, START, IDENTIFY)
    lived(old, DUE + timedelta(days=9))
    assert steps(told) == []
    assert old.clock(given).ended_at == old.now


def test_a_pause_keeps_it_silent_and_moves_all_that_follows(
    old: Bench, given: Verification, told: Told
) -> None:
    old.move(given, START)
    old.at(WARNED - MINUTE).move(given, PAUSE)
    lived(old.at(WARNED - MINUTE), DUE + timedelta(days=9))
    assert steps(told) == []
    assert list_open(old.session, size=9) == []
    resumed = DUE + timedelta(days=9, hours=3)
    old.at(resumed).move(given, RESUME)
    (pause,) = old.clock(given).pauses
    assert (pause.since, pause.until, pause.reason) == (
        WARNED - MINUTE, resumed, MoveReason.PERSON_UNAVAILABLE,
    )  # fmt: skip
    due_at = old.clock(given).due_at
    assert due_at is not None
    assert due_at > resumed
    lived(old.at(resumed), due_at + timedelta(days=1))
    assert levels(told) == [W, H, B]


def test_an_extension_is_another_day_to_be_warned_of_and_forgives_the_breach(
    old: Bench, given: Verification, told: Told
) -> None:
    old.move(given, START)
    lived(old, DUE)
    assert [it["kind"] for it in list_open(old.session, size=9)] == ["decision_overdue"]
    late = old.at(DUE + timedelta(days=1))
    late.move(given, EXTEND)
    clock = old.clock(given)
    assert (clock.key, clock.extended_at, clock.started_at) == (
        "verification.extended_total", late.now, OLD_LAW,
    )  # fmt: skip
    assert (clock.breached_at, clock.level, old.last_day(given)) == (None, None, date(2025, 7, 7))
    lived(late, start_of_day(date(2025, 7, 1)))
    assert list_open(old.session, size=9) == []
    lived(old.at(start_of_day(date(2025, 7, 1))), start_of_day(date(2025, 7, 9)))
    assert levels(told) == [W, H, B, W, H, B]


def test_opened_again_it_runs_on_a_clock_of_its_own(
    old: Bench, given: Verification, told: Told
) -> None:
    old.move(given, START, NEGATIVE)
    first = old.clock(given)
    later = old.at(OLD_LAW + timedelta(days=5))
    later.move(given, REOPEN)
    second = old.clock(given)
    assert first.id != second.id
    assert (second.started_at, second.ended_at, second.fact_id) == (
        later.now, None, later.steps(given)[-1].id,
    )  # fmt: skip


def test_the_manager_is_to_see_to_what_was_begun_and_the_case_owner_to_what_is_late(
    old: Bench, given: Verification, police: UUID, department: UUID
) -> None:
    old.move(given, START)
    lived(old, WARNED)
    head, owner = somebody(police, Role.MANAGER), somebody(department, Role.CASE_OWNER)
    assert duties(old.at(WARNED), head) == []
    lived(old.at(WARNED), HEAD)
    (found,) = duties(old.at(HEAD), head)
    assert (found.what, found.object_id, found.since, found.due_at) == (
        Duty.SEE_TO_DECISION, given.id, HEAD, DUE,
    )  # fmt: skip
    assert (found.case_id, found.case_code, found.area_code) == (None, None, None)
    assert duties(old.at(HEAD), owner) == []
    lived(old.at(HEAD), DUE)
    assert [it.what for it in duties(old.at(DUE), owner)] == [Duty.ASK_AUTHORITY]
    assert [it.what for it in duties(old.at(DUE), head)] == [Duty.SEE_TO_DECISION]
    old.at(DUE).move(given, IDENTIFY)
    assert duties(old.at(DUE), head) == []


def test_where_nobody_leads_the_authority_the_case_owner_is_told_exactly_that(
    old: Bench, police: UUID, department: UUID, told: Told
) -> None:
    old.organisation(verifier(), manager(until=date(2025, 5, 22)), organisation_id=police)
    given = old.opened()
    lived(old, HEAD)
    assert [it[1:3] for it in steps(told)] == [
        (ClockLevel.OFFICER, police),
        (ClockLevel.HEAD, None),
    ]
    (alert,) = list_open(old.session, size=9)
    assert (alert["kind"], alert["object_id"], alert["facts"]["unheld"]) == (
        "level_unheld", given.id, "head",
    )  # fmt: skip
    owner = somebody(department, Role.CASE_OWNER)
    assert [it.what for it in duties(old.at(HEAD), owner)] == [Duty.REMIND_AUTHORITY]
    lived(old.at(HEAD), DUE)
    (alert,) = list_open(old.session, size=9)
    assert (alert["kind"], "unheld" in alert["facts"]) == ("decision_overdue", False)


def test_of_an_authority_that_a_former_release_was_told_of_nobody_says_that_it_has_no_head(
    old: Bench, told: Told
) -> None:
    police = old.police()
    old.opened()
    old.session.execute(update(Organisation).values(managers_told=False))
    lived(old, HEAD)
    assert steps(told)[-1][1:3] == (ClockLevel.HEAD, police)


def test_where_nobody_owns_the_case_the_alert_of_what_is_late_says_so(
    old: Bench, police: UUID, told: Told
) -> None:
    old.opened()
    lived(old, DUE)
    (alert,) = list_open(old.session, size=9)
    assert (alert["kind"], alert["facts"]["unheld"]) == ("decision_overdue", "department")
    assert steps(told)[-1][1:3] == (ClockLevel.DEPARTMENT, None)


def test_under_the_law_whose_period_is_unset_a_clock_runs_and_says_so(
    bench: Bench, told: Told
) -> None:
    bench.police()
    made = bench.opened()
    clock = bench.clock(made)
    assert (clock.key, clock.regime, clock.period.amount) == ("verification.normal", "2024", None)
    assert (clock.due_at, clock.next_at, clock.ended_at) == (None, None, None)
    lived(bench, bench.now + timedelta(days=400), step=timedelta(days=30))
    assert steps(told) == []


def test_what_an_outage_of_days_has_missed_is_made_up_for_what_is_longest_due_first(
    old: Bench, police: UUID, department: UUID, told: Told
) -> None:
    made = [old.at(OLD_LAW + timedelta(days=days)).opened() for days in (6, 0, 3)]
    end = DUE + timedelta(days=1)
    while old.at(end).watch_clocks():
        pass
    heard = of_clocks(told)
    assert [it.object_id for it in heard][:2] == [made[1].id, made[2].id]
    # The first is late, and nobody is warned of a day that is over.
    assert [it.type.rsplit(".", 2)[1] for it in heard] == [
        "clock_breached", "clock_warned", "clock_warned",
    ]  # fmt: skip


def test_one_clock_that_cannot_be_moved_stops_no_other(
    old: Bench, police: UUID, department: UUID, told: Told
) -> None:
    first, second = old.opened(), old.opened()
    old.session.execute(
        CLOCKS.update().where(CLOCKS.c.object_id == first.id).values(object_id=uuid4())
    )
    assert old.at(WARNED).watch_clocks() == 1
    assert [it.object_id for it in of_clocks(told)] == [second.id]
    (alert,) = list_open(old.session, size=9)
    assert (alert["kind"], alert["subject"]) == ("sweep_row_failed", "watch_clocks")


def test_a_day_that_is_worked_after_all_makes_what_runs_due_earlier(
    session: Session, old: Bench, given: Verification
) -> None:
    kept = old.clock(given)
    later = kept.due_at + timedelta(days=9) if kept.due_at else None
    session.execute(CLOCKS.update().values(due_at=later, next_at=later))
    assert domain.WATCHING.recount(session, old.now) == 0
    assert old.clock(given) == kept
