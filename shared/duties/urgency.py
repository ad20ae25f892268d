"""How much something presses: by its last day and today, and nothing else."""

from datetime import date, datetime, timedelta
from enum import StrEnum

from shared.kit.clock import local_date

INSTANT = timedelta(microseconds=1)
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


def urgency_of(due_at: datetime | None, today: date) -> Urgency:
    """How much presses what is late from ``due_at`` on, the first moment after its last day."""
    if due_at is None:
        return Urgency.UNDATED
    last_day = local_date(due_at - INSTANT)
    if last_day < today:
        return Urgency.OVERDUE
    if last_day == today:
        return Urgency.TODAY
    sunday = today + timedelta(days=SUNDAY - today.isoweekday())
    return Urgency.THIS_WEEK if last_day <= sunday else Urgency.LATER
