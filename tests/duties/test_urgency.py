"""How much something presses: a pure policy of its last day and today."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.duties import Urgency, span_of, urgency_of
from shared.kit.clock import start_of_day

DAYS = st.dates(date(2020, 1, 1), date(2040, 1, 1))
ORDER = (Urgency.OVERDUE, Urgency.TODAY, Urgency.THIS_WEEK, Urgency.LATER)


def after(last_day: date) -> datetime:
    return start_of_day(last_day + timedelta(days=1))


@given(DAYS)
def test_what_no_rule_dates_is_never_late(today: date) -> None:
    assert urgency_of(None, today) is Urgency.UNDATED


@given(DAYS, st.integers(-400, 400))
def test_the_last_day_decides(today: date, distance: int) -> None:
    last_day = today + timedelta(days=distance)
    is_same_week = last_day.isocalendar()[:2] == today.isocalendar()[:2]
    if distance < 0:
        expected = Urgency.OVERDUE
    elif distance == 0:
        expected = Urgency.TODAY
    else:
        expected = Urgency.THIS_WEEK if is_same_week else Urgency.LATER
    assert urgency_of(after(last_day), today) is expected


@given(DAYS, st.integers(0, 24 * 60 - 1))
def test_what_ends_within_a_day_is_due_on_it(day: date, minute: int) -> None:
    moment = start_of_day(day) + timedelta(minutes=minute + 1)
    assert urgency_of(moment, day) is Urgency.TODAY


@given(st.lists(DAYS, min_size=2), DAYS)
def test_what_is_due_sooner_never_presses_less(days: list[date], today: date) -> None:
    found = [ORDER.index(urgency_of(after(day), today)) for day in sorted(days)]
    assert found == sorted(found)


@given(DAYS, DAYS)
def test_nothing_presses_less_as_time_passes_but_for_a_new_week(
    last_day: date, today: date
) -> None:
    first, then = (urgency_of(after(last_day), day) for day in (today, today + timedelta(days=1)))
    assert ORDER.index(then) <= ORDER.index(first)


def test_the_days_are_those_of_hai_phong() -> None:
    evening = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
    assert evening == start_of_day(date(2026, 3, 3))
    assert urgency_of(evening, date(2026, 3, 2)) is Urgency.TODAY
    assert urgency_of(evening, date(2026, 3, 3)) is Urgency.OVERDUE


@given(DAYS, st.integers(-15 * 24 * 60, 15 * 24 * 60))
def test_what_presses_so_much_ends_in_its_span_and_in_no_other(today: date, minutes: int) -> None:
    due_at = start_of_day(today) + timedelta(minutes=minutes)
    found = {
        urgency
        for urgency in Urgency
        if (span := span_of(urgency, today)) is not None
        and (span.after is None or due_at > span.after)
        and (span.until is None or due_at <= span.until)
    }
    assert found == {urgency_of(due_at, today)}
    assert span_of(Urgency.UNDATED, today) is None
