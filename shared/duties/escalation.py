"""Whom an urgent notice concerns that nobody of its organisation has read: by the duty's own end.

There is no second clock. What the notice asks for is due when the duty is, by the row of law that
dates it, and presses as every duty does. One that no row dates is escalated by nobody's invention:
it stands in the list of whoever has it, for as long as it is open.
"""

from collections.abc import Mapping
from datetime import date, datetime
from enum import IntEnum

from sqlalchemy import ColumnElement, DateTime, SQLColumnExpression, literal

from shared.duties.urgency import Urgency, span_of, urgency_of


class Escalation(IntEnum):
    """How far it has come; each includes what comes before it."""

    NONE = 0
    """Those who act on it have it in their list; nobody else has to do anything."""
    MANAGER = 1
    """The organisation's manager has somebody read it."""
    RESPONSIBLE = 2
    """Whoever is responsible telephones: the day is the last one, or it is over."""


_BY_URGENCY: Mapping[Urgency, Escalation] = {
    Urgency.THIS_WEEK: Escalation.MANAGER,
    Urgency.TODAY: Escalation.RESPONSIBLE,
    Urgency.OVERDUE: Escalation.RESPONSIBLE,
}
_BEGINS_WITH: Mapping[Escalation, Urgency] = {
    Escalation.MANAGER: Urgency.THIS_WEEK,
    Escalation.RESPONSIBLE: Urgency.TODAY,
}


def escalation_of(due_at: datetime | None, *, is_read: bool, today: date) -> Escalation:
    """How far a notice has come whose duty is late from ``due_at`` on; read, it is nobody's."""
    if is_read:
        return Escalation.NONE
    return _BY_URGENCY.get(urgency_of(due_at, today), Escalation.NONE)


def has_come_to(
    step: Escalation,
    due_at: SQLColumnExpression[datetime] | SQLColumnExpression[datetime | None],
    today: date,
) -> ColumnElement[bool]:
    """The same as a WHERE, of what nobody has read: whether it has come to this step, or further.

    An index on the column finds them.
    """
    return due_at <= literal(last_moment_of(step, today), DateTime(timezone=True))


def last_moment_of(step: Escalation, today: date) -> datetime:
    """What is due then, or before, has come to this step."""
    span = span_of(_BEGINS_WITH[step], today)
    if span is None or span.until is None:
        raise ValueError(step)
    return span.until
