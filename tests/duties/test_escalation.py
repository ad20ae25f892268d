"""An urgent notice that nobody has read: whom it concerns follows from the duty's own end alone."""

from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.duties import (
    Escalation,
    Urgency,
    escalation_of,
    last_moment_of,
    urgency_of,
)
from shared.kit.clock import start_of_day

DAYS = st.dates(date(2020, 1, 1), date(2040, 1, 1))
NEAR = st.integers(-30, 30)
STEPS = (Escalation.MANAGER, Escalation.RESPONSIBLE)


def after(last_day: date) -> datetime:
    return start_of_day(last_day + timedelta(days=1))


@given(DAYS, NEAR)
def test_what_somebody_has_read_concerns_nobody_else(today: date, distance: int) -> None:
    due_at = after(today + timedelta(days=distance))
    assert escalation_of(due_at, is_read=True, today=today) is Escalation.NONE


@given(DAYS)
def test_what_no_rule_dates_is_not_escalated_by_invention(today: date) -> None:
    assert escalation_of(None, is_read=False, today=today) is Escalation.NONE


@given(DAYS, NEAR)
def test_a_last_day_that_comes_or_has_passed_is_never_left_to_nobody(
    today: date, distance: int
) -> None:
    due_at = after(today + timedelta(days=distance))
    found = escalation_of(due_at, is_read=False, today=today)
    assert (found is Escalation.RESPONSIBLE) == (distance <= 0)
    assert (found is Escalation.NONE) == (urgency_of(due_at, today) is Urgency.LATER)


@given(DAYS, NEAR, st.integers(0, 60))
def test_it_never_goes_back_while_nobody_reads_it(today: date, distance: int, days: int) -> None:
    due_at = after(today + timedelta(days=distance))
    then = today + timedelta(days=days)
    now, later = (escalation_of(due_at, is_read=False, today=it) for it in (today, then))
    assert later >= now


@given(DAYS, NEAR, st.integers(0, 24 * 60 - 1))
def test_rows_are_found_exactly_where_the_policy_says(
    today: date, distance: int, minutes: int
) -> None:
    due_at = start_of_day(today + timedelta(days=distance)) + timedelta(minutes=minutes + 1)
    found = escalation_of(due_at, is_read=False, today=today)
    for step in STEPS:
        assert (due_at <= last_moment_of(step, today)) == (found >= step)
