"""A period of decisions that an administrator changed moves what runs only where it says so."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from services.verification import tasks
from services.verification.policy import Move, MoveFacts, MoveReason
from shared import clocks
from shared.contracts import (
    Message,
    Queue,
    RuleChanged,
    RuleProposed,
    VerificationClockBreached,
    VerificationRuleRehearsed,
)
from shared.contracts.law import Certainty, PeriodKey, Unit
from shared.contracts.vocabulary import Regime
from shared.kit.audit import AUDIT
from shared.kit.clock import local_date
from tests.verification.builders import IDENTIFY, START, Bench

TOMORROW = timedelta(days=1)
MONDAY = date(2026, 3, 2)
PAUSE = MoveFacts(Move.PAUSE, reason=MoveReason.PERSON_UNAVAILABLE)
EXTEND = MoveFacts(Move.EXTEND, reason=MoveReason.COMPLEX_CASE)


def published(
    now: datetime,
    amount: int | None,
    *,
    key: PeriodKey = PeriodKey.VERIFICATION_NORMAL,
    moves_since: date | None = None,
    ordinal: int = 1,
) -> RuleChanged:
    """A row of the law of 2024, whose text nobody had at hand: from tomorrow, or since a day."""
    return RuleChanged(
        occurred_at=now,
        rule_id=UUID(int=ordinal),
        ordinal=ordinal,
        key=key,
        regime=Regime.LAW_2024,
        amount=amount,
        unit=Unit.DAY,
        status=Certainty.ASSUMED,
        valid_from=moves_since or local_date(now + TOMORROW),
        applies_to_running=moves_since is not None,
    )


def publish(bench: Bench, *rows: RuleChanged) -> None:
    bench.session.info.clear()
    tasks.keep_rules(bench.session, rows, bench.now)


@pytest.fixture
def told_to(
    bench: Bench, told: Callable[[Queue], list[Message]]
) -> Callable[[Queue], list[Message]]:
    bench.police()
    return told


def test_what_is_asked_for_on_its_days_goes_by_it_and_what_runs_does_not(bench: Bench) -> None:
    bench.police()
    running = bench.opened()
    publish(bench, published(bench.now, 30))
    later = bench.at(bench.now + TOMORROW).opened()
    assert clocks.follow(bench.session, bench.now) == 0
    assert (bench.due_on(running), bench.due_on(later)) == (None, date(2026, 4, 2))
    assert bench.clock(later).period.row_id == UUID(int=1)
    assert bench.clock(running).period.row_id is None


def test_a_row_that_applies_to_what_runs_gives_a_date_to_what_had_none(
    bench: Bench, settle: Callable[[], None]
) -> None:
    bench.police()
    before, since = bench.at(bench.now - TOMORROW).opened(), bench.opened()
    publish(bench, published(bench.now, 30, moves_since=MONDAY))
    assert clocks.follow(bench.session, bench.now) == 1
    assert (bench.due_on(before), bench.due_on(since)) == (None, date(2026, 4, 1))
    assert bench.clock(since).next_at is not None
    assert clocks.follow(bench.session, bench.now) == 0, "once"
    settle()
    (facts,) = bench.session.scalars(
        select(AUDIT.c.facts).where(AUDIT.c.action == "clock.date_moved")
    ).all()
    assert (facts["key"], facts["rule_id"], facts["due_at"]) == (
        "verification.normal", str(UUID(int=1)), "2026-04-01T17:00:00+00:00",
    )  # fmt: skip


def test_a_row_that_corrects_another_from_the_same_day_moves_what_that_one_moved(
    bench: Bench,
) -> None:
    bench.police()
    made = bench.opened()
    publish(bench, published(bench.now, 30, moves_since=MONDAY))
    clocks.follow(bench.session, bench.now)
    publish(bench, published(bench.now, 10, moves_since=MONDAY, ordinal=2))
    assert bench.due_on(made) == date(2026, 4, 1), "until it is followed it is due as it was told"
    assert bench.clock(made).period.row_id == UUID(int=1)
    assert clocks.follow(bench.session, bench.now) == 1
    assert (bench.due_on(made), bench.clock(made).period.row_id) == (
        date(2026, 3, 12), UUID(int=2),
    )  # fmt: skip


def test_what_is_paused_is_moved_and_goes_on_by_the_row(bench: Bench) -> None:
    bench.police()
    made = bench.opened()
    bench.move(made, START, PAUSE)
    publish(bench, published(bench.now, 30, moves_since=MONDAY))
    assert clocks.follow(bench.session, bench.now) == 1
    assert bench.clock(made).next_at is None
    bench.at(bench.now + TOMORROW * 3).move(made, MoveFacts(Move.RESUME))
    # Three mornings were left out.
    assert bench.due_on(made) == date(2026, 4, 6)


def test_what_would_have_been_over_is_late_at_once_and_a_longer_row_forgives_it(
    bench: Bench, told_to: Callable[[Queue], list[Message]]
) -> None:
    made = bench.opened()
    later = bench.at(bench.now + TOMORROW * 20)
    publish(later, published(later.now, 5, moves_since=MONDAY))
    clocks.follow(bench.session, later.now)
    later.watch_clocks()
    assert [type(it) for it in told_to(Queue.INTAKE)][-1] is VerificationClockBreached
    publish(later, published(later.now, 60, moves_since=MONDAY, ordinal=2))
    clocks.follow(bench.session, later.now)
    assert (bench.clock(made).breached_at, bench.due_on(made)) == (None, date(2026, 5, 4))


def test_what_is_over_is_moved_by_nothing(bench: Bench) -> None:
    bench.police()
    made = bench.opened()
    bench.move(made, START, IDENTIFY)
    publish(bench, published(bench.now, 30, moves_since=MONDAY))
    assert clocks.follow(bench.session, bench.now) == 0


def test_an_extension_takes_the_row_that_was_published_for_it(bench: Bench) -> None:
    bench.police()
    publish(bench, published(bench.now, 40, key=PeriodKey.VERIFICATION_EXTENDED))
    made = bench.at(bench.now + TOMORROW).opened()
    bench.at(bench.now + TOMORROW).move(made, START, EXTEND)
    clock = bench.clock(made)
    assert (clock.period.amount, clock.row_id) == (40, UUID(int=1))


@pytest.mark.parametrize("since", [-2, 0, 1])
def test_what_a_rehearsal_counts_is_what_is_moved(
    bench: Bench, told_to: Callable[[Queue], list[Message]], since: int
) -> None:
    for days in (0, 1, 2):
        bench.at(bench.now - TOMORROW * days).opened()
    row = published(bench.now, 20, moves_since=local_date(bench.now + TOMORROW * since))
    proposed = RuleProposed.model_validate(row.model_dump() | {"law": None})
    tasks.rehearse_rule(bench.session, proposed, bench.now)
    (answer,) = told_to(Queue.DIRECTORY)
    assert isinstance(answer, VerificationRuleRehearsed)
    assert answer.running == 3
    publish(bench, row)
    assert clocks.follow(bench.session, bench.now) == answer.moved
    assert answer.moved == {-2: 3, 0: 1, 1: 0}[since]


@pytest.mark.parametrize("key", [PeriodKey.COMPLAINT_WINDOW, PeriodKey.CLOCK_WARNING])
def test_of_what_runs_on_no_clock_a_rehearsal_counts_nothing(
    bench: Bench, told_to: Callable[[Queue], list[Message]], key: PeriodKey
) -> None:
    bench.opened()
    row = published(bench.now, 20, key=key).model_copy(update={"regime": None})
    proposed = RuleProposed.model_validate(row.model_dump() | {"law": None})
    tasks.rehearse_rule(bench.session, proposed, bench.now)
    (answer,) = told_to(Queue.DIRECTORY)
    assert isinstance(answer, VerificationRuleRehearsed)
    assert (answer.running, answer.moved) == (None, 0)
