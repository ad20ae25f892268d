"""Two people who are kept apart: what of that a reader sees, and of whom.

That somebody is feared says as much of the other as of whoever fears. So it is read whole only by
who may know of both, and told to nobody else but by the one word that a house needs.
"""

from dataclasses import dataclass
from enum import StrEnum


class ApartEnd(StrEnum):
    """Why two people need to be kept apart no more."""

    FEAR_IS_OVER = "fear_is_over"
    """Whoever was afraid says so."""
    NO_LONGER_NEAR = "no_longer_near"
    """One of them is where the other never comes."""
    TOLD_IN_ERROR = "told_in_error"


@dataclass(frozen=True)
class ApartSight:
    """What a reader of one case may know of the other person."""

    sees_other: bool
    """Whether the other case is theirs to read, too."""
    is_same_house: bool
    """Whether the two are in one house, or expected there."""


def is_shown(sight: ApartSight, *, as_facility: bool) -> bool:
    """Whether a reader is told at all that somebody is kept apart.

    A house that has only one of the two can do nothing with it, and learns nothing.
    """
    return not as_facility or sight.sees_other or sight.is_same_house
