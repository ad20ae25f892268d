"""What verification tells: that it began, how it ended, and what was said against that."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime

from shared.contracts.alerts import Alerted
from shared.contracts.base import Message, Part
from shared.contracts.clocks import Clocked
from shared.contracts.rehearsals import Rehearsed
from shared.contracts.vocabulary import (
    PaperType,
    ProtectionStatus,
    Queue,
    Regime,
    VerificationOutcome,
)


class Reception(Part):
    """How a case was received, as intake told it: for whoever tells others of the case."""

    case_code: str
    receiver_id: UUID
    area_code: str
    told_at: AwareDatetime
    """When intake told it; the area is a unit of that day, unless another one is told."""
    area_on: date | None = None
    has_immediate_needs: bool = False


class VerificationOpened(Message):
    """A verification waits for its authority; ``verifier_id`` is unset when none was found."""

    type: ClassVar[str] = "verification.verification_opened.v1"
    to: ClassVar[tuple[Queue, ...]] = (Queue.INTAKE, Queue.NOTIFICATION)
    aggregate: ClassVar[str] = "case_id"
    passed_on: ClassVar[frozenset[str]] = frozenset({"reception"})

    case_id: UUID
    verification_id: UUID
    verifier_id: UUID | None
    regime: Regime
    move_id: UUID | None = None
    """The id of the move: one verification may be opened, and concluded, more than once."""
    reception: Reception | None = None
    """In the first message about a case, whichever that is."""


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
    passed_on: ClassVar[frozenset[str]] = frozenset({"reception"})

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
    reception: Reception | None = None
    """In the first message about a case, whichever that is."""


class ComplaintReceived(Message):
    """A negative decision is complained of: the authority keeps it, or opens it again."""

    type: ClassVar[str] = "verification.complaint_received.v1"
    to: ClassVar[tuple[Queue, ...]] = (Queue.INTAKE,)
    aggregate: ClassVar[str] = "case_id"

    case_id: UUID
    verification_id: UUID
    verifier_id: UUID
    """The authority that decided, and answers."""
    move_id: UUID


class ComplaintAnswered(Message):
    """A complaint was looked at and the decision stands; one upheld opens a verification again."""

    type: ClassVar[str] = "verification.complaint_answered.v1"
    to: ClassVar[tuple[Queue, ...]] = (Queue.INTAKE,)
    aggregate: ClassVar[str] = "case_id"

    case_id: UUID
    verification_id: UUID
    verifier_id: UUID
    """The authority that answered."""
    move_id: UUID


class ProtectionMoved(Message):
    """Protection was asked for, given to whoever decides about it, decided about, or has ended."""

    type: ClassVar[str] = "verification.protection_moved.v1"
    to: ClassVar[tuple[Queue, ...]] = (Queue.INTAKE,)
    aggregate: ClassVar[str] = "case_id"

    case_id: UUID
    protection_id: UUID
    move_id: UUID
    status: ProtectionStatus
    protector_id: UUID | None
    """Whoever decides about it; unset while nobody protects there."""


class VerificationAlertRaised(Alerted, Message):
    """A verification stands still: nobody may decide it, or nobody has in time."""

    type: ClassVar[str] = "verification.alert_raised.v1"


class VerificationClockWarned(Clocked, Message):
    """What is to be done by a day is not done yet: told to whoever must, then to who leads them."""

    type: ClassVar[str] = "verification.clock_warned.v1"


class VerificationClockBreached(Clocked, Message):
    """What was to be done was not done by its last day: told to whoever owns the case."""

    type: ClassVar[str] = "verification.clock_breached.v1"


class VerificationRuleRehearsed(Rehearsed, Message):
    """How far a row would reach among verifications, if it had been published then."""

    type: ClassVar[str] = "verification.rule_rehearsed.v1"
