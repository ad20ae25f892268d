"""What a person needs that cannot wait, and how each of it ends.

Whoever receives the person gives them essentials where they are needed, on every route; whoever
shelters them does from then on; and whoever owns the case answers for all of it (Joint Circular
01/2014; Law 53/2024 Arts 27-31; Decree 162/2025 Art. 17). No text was seen that says by when.
"""

from collections.abc import Collection
from datetime import date
from enum import StrEnum


class Need(StrEnum):
    """What the person needs that cannot wait."""

    SHELTER = "shelter"
    FOOD = "food"
    MEDICAL = "medical"
    SAFETY = "safety"
    CLOTHING = "clothing"


class NeedOutcome(StrEnum):
    """How such a need ended, as whoever saw to it says; that another sees to it ends none."""

    MET = "met"
    PERSON_DECLINED = "person_declined"
    NO_LONGER_NEEDED = "no_longer_needed"
    """It has passed, or was met before anybody here could."""


def is_day_of_end(ended_on: date, *, received_on: date, today: date) -> bool:
    """Whether a need that was stated at a reception can have ended on this day."""
    return received_on <= ended_on <= today


def are_all_ended(stated: Collection[Need], ended: Collection[Need]) -> bool:
    """Whether none of what was stated waits any more."""
    return set(stated) <= set(ended)
