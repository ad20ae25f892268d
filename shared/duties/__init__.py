"""Whose turn it is: what a subject must do, computed from rows, one shape for every service."""

from shared.duties.escalation import Escalation, escalation_of, has_come_to, last_moment_of
from shared.duties.reading import Counted, Due, Duties, DutyRow, Named, Wanted, find_duties
from shared.duties.sources import NO_CASE, About, Duty, Source, by_day, duty, operators
from shared.duties.urgency import Span, Urgency, last_day_of, span_of, urgency_of

__all__ = [
    "NO_CASE",
    "About",
    "Counted",
    "Due",
    "Duties",
    "Duty",
    "DutyRow",
    "Escalation",
    "Named",
    "Source",
    "Span",
    "Urgency",
    "Wanted",
    "by_day",
    "duty",
    "escalation_of",
    "find_duties",
    "has_come_to",
    "last_day_of",
    "last_moment_of",
    "operators",
    "span_of",
    "urgency_of",
]
