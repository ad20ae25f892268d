"""What verification tells: that it began, and how it ended."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime

from shared.contracts.alerts import Alerted
from shared.contracts.base import Message
from shared.contracts.vocabulary import PaperType, Queue, Regime, VerificationOutcome


class VerificationOpened(Message):
    """A verification waits for its authority; ``verifier_id`` is unset when none was found."""

    type: ClassVar[str] = "verification.verification_opened.v1"
    to: ClassVar[tuple[Queue, ...]] = (Queue.INTAKE, Queue.NOTIFICATION)
    aggregate: ClassVar[str] = "case_id"

    case_id: UUID
    verification_id: UUID
    verifier_id: UUID | None
    regime: Regime
    move_id: UUID | None = None
    """The id of the move: one verification may be opened, and concluded, more than once."""


class VerificationConcluded(Message):
    """A verification ended, by decision or at once by a proof paper the law accepts."""

    type: ClassVar[str] = "verification.verification_concluded.v1"
    to: ClassVar[tuple[Queue, ...]] = (
        Queue.LIVELIHOOD_SUPPORT,
        Queue.INTAKE,
        Queue.NOTIFICATION,
    )
    aggregate: ClassVar[str] = "case_id"
    moments: ClassVar[frozenset[str]] = frozenset({"occurred_at", "opened_at"})

    case_id: UUID
    verification_id: UUID
    outcome: VerificationOutcome
    regime: Regime
    proof: PaperType | None = None
    verifier_id: UUID | None = None
    opened_at: AwareDatetime
    move_id: UUID | None = None
    identified_on: date | None = None
    """The day of the decision, or on which the paper that proves was issued."""


class VerificationAlertRaised(Alerted, Message):
    """A verification stands still: nobody may decide it, or nobody has in time."""

    type: ClassVar[str] = "verification.alert_raised.v1"
