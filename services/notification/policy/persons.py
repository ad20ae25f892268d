"""Messages to persons: asked about when they would leave, handed over once, and never again.

A second copy on a phone that somebody else holds is a second question to answer, so whatever ends a
try after the gateway was called ends the message: a caseworker goes on from there.
"""

from dataclasses import dataclass
from enum import StrEnum

from services.notification.policy.attempts import AttemptOutcome
from services.notification.policy.retries import SMS
from shared.contracts.vocabulary import ContactRefusal, PersonMessageOutcome


class PersonMessageState(StrEnum):
    """Where a message to a person stands: on its way, or how it ended."""

    PENDING = "pending"
    SENDING = "sending"
    """Claimed: intake is asked, and what it answers handed over, by the process that claimed it."""
    SENT = PersonMessageOutcome.SENT
    DELIVERED = PersonMessageOutcome.DELIVERED
    UNDELIVERED = PersonMessageOutcome.UNDELIVERED
    NOT_SENT = PersonMessageOutcome.NOT_SENT
    UNKNOWN = PersonMessageOutcome.UNKNOWN
    CANCELLED = PersonMessageOutcome.CANCELLED
    EXPIRED = PersonMessageOutcome.EXPIRED


UNDER_WAY = (PersonMessageState.PENDING, PersonMessageState.SENDING)
"""States that a sender looks for once ``next_at`` has come."""

AWAITING_REPORT = (PersonMessageState.SENT, PersonMessageState.UNKNOWN)
"""States of what the network may still report of."""


@dataclass(frozen=True, repr=False)
class Disclosed:
    """Where to and what: for the memory of one try, and for nothing that is stored or logged."""

    to: str
    text: str


@dataclass(frozen=True)
class Refused:
    """Nothing leaves, and why."""

    reason: ContactRefusal


@dataclass(frozen=True)
class Unanswered:
    """Intake has not answered: it is down, or the moment has not come by its clock."""


ContactAnswer = Disclosed | Refused | Unanswered


@dataclass(frozen=True)
class PersonTry:
    """How a try ended: in a state that stays, or unset where intake is to be asked again."""

    state: PersonMessageState | None
    refusal: ContactRefusal | None = None


def try_refused(reason: ContactRefusal) -> PersonTry:
    """What follows where intake lets nothing leave.

    One that was answered before may have left then, by a sender that nobody remembers.
    """
    was_answered = reason is ContactRefusal.ANSWERED_ALREADY
    state = PersonMessageState.UNKNOWN if was_answered else PersonMessageState.CANCELLED
    return PersonTry(state, reason)


def try_handed_over(outcome: AttemptOutcome) -> PersonTry:
    """What follows once the gateway was called: it has it, it may have it, or it has not."""
    if outcome is AttemptOutcome.SENT:
        return PersonTry(PersonMessageState.SENT)
    is_unknown = outcome is AttemptOutcome.UNKNOWN
    return PersonTry(PersonMessageState.UNKNOWN if is_unknown else PersonMessageState.NOT_SENT)


def asked_again_after(attempts: int, *, unit_seconds: float = 1.0) -> float | None:
    """Seconds until intake is asked again after so many tries; ``None`` once a day is over."""
    return SMS.waits[attempts - 1] * unit_seconds if attempts <= len(SMS.waits) else None


def state_of_person_report(
    state: PersonMessageState, *, is_delivered: bool
) -> PersonMessageState | None:
    """Where a message stands after a report of the network; ``None`` if that is no news."""
    if is_delivered:
        is_news = state in {*AWAITING_REPORT, PersonMessageState.UNDELIVERED}
        return PersonMessageState.DELIVERED if is_news else None
    return PersonMessageState.UNDELIVERED if state in AWAITING_REPORT else None
