"""What stays open to somebody whom the verification did not identify."""

from enum import StrEnum

from shared.contracts.vocabulary import AgeBand


class WayOn(StrEnum):
    """Help that does not depend on being a victim."""

    SOCIAL_ASSISTANCE = "social_assistance"
    """Ordinary social assistance, at the commune."""
    CHILD_PROTECTION = "child_protection"
    """Of the Law on Children, which speaks of those under 16."""


class WayMove(StrEnum):
    """What the person says to it, and so what became of it."""

    TAKEN = "taken"
    DECLINED = "declined"


def ways_for(age_band: AgeBand) -> tuple[WayOn, ...]:
    """What is offered to somebody of this age."""
    is_child = age_band is AgeBand.UNDER_16
    return (
        (WayOn.CHILD_PROTECTION, WayOn.SOCIAL_ASSISTANCE)
        if is_child
        else (WayOn.SOCIAL_ASSISTANCE,)
    )
