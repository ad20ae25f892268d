"""When an answer is due, by the calendar of Viet Nam."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.livelihood_support.domain import rules
from services.livelihood_support.policy import (
    Deadline,
    RuleStatus,
    Unit,
    due_at,
    parse_deadline,
)
from services.livelihood_support.policy.deadline import is_working_day
from shared.kit.clock import HAI_PHONG


def rule(amount: int | None, unit: Unit = Unit.WORKING_DAY) -> Deadline:
    return Deadline("test", amount, unit, "none", RuleStatus.ASSUMED)


def end_of(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, tzinfo=HAI_PHONG) + timedelta(days=1)


@pytest.mark.parametrize(
    ("start", "due"),
    [
        # Monday noon: Tuesday to Friday, then Monday.
        (datetime(2026, 3, 2, 5, tzinfo=UTC), end_of(2026, 3, 9)),
        # It is already Tuesday in Hải Phòng, so Tuesday is the day of the event.
        (datetime(2026, 3, 2, 20, tzinfo=UTC), end_of(2026, 3, 10)),
        # Across Tết, 16 to 20 February 2026.
        (datetime(2026, 2, 13, 2, tzinfo=UTC), end_of(2026, 2, 27)),
        # Saturday 22 August 2026 is worked in exchange for Monday the 31st.
        (datetime(2026, 8, 21, 2, tzinfo=UTC), end_of(2026, 8, 27)),
    ],
)
def test_five_working_days_end_with_the_fifth(start: datetime, due: datetime) -> None:
    assert due_at(start, rule(5)) == due


def test_calendar_days_count_every_day() -> None:
    start = datetime(2026, 2, 13, 2, tzinfo=UTC)
    assert due_at(start, rule(3, Unit.DAY)) == end_of(2026, 2, 16)


def test_an_unset_amount_starts_no_clock() -> None:
    assert due_at(datetime(2026, 3, 2, tzinfo=UTC), rule(None)) is None


def test_an_unset_rule_is_read_as_unset() -> None:
    text = """
    [[rule]]
    key = "referral.answer"
    regime = "any"
    amount = "unset"
    unit = "working_day"
    legal_ref = "none"
    status = "assumed"
    """
    assert parse_deadline(text, "referral.answer").amount is None


def test_a_rule_that_is_not_there_is_not_made_up() -> None:
    with pytest.raises(KeyError):
        parse_deadline("rule = []", "referral.answer")


def test_the_rules_of_this_release_say_what_they_rest_on() -> None:
    answer = rules.answer_deadline()
    assert (answer.amount, answer.unit, answer.status) == (5, "working_day", "assumed")
    assert rules.assured_for() == timedelta(days=90)


@given(
    start=st.integers(min_value=0, max_value=20 * 365 * 24).map(
        lambda hours: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(hours=hours)
    ),
    amount=st.integers(min_value=1, max_value=30),
)
def test_exactly_so_many_working_days_lie_in_the_period(start: datetime, amount: int) -> None:
    due = due_at(start, rule(amount))
    assert due is not None
    first = start.astimezone(HAI_PHONG).date()
    last = due.astimezone(HAI_PHONG).date() - timedelta(days=1)
    days = [first + timedelta(days=n + 1) for n in range((last - first).days)]
    assert sum(map(is_working_day, days)) == amount
    assert is_working_day(last)


def test_the_national_day_is_no_working_day() -> None:
    assert not is_working_day(date(2026, 9, 2))
