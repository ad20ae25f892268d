"""What the time does to a clock: warned of, escalated, late; each once, in order, by rows."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.clocks import Clock, ClockStage, Holders, paused, resumed
from shared.clocks.stages import passed
from shared.contracts.vocabulary import ClockLevel
from shared.law import OwnerRole, Unit, WorkCalendar
from tests.clocks.builders import MONDAY, at, escalation, law, row, started, swapped, warning

ONE_HOUR = timedelta(hours=1)
ALL = Holders(uuid4(), uuid4(), uuid4())
NOBODY = Holders(None, None, None)
W, E, B = ClockStage.WARNED, ClockStage.ESCALATED, ClockStage.BREACHED


@pytest.fixture(autouse=True)
def of_the_law() -> Iterator[None]:
    """Ten working days; warned three before, the head a working day later."""
    with law(row(10, Unit.WORKING_DAY), warning(3), escalation(1)):
        yield


def clock() -> Clock:
    return started(row(10, Unit.WORKING_DAY), at(MONDAY))


def lived(
    clock: Clock, until: datetime, *, step: timedelta = ONE_HOUR, holders: Holders = ALL
) -> Iterator[tuple[datetime, ClockStage, Clock]]:
    """What happens to a clock that is looked at again and again, each time until nothing is due."""
    now = clock.started_at
    while now <= until:
        while clock.next_at is not None and clock.next_at <= now:
            after = passed(clock, holders, now)
            assert after.clock != clock, "it goes on"
            clock = after.clock
            if after.stage is not None:
                yield now, after.stage, clock
        now += step


@given(late=st.timedeltas(timedelta(0), timedelta(days=40)))
def test_what_something_else_acts_on_ends_when_it_is_over_and_is_late_for_nobody(
    late: timedelta,
) -> None:
    begun = clock()
    assert begun.due_at is not None
    over = passed(begun, ALL, begun.due_at + late, is_passing=True)
    assert (over.stage, over.clock.ended_at) == (ClockStage.LAPSED, begun.due_at)
    assert (over.clock.breached_at, over.clock.next_at) == (None, None)
    before = passed(begun, ALL, begun.next_at or begun.due_at, is_passing=True)
    assert before.stage is W, "and is warned of as all are"


def test_it_is_warned_of_goes_to_the_head_and_is_late() -> None:
    # Ten working days from Monday 2 March end on Monday the 16th.
    seen = [
        (now.astimezone(at(MONDAY).tzinfo), stage)
        for now, stage, _ in lived(clock(), at(date(2026, 3, 20)))
    ]
    assert [(f"{now:%d %H}", stage) for now, stage in seen] == [
        ("11 00", W),
        ("13 00", E),
        ("17 00", B),
    ]


def test_each_stage_says_which_level_it_has_come_to_and_who_holds_it() -> None:
    levels = [
        (it.level, it.level_holder_id, it.level_since)
        for _, _, it in lived(clock(), at(date(2026, 3, 20)))
    ]
    assert [(level, held) for level, held, _ in levels] == [
        (ClockLevel.OFFICER, ALL.officer),
        (ClockLevel.HEAD, ALL.head),
        (ClockLevel.DEPARTMENT, ALL.department),
    ]
    assert levels == sorted(levels, key=lambda it: str(it[2]))


def test_where_nobody_holds_a_level_the_clock_says_so_and_goes_on() -> None:
    told = list(lived(clock(), at(date(2026, 3, 20)), holders=NOBODY))
    assert [stage for _, stage, _ in told] == [W, E, B]
    assert {it.level_holder_id for _, _, it in told} == {None}


@given(st.integers(1, 24 * 40), st.integers(1, 200))
def test_however_long_nobody_looks_it_is_made_up_for_in_order(step: int, amount: int) -> None:
    """A warning of a day that is over would warn nobody, so it is left out: never another order."""
    period = row(amount, Unit.HOUR)
    with law(period, escalation(1)):
        end = at(MONDAY + timedelta(days=80))
        told = list(lived(started(period, at(MONDAY)), end, step=timedelta(hours=step)))
    stages = [stage for _, stage, _ in told]
    assert stages in ([W, E, B], [W, B], [B])
    for now, stage, it in told:
        assert it.due_at is not None
        assert (now >= it.due_at) == (stage is B)


@given(st.integers(1, 30), st.integers(0, 10), st.sampled_from([Unit.DAY, Unit.WORKING_DAY]))
def test_it_is_warned_of_so_long_before_as_the_row_says_and_not_on_the_day_it_began(
    amount: int, before: int, unit: Unit
) -> None:
    period = row(amount, Unit.WORKING_DAY)
    with law(period, warning(before or None, unit)):
        made = started(period, at(MONDAY))
    assert made.due_at is not None
    assert made.next_at is not None
    assert at(MONDAY, 23, 59) < made.next_at <= made.due_at
    if not before:
        assert made.next_at == made.due_at, "an unset row warns of nothing"


def test_what_nobody_leads_on_from_is_late_all_the_same() -> None:
    with law(row(10, Unit.WORKING_DAY), warning(3), escalation(None)):
        stages = [stage for _, stage, _ in lived(clock(), at(date(2026, 3, 20)))]
    assert stages == [W, B]


def test_a_day_declared_off_since_makes_nobody_late() -> None:
    made, last = clock(), date(2026, 3, 16)
    with law(
        row(10, Unit.WORKING_DAY),
        calendar=WorkCalendar([swapped(last, is_working=False)]),
    ):
        after = passed(replace(made, next_at=made.due_at), ALL, made.due_at or at(last))
        assert (after.stage, after.clock.breached_at) == (W, None)
        assert after.clock.due_at == at(date(2026, 3, 18), 0)


def test_another_day_to_be_due_by_is_warned_of_anew_and_what_was_late_is_not() -> None:
    *_, (_, _, late) = lived(clock(), at(date(2026, 3, 20)))
    assert late.breached_at is not None
    before = clock()
    stands = paused(before, "test", at(date(2026, 3, 3)))
    going_on = resumed(stands, at(date(2026, 3, 6)))
    assert going_on.due_at == at(date(2026, 3, 20), 0)
    told = [stage for _, stage, _ in lived(going_on, at(date(2026, 3, 27)))]
    assert told == [W, E, B]


def test_a_pause_behind_the_last_day_moves_nothing_and_forgives_nothing() -> None:
    *_, (_, _, late) = lived(clock(), at(date(2026, 3, 20)))
    going_on = resumed(paused(late, "test", at(date(2026, 3, 23))), at(date(2026, 3, 30)))
    assert (going_on.due_at, going_on.breached_at) == (late.due_at, late.breached_at)
    assert going_on.next_at is None


@given(st.integers(1, 200), st.integers(1, 24 * 40))
def test_a_right_of_the_person_is_warned_of_once_to_the_department_and_lapses_and_is_never_late(
    amount: int, step: int
) -> None:
    period = replace(row(amount, Unit.DAY), owner_role=OwnerRole.PERSON)
    with law(period, warning(3), escalation(1)):
        made = started(period, at(MONDAY))
        end = at(MONDAY + timedelta(days=400))
        told = list(lived(made, end, step=timedelta(hours=step)))
    *before, (_, last, over) = told
    assert last is ClockStage.LAPSED
    assert [stage for _, stage, _ in before] in ([], [W])
    assert {it.level for _, _, it in before} <= {ClockLevel.DEPARTMENT}
    assert (over.ended_at, over.breached_at, over.next_at) == (made.due_at, None, None)
