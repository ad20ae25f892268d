"""How much something presses: by its last day and today, and nothing else."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from shared.kit.clock import local_date, start_of_day

INSTANT = timedelta(microseconds=1)
ONE_DAY = timedelta(days=1)
SUNDAY = 7


class Urgency(StrEnum):
    """How much a duty presses."""

    OVERDUE = "overdue"
    TODAY = "today"
    THIS_WEEK = "this_week"
    """By the Sunday of this week."""
    LATER = "later"
    UNDATED = "undated"
    """No rule of law gives a date; it does not wait any better for that."""


def last_day_of(due_at: datetime) -> date:
    """The last day of what is late from ``due_at`` on, the first moment after that day."""
    return local_date(due_at - INSTANT)


def urgency_of(due_at: datetime | None, today: date) -> Urgency:
    """How much presses what is late from ``due_at`` on."""
    if due_at is None:
        return Urgency.UNDATED
    last_day = last_day_of(due_at)
    if last_day < today:
        return Urgency.OVERDUE
    if last_day == today:
        return Urgency.TODAY
    return Urgency.THIS_WEEK if last_day <= _sunday(today) else Urgency.LATER


def _sunday(today: date) -> date:
    return today + timedelta(days=SUNDAY - today.isoweekday())


@dataclass(frozen=True)
class Span:
    """Last days from one until another, both of them in it; unset without an end on that side."""

    first: date | None
    last: date | None

    @property
    def after(self) -> datetime | None:
        """What ends in it is due after this moment."""
        return None if self.first is None else start_of_day(self.first)

    @property
    def until(self) -> datetime | None:
        """What ends in it is due at this moment or before."""
        return None if self.last is None else start_of_day(self.last + ONE_DAY)


def span_of(urgency: Urgency, today: date) -> Span | None:
    """The last days that press so much today; ``None`` for what has none."""
    tomorrow, sunday = today + ONE_DAY, _sunday(today)
    return {
        Urgency.OVERDUE: Span(None, today - ONE_DAY),
        Urgency.TODAY: Span(today, today),
        Urgency.THIS_WEEK: Span(tomorrow, sunday),
        Urgency.LATER: Span(sunday + ONE_DAY, None),
    }.get(urgency)
