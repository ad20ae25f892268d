"""Whose turn it is: what a subject must do, computed from rows, one shape for every service."""

from shared.duties.reading import Counted, Due, Duties, DutyRow, Named, Wanted, find_duties
from shared.duties.sources import NO_CASE, About, Duty, Source, duty, operators
from shared.duties.urgency import Span, Urgency, last_day_of, span_of, urgency_of

__all__ = [
    "NO_CASE",
    "About",
    "Counted",
    "Due",
    "Duties",
    "Duty",
    "DutyRow",
    "Named",
    "Source",
    "Span",
    "Urgency",
    "Wanted",
    "duty",
    "find_duties",
    "last_day_of",
    "operators",
    "span_of",
    "urgency_of",
]
