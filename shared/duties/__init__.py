"""Whose turn it is: what a subject must do, computed from rows, one shape for every service."""

from shared.duties.reading import Due, Duties, DutyRow, Named, find_duties
from shared.duties.sources import NO_CASE, About, Duty, Source, duty, operators
from shared.duties.urgency import Urgency, urgency_of

__all__ = [
    "NO_CASE",
    "About",
    "Due",
    "Duties",
    "Duty",
    "DutyRow",
    "Named",
    "Source",
    "Urgency",
    "duty",
    "find_duties",
    "operators",
    "urgency_of",
]
