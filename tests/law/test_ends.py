"""When a period ends, and why then: the Civil Code's counting, against a count day by day."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.contracts.vocabulary import Regime
from shared.kit.clock import HAI_PHONG, local_date
from shared.law import (
    Certainty,
    End,
    Override,
    OwnerRole,
    Pause,
    Period,
    PeriodKey,
    Rules,
    SkipReason,
    Unit,
    WorkCalendar,
    end_of,
    rules,
    work_calendar,
)

ONE_DAY = timedelta(days=1)
UNMOVED = Rules((), ())
"""Rules under which no period is moved by a day off."""


def period(amount: int | None, unit: Unit) -> Period:
    return Period(
        key=PeriodKey.REFERRAL_ANSWER,
        regime=None,
        amount=amount,
        unit=unit,
        owner_role=OwnerRole.PARTNER,
        legal_ref="none",
        status=Certainty.ASSUMED,
        starts_with="test.began",
    )


def ended(amount: int, unit: Unit, start: date | datetime, *pauses: Pause) -> End:
    end = end_of(period(amount, unit), start, pauses=pauses)
    assert end is not None
    return end


def at(day: date, hour: int = 12, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), tzinfo=HAI_PHONG)


def midnight_after(day: date) -> datetime:
    return at(day + ONE_DAY, 0)


# --- Examples


@pytest.mark.parametrize(
    ("start", "last"),
    [
        # Monday noon: Tuesday to Friday, then Monday.
        (datetime(2026, 3, 2, 5, tzinfo=UTC), date(2026, 3, 9)),
        # It is already Tuesday in Hải Phòng, so Tuesday is the day of the event.
        (datetime(2026, 3, 2, 20, tzinfo=UTC), date(2026, 3, 10)),
        # Across Tết, 16 to 20 February 2026.
        (datetime(2026, 2, 13, 2, tzinfo=UTC), date(2026, 2, 27)),
        # Saturday 22 August 2026 is worked in exchange for Monday the 31st.
        (datetime(2026, 8, 21, 2, tzinfo=UTC), date(2026, 8, 27)),
    ],
)
def test_five_working_days_end_with_the_fifth(start: datetime, last: date) -> None:
    end = ended(5, Unit.WORKING_DAY, start)
    assert (end.last_day, end.at, end.moved) == (last, midnight_after(last), None)


def test_a_period_of_working_days_names_each_day_it_left_out() -> None:
    end = ended(1, Unit.WORKING_DAY, date(2026, 4, 29))
    left_out = [(each.day.isoformat(), each.reason, each.name) for each in end.skipped]
    assert left_out == [
        ("2026-04-30", SkipReason.PUBLIC_HOLIDAY, "Ngày Chiến thắng"),
        ("2026-05-01", SkipReason.PUBLIC_HOLIDAY, "Ngày Quốc tế Lao động"),
        ("2026-05-02", SkipReason.WEEKEND, None),
        ("2026-05-03", SkipReason.WEEKEND, None),
    ]
    assert end.last_day == date(2026, 5, 4)


def test_a_calendar_period_that_ends_on_a_day_off_ends_with_the_next_working_day() -> None:
    # Twenty days from Monday 30 June 2025 end on Sunday 20 July.
    end = ended(20, Unit.DAY, date(2025, 6, 30))
    assert (end.last_day, end.at) == (date(2025, 7, 21), midnight_after(date(2025, 7, 21)))
    assert end.moved is not None
    assert end.moved.day == date(2025, 7, 20)
    assert [each.day for each in end.skipped] == [date(2025, 7, 20)]


def test_the_rule_that_moved_it_is_a_row_that_nobody_has_read_again() -> None:
    end = ended(20, Unit.DAY, date(2025, 6, 30))
    assert end.moved is not None
    rule = end.moved.by
    assert (rule.key, rule.status) == ("civil_code.day_off", Certainty.RECALLED)
    assert rule.legal_ref == "Civil Code 91/2015/QH13 Art. 148(5)"


@pytest.mark.parametrize("unit", [Unit.DAY, Unit.MONTH, Unit.YEAR])
def test_where_the_row_does_not_hold_the_end_stays_on_its_day(unit: Unit) -> None:
    for start in (date(2025, 6, n) for n in range(1, 31)):
        end = end_of(period(2, unit), start, countings=UNMOVED)
        assert end is not None
        assert (end.moved, end.skipped) == (None, ())
    before = date(2016, 12, 30)
    assert ended(1, Unit.DAY, before).last_day == date(2016, 12, 31)


def test_two_months_that_end_before_a_long_holiday_end_after_it() -> None:
    # Saturday 30 August 2025; Monday and Tuesday are the National Day's.
    end = ended(2, Unit.MONTH, date(2025, 6, 30))
    assert end.last_day == date(2025, 9, 3)
    reasons = [each.reason for each in end.skipped]
    assert reasons == [SkipReason.WEEKEND] * 2 + [SkipReason.PUBLIC_HOLIDAY] * 2


def test_a_saturday_that_is_worked_ends_a_period() -> None:
    assert ended(1, Unit.DAY, date(2026, 8, 21)).last_day == date(2026, 8, 22)


def test_a_dated_row_comes_before_the_published_calendar() -> None:
    off, worked = date(2026, 3, 4), date(2026, 3, 7)
    calendar = WorkCalendar(
        [
            Override(off, is_working=False, legal_ref="none", status=Certainty.ASSUMED),
            Override(worked, is_working=True, legal_ref="none", status=Certainty.ASSUMED),
        ]
    )
    end = end_of(period(5, Unit.WORKING_DAY), date(2026, 3, 2), calendar=calendar)
    assert end is not None
    assert end.last_day == date(2026, 3, 9)
    assert [(each.day, each.reason) for each in end.skipped] == [
        (off, SkipReason.DECLARED_OFF),
        (date(2026, 3, 8), SkipReason.WEEKEND),
    ]


@pytest.mark.parametrize(
    ("start", "last"),
    [
        (date(2024, 12, 31), date(2025, 2, 28)),
        (date(2023, 12, 31), date(2024, 2, 29)),
        (date(2025, 3, 3), date(2025, 5, 3)),
    ],
)
def test_months_end_on_the_corresponding_day_or_the_last_of_the_month(
    start: date, last: date
) -> None:
    end = end_of(period(2, Unit.MONTH), start, countings=UNMOVED)
    assert end is not None
    assert end.last_day == last


def test_a_year_from_a_leap_day_ends_with_february() -> None:
    assert ended(1, Unit.YEAR, date(2024, 2, 29)).last_day == date(2025, 2, 28)


def test_hours_run_through_nights_sundays_and_holidays() -> None:
    start = at(date(2026, 2, 14), 18, 30)
    end = ended(24, Unit.HOUR, start)
    assert (end.at, end.last_day, end.moved) == (start + ONE_DAY, date(2026, 2, 15), None)


def test_hours_need_the_moment_they_begin_at() -> None:
    with pytest.raises(ValueError, match="moment"):
        end_of(period(24, Unit.HOUR), date(2026, 2, 14))


@pytest.mark.parametrize("unit", list(Unit))
def test_an_unset_amount_starts_no_clock(unit: Unit) -> None:
    assert end_of(period(None, unit), date(2026, 3, 2)) is None


def test_a_pause_of_three_days_moves_the_end_by_three() -> None:
    start = date(2026, 3, 2)
    pause = Pause(at(date(2026, 3, 9)), at(date(2026, 3, 12)), "interpreter_awaited")
    without, paused = ended(21, Unit.DAY, start), ended(21, Unit.DAY, start, pause)
    assert (without.last_day, paused.last_day) == (date(2026, 3, 23), date(2026, 3, 26))
    left_out = [(each.day.day, each.reason) for each in paused.skipped]
    assert left_out == [(day, SkipReason.PAUSED) for day in (10, 11, 12)]
    assert paused.pauses == (pause,)


def test_a_pause_within_one_day_moves_nothing_and_one_over_midnight_a_day() -> None:
    start, day = date(2026, 3, 2), date(2026, 3, 10)
    short = Pause(at(day, 9), at(day, 17))
    over = Pause(at(day, 23, 59), at(day + ONE_DAY, 0, 1))
    until_midnight = Pause(at(day, 9), at(day + ONE_DAY, 0))
    whole = Pause(at(day, 0), at(day + ONE_DAY, 0))
    moved = [ended(21, Unit.DAY, start, each).last_day.day for each in (short, over)]
    assert moved == [23, 24]
    edges = [ended(21, Unit.DAY, start, each).last_day.day for each in (until_midnight, whole)]
    assert edges == [23, 24]


def test_pauses_before_the_period_and_after_its_end_are_no_part_of_it() -> None:
    start = date(2026, 3, 2)
    before = Pause(at(date(2026, 2, 20)), at(start))
    after = Pause(at(date(2026, 3, 24)), at(date(2026, 3, 30)))
    end = ended(21, Unit.DAY, start, before, after)
    assert (end.last_day, end.pauses) == (date(2026, 3, 23), ())


def test_an_end_moved_from_a_day_off_is_not_put_into_a_pause() -> None:
    # Friday to Sunday; paused from that Sunday to Tuesday.
    pause = Pause(at(date(2026, 3, 8)), at(date(2026, 3, 10)))
    end = ended(2, Unit.DAY, date(2026, 3, 6), pause)
    assert end.last_day == date(2026, 3, 11)
    assert end.moved is not None


def test_the_national_day_is_no_working_day() -> None:
    assert not work_calendar().is_working(date(2026, 9, 2))


# --- Against a count day by day

CALENDAR = work_calendar()
STARTS = st.integers(0, 12 * 365 * 24 * 60).map(
    lambda minutes: datetime(2018, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
SPANS = st.lists(st.tuples(st.integers(-3_000, 90_000), st.integers(0, 20_000)), max_size=4)
"""Minutes from the start to a pause, and how long it is."""
IN_DAYS = st.sampled_from([Unit.DAY, Unit.WORKING_DAY, Unit.MONTH, Unit.YEAR])


def pauses_from(start: datetime, spans: Sequence[tuple[int, int]]) -> list[Pause]:
    made = [(start + timedelta(minutes=after), timedelta(minutes=long)) for after, long in spans]
    return [Pause(since, since + length) for since, length in made]


def is_paused(day: date, pauses: Sequence[Pause]) -> bool:
    return any(each.since <= at(day, 0) < each.until for each in pauses)


def months_between(first: date, last: date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month


def steps(unit: Unit, amount: int, start: date) -> int:
    """How many days a period has, found by walking."""
    if unit in {Unit.DAY, Unit.WORKING_DAY}:
        return amount
    months = amount if unit is Unit.MONTH else 12 * amount
    day, walked = start, 0
    while True:
        day, walked = day + ONE_DAY, walked + 1
        is_last_of_month = (day + ONE_DAY).month != day.month
        if months_between(start, day) == months and (day.day == start.day or is_last_of_month):
            return walked


def naive_last_day(unit: Unit, amount: int, start: date, pauses: Sequence[Pause]) -> date:
    def counts(day: date) -> bool:
        works = unit is not Unit.WORKING_DAY or CALENDAR.is_working(day)
        return works and not is_paused(day, pauses)

    day = nth(start, steps(unit, amount, start), counts)
    if CALENDAR.is_working(day):
        return day
    return nth(day, 1, lambda each: CALENDAR.is_working(each) and not is_paused(each, pauses))


def nth(start: date, count: int, counts: Callable[[date], bool]) -> date:
    day = start
    while count:
        day += ONE_DAY
        count -= counts(day)
    return day


@given(start=STARTS, amount=st.integers(1, 40), unit=IN_DAYS, spans=SPANS)
@example(datetime(2026, 2, 13, 17, tzinfo=UTC), 3, Unit.DAY, [(0, 0), (0, 1440)])
def test_every_period_ends_where_counting_day_by_day_ends(
    start: datetime, amount: int, unit: Unit, spans: list[tuple[int, int]]
) -> None:
    amount = min(amount, 3) if unit is Unit.YEAR else amount
    pauses = pauses_from(start, spans)
    end = ended(amount, unit, start, *pauses)
    assert end.last_day == naive_last_day(unit, amount, local_date(start), pauses)
    assert end.at == midnight_after(end.last_day)


@given(start=STARTS, amount=st.integers(1, 40), unit=IN_DAYS, spans=SPANS)
def test_the_days_counted_and_those_left_out_are_all_there_are(
    start: datetime, amount: int, unit: Unit, spans: list[tuple[int, int]]
) -> None:
    amount = min(amount, 3) if unit is Unit.YEAR else amount
    end = ended(amount, unit, start, *pauses_from(start, spans))
    left_out = [each.day for each in end.skipped]
    assert left_out == sorted(set(left_out))
    assert all(end.started_on < day < end.last_day for day in left_out)
    counted = (end.last_day - end.started_on).days - len(left_out)
    # The day off an end was moved from had counted; the day it was moved to counts in its place.
    assert counted == steps(unit, amount, end.started_on)


@given(start=STARTS, amount=st.integers(1, 40), unit=IN_DAYS, spans=SPANS)
def test_no_period_in_days_ends_on_a_day_off(
    start: datetime, amount: int, unit: Unit, spans: list[tuple[int, int]]
) -> None:
    end = ended(amount, unit, start, *pauses_from(start, spans))
    assert CALENDAR.is_working(end.last_day)
    assert unit is not Unit.WORKING_DAY or end.moved is None


@given(start=STARTS, amount=st.integers(4, 40), after=st.integers(1, 3), days=st.integers(0, 60))
def test_a_pause_of_n_days_in_a_calendar_period_makes_it_end_n_days_later(
    start: datetime, amount: int, after: int, days: int
) -> None:
    began = start + after * ONE_DAY
    pause = Pause(began, began + days * ONE_DAY)
    row = period(amount, Unit.DAY)
    without = end_of(row, start, countings=UNMOVED)
    paused = end_of(row, start, countings=UNMOVED, pauses=[pause])
    assert without is not None
    assert paused is not None
    assert paused.last_day - without.last_day == days * ONE_DAY


@given(start=STARTS, amount=st.integers(1, 40), unit=st.sampled_from(Unit), spans=SPANS)
def test_no_pause_makes_a_period_end_earlier(
    start: datetime, amount: int, unit: Unit, spans: list[tuple[int, int]]
) -> None:
    assert (
        ended(amount, unit, start, *pauses_from(start, spans)).at >= ended(amount, unit, start).at
    )


@given(
    start=STARTS,
    hours=st.integers(1, 30),
    spans=st.lists(st.tuples(st.integers(-300, 3000), st.integers(0, 900)), max_size=4),
)
def test_a_period_in_hours_has_so_many_minutes_outside_its_pauses(
    start: datetime, hours: int, spans: list[tuple[int, int]]
) -> None:
    pauses = pauses_from(start, spans)
    moment, left = start, hours * 60
    while left:
        left -= not any(each.since <= moment < each.until for each in pauses)
        moment += timedelta(minutes=1)
    assert ended(hours, Unit.HOUR, start, *pauses).at == moment


@given(start=STARTS, amount=st.integers(1, 40), unit=IN_DAYS)
def test_an_event_of_the_same_day_gives_the_same_end(
    start: datetime, amount: int, unit: Unit
) -> None:
    assert ended(amount, unit, start).at == ended(amount, unit, local_date(start)).at


def test_every_period_of_this_release_can_be_counted() -> None:
    start = datetime(2026, 3, 2, 5, tzinfo=UTC)
    for row in rules().periods:
        end = end_of(row, start)
        assert (end is None) == (row.amount is None), row.key
    window = rules().find(
        PeriodKey.SUPPORT_APPLICATION_WINDOW, on=date(2025, 3, 2), regime=Regime.LAW_2011
    )
    end = end_of(window, date(2025, 3, 2))
    assert end is not None
    assert end.last_day == date(2026, 3, 2)
