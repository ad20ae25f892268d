"""Who answers for a case: whoever holds its area, or whom it was handed to."""

from enum import StrEnum
from uuid import UUID


class HandOverKind(StrEnum):
    """What a hand-over did."""

    ASSIGNED = "assigned"
    """Somebody was named for the first time, or after the case had gone back to its area."""
    HANDED_OVER = "handed_over"
    RELEASED = "released"
    """It went back to whoever holds its area."""


class OwnedBy(StrEnum):
    """By what an organisation owns a case today."""

    HAND_OVER = "hand_over"
    AREA = "area"
    """Nobody is named, or who is named may own no cases today."""
    NOBODY = "nobody"


class HandedOutcome(StrEnum):
    """What became of one case of many that were to be handed over."""

    DONE = "done"
    REFUSED = "refused"


def kind_of(before: UUID | None, after: UUID | None) -> HandOverKind:
    """What it is to name an organisation where another one was named, or none."""
    if after is None:
        return HandOverKind.RELEASED
    return HandOverKind.ASSIGNED if before is None else HandOverKind.HANDED_OVER


def owned_by(owner_id: UUID | None, responsible_id: UUID | None) -> OwnedBy:
    """By what the owner of today owns a case in which an organisation, or none, is named."""
    if owner_id is None:
        return OwnedBy.NOBODY
    return OwnedBy.HAND_OVER if owner_id == responsible_id else OwnedBy.AREA
