"""When a clock is due: random rows, pauses, extensions and swapped days, counted day by day."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.clocks import Clock, ended, extended, paused, resumed
from shared.kit.clock import local_date, start_of_day
from shared.law import Unit, WorkCalendar
from tests.clocks.builders import MONDAY, at, law, longer, row, started, swapped

ONE_DAY = timedelta(days=1)
STARTS = st.dates(date(2025, 7, 1), date(2027, 1, 31))
MOMENTS = st.builds(at, STARTS, st.integers(0, 23))


@dataclass(frozen=True)
class Stop:
    """A pause: how many hours after what came before it, and for how many."""

    after: int
    lasts: int


STOPS = st.lists(st.builds(Stop, st.integers(0, 24 * 20), st.integers(0, 24 * 30)), max_size=4)
SWAPS = st.dictionaries(st.integers(1, 120), st.booleans(), max_size=12)
"""By how many days after the start a day lies, whether it is worked."""


def stopped(clock: Clock, stops: Sequence[Stop]) -> tuple[Clock, list[tuple[datetime, datetime]]]:
    """The clock after these pauses, and when they were."""
    moment, spans = clock.started_at, []
    for stop in stops:
        since = moment + timedelta(hours=stop.after)
        moment = since + timedelta(hours=stop.lasts)
        clock = resumed(paused(clock, "test", since), moment)
        spans.append((since, moment))
    return clock, spans


def naive(
    start: datetime,
    amount: int,
    spans: Sequence[tuple[datetime, datetime]],
    is_off: Callable[[date], bool],
    *,
    counts_days_off: bool,
) -> datetime:
    """The moment after the last day, each day looked at by itself."""
    day, left = local_date(start), amount

    def is_left_out() -> bool:
        morning = start_of_day(day)
        return any(since <= morning < until for since, until in spans)

    while left:
        day += ONE_DAY
        if not is_left_out() and (counts_days_off or not is_off(day)):
            left -= 1
    if is_off(day):
        day += ONE_DAY
        while is_off(day) or is_left_out():
            day += ONE_DAY
    return start_of_day(day + ONE_DAY)


@given(MOMENTS, st.integers(1, 60), st.sampled_from([Unit.DAY, Unit.WORKING_DAY]), STOPS, SWAPS)
def test_a_clock_is_due_when_a_count_day_by_day_says(
    start: datetime, amount: int, unit: Unit, stops: list[Stop], swaps: dict[int, bool]
) -> None:
    day = local_date(start)
    calendar = WorkCalendar(
        swapped(day + timedelta(days=after), is_working=worked) for after, worked in swaps.items()
    )
    period = row(amount, unit)
    with law(period, calendar=calendar):
        clock, spans = stopped(started(period, start), stops)
        assert clock.due_at == naive(
            clock.started_at,
            amount,
            spans,
            lambda each: not calendar.is_working(each),
            counts_days_off=unit is Unit.DAY,
        )


@given(MOMENTS, st.integers(1, 200), STOPS)
def test_hours_run_through_and_a_pause_within_them_lengthens_them(
    start: datetime, amount: int, stops: list[Stop]
) -> None:
    period = row(amount, Unit.HOUR)
    with law(period):
        clock, spans = stopped(started(period, start), stops)
        left, moment = amount, clock.started_at
        while left:
            # Each hour begins where the one before ended; one that is paused is not counted.
            if not any(since <= moment < until for since, until in spans):
                left -= 1
            moment += timedelta(hours=1)
        assert clock.due_at == moment


@given(MOMENTS, st.integers(1, 30), st.integers(1, 60), STOPS, st.integers(0, 4))
def test_an_extension_counts_the_longer_row_from_the_same_start(
    start: datetime, amount: int, more: int, stops: list[Stop], place: int
) -> None:
    """Whenever it is taken: the pauses before it and after it move the new day as well."""
    short, long = row(amount, Unit.DAY), longer(amount + more, Unit.DAY)
    with law(short, long):
        clock = started(short, start)
        moment = clock.started_at
        for index, stop in enumerate(stops):
            if index == place:
                clock = extended(clock, long, moment)
            since = moment + timedelta(hours=stop.after)
            moment = since + timedelta(hours=stop.lasts)
            clock = resumed(paused(clock, "test", since), moment)
        if place >= len(stops):
            clock = extended(clock, long, moment)
        expected, _ = stopped(started(long, start), stops)
        assert (clock.due_at, clock.pauses) == (expected.due_at, expected.pauses)


def test_a_clock_is_extended_once() -> None:
    short, long = row(5, Unit.DAY), longer(9, Unit.DAY)
    with law(short, long):
        clock = extended(started(short, at(MONDAY)), long, at(MONDAY))
        with pytest.raises(ValueError, match="once"):
            extended(clock, long, at(MONDAY))


@given(STARTS, STOPS)
def test_without_an_amount_it_runs_and_is_never_due(day: date, stops: list[Stop]) -> None:
    period = row(None, Unit.DAY)
    with law(period):
        clock, _ = stopped(started(period, at(day)), stops)
        assert (clock.due_at, clock.next_at, clock.end) == (None, None, None)
        assert len(clock.pauses) == len(stops)


@given(STARTS, st.integers(1, 30), STOPS)
def test_what_is_paused_or_ended_is_not_seen_to(day: date, amount: int, stops: list[Stop]) -> None:
    period = row(amount, Unit.WORKING_DAY)
    with law(period):
        clock, _ = stopped(started(period, at(day)), stops)
        assert clock.next_at is not None
        assert clock.next_at <= (clock.due_at or clock.next_at)
        stands = paused(clock, "test", at(day))
        assert (stands.next_at, stands.due_at) == (None, clock.due_at)
        over = ended(clock, at(day))
        assert (over.next_at, over.ended_at, over.due_at) == (None, at(day), clock.due_at)


def test_it_keeps_the_row_it_began_with() -> None:
    """Another row of the name that holds from tomorrow says nothing of what runs."""
    before = replace(row(5, Unit.DAY), valid_to=MONDAY)
    after = replace(row(90, Unit.DAY), valid_from=MONDAY + ONE_DAY)
    with law(before, after):
        clock = started(before, at(MONDAY))
        going_on = resumed(paused(clock, "test", at(MONDAY)), at(MONDAY + ONE_DAY))
        assert (clock.period, going_on.period) == (before, before)
        assert started(after, at(MONDAY + ONE_DAY)).period == after
