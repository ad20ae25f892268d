"""Which rows of the law a verification runs on, and which pauses move its end."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from services.verification.policy.vocabulary import Move
from shared.contracts.vocabulary import Regime, VerificationOutcome
from shared.law import Pause, Period, PeriodKey, rules


def period_of(regime: Regime, *, is_extended: bool, on: date) -> Period:
    """How long a verification may take that was requested of its authority on a day."""
    key = PeriodKey.VERIFICATION_EXTENDED if is_extended else PeriodKey.VERIFICATION_NORMAL
    return rules().find(key, on=on, regime=regime)


def complaint_period(outcome: VerificationOutcome | None, *, on: date) -> Period | None:
    """The window to complain in, which only a negative decision opens.

    It runs from the day the person learns of the decision, which is not before it was taken.
    """
    if outcome is not VerificationOutcome.NOT_IDENTIFIED:
        return None
    return rules().find(PeriodKey.COMPLAINT_WINDOW, on=on)


@dataclass(frozen=True)
class MoveMade:
    """A move that was made: which, when, and for which reason."""

    move: Move
    at: datetime
    reason: str | None


def pauses_among(moves: Iterable[MoveMade], *, now: datetime | None = None) -> Iterator[Pause]:
    """The pauses in the moves of one verification, in order: each lasts until the next move.

    It is ended by going on, and by another authority. One that still lasts ends ``now``, if that is
    given; else it is left out.
    """
    paused: MoveMade | None = None
    for made in moves:
        if paused is not None:
            yield Pause(paused.at, made.at, paused.reason)
        paused = made if made.move is Move.PAUSE else None
    if paused is not None and now is not None:
        yield Pause(paused.at, now, paused.reason)
