"""What a case owner must do in its cases, beyond what others ask of it."""

from enum import StrEnum


class Duty(StrEnum):
    """What somebody must do about a case."""

    SEE_TO_URGENT_NEEDS = "see_to_urgent_needs"
    """Something cannot wait: the case owner sees to it, and says how."""
    RENEW_ASSIGNMENT = "renew_assignment"
    """The days of a part are over: the case owner ends it, or gives it anew."""
