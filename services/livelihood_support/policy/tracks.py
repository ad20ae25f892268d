"""On which track a person is supported: by a result of the verification, or while it runs."""

from enum import StrEnum

from shared.contracts.vocabulary import VerificationOutcome


class Track(StrEnum):
    """How a plan stands to the verification."""

    PROVISIONAL = "provisional"
    """It runs: the person has what the law grants to whoever is presumed to be a victim."""
    IDENTIFIED = "identified"
    ENDED = "ended"
    """It ended otherwise: by this law nothing new is granted, and what runs ends on notice."""


def track_of(outcome: str | None, *, is_provisional: bool) -> Track:
    """How a plan stands, by how the verification ended last; unset while it has not."""
    if outcome == VerificationOutcome.IDENTIFIED:
        return Track.IDENTIFIED
    return Track.PROVISIONAL if outcome is None and is_provisional else Track.ENDED
