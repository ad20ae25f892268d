"""HTTP shapes of protection: codes, days and numbers of papers; never where a person is safe."""

from datetime import date
from uuid import UUID

from pydantic import AwareDatetime, Field

from services.verification import examples
from services.verification.policy import (
    Protected,
    ProtectionFact,
    ProtectionMeasure,
    ProtectionMove,
    ProtectionReason,
    ProtectionStatus,
)
from shared.kit.shapes import Cursor, Shape, shown
from shared.law.shapes import EndRead, EvidenceNumber, RuleRead

MOST = len(ProtectionMeasure)


class ProtectionCreate(Shape):
    """A request that somebody be protected: for whom, and by which measures."""

    model_config = shown(examples.PROTECTION_CREATE)

    for_whom: Protected = Protected.PERSON
    """For whom protection is asked: the person of the case."""
    measures: tuple[ProtectionMeasure, ...] = Field(min_length=1, max_length=MOST)
    """The measures that are asked for; whoever decides may grant others."""


class ProtectionMoveCreate(Shape):
    """A move of protection with the facts that belong to it.

    ``grant`` and ``review`` need ``measures`` and ``review_on``; ``refuse`` needs ``reason`` and
    the paper; ``decline`` the paper; ``end`` a ``reason``; ``assign`` the organisation.
    """

    model_config = shown(examples.PROTECTION_MOVE_CREATE)

    move: ProtectionMove
    """What to do; which moves are possible depends on the status and on who you are."""
    measures: tuple[ProtectionMeasure, ...] = Field(default=(), max_length=MOST)
    """The measures that hold from now on, with grant and review."""
    reason: ProtectionReason | None = None
    """The reason as a code, with refuse and end."""
    paper_number: EvidenceNumber | None = None
    """The number of the decision, of the paper with the reasons, or of the written commitment by
    which the person declines.
    """
    paper_on: date | None = None
    """The day of that paper: not before the case was received, and not after today."""
    review_on: date | None = None
    """The day on which the protector looks at it again, with grant and review; after today."""
    organisation_id: UUID | None = None
    """The organisation to give it to, with assign; it must be one that protects there today."""


class ProtectionMoveRead(Shape):
    """One step of protection to a ``status``; ``from_status`` is unset on the first."""

    model_config = shown(examples.PROTECTION_MOVE_READ)

    id: UUID
    """The id of this move."""
    protection_id: UUID
    """The id of the request that moved."""
    actor: str
    """Who moved: `client:` and a client's id, `message:` and a type, or `sweep:` and a name."""
    move: ProtectionMove
    """What was done; `request` is the first move."""
    from_status: ProtectionStatus | None
    """The status before this move."""
    status: ProtectionStatus = Field(validation_alias="to_status")
    """The status after this move."""
    protector_id: UUID | None
    """Whoever decides after this move; unset while nobody was found."""
    measures: list[ProtectionMeasure]
    """The measures that hold after this move."""
    reason: ProtectionReason | None
    """The reason of the move, as a code."""
    paper_number: str | None
    """The number of the last paper about it."""
    paper_on: date | None
    """The day of that paper."""
    review_on: date | None
    """The day on which it is looked at again."""
    at: AwareDatetime
    """When the move was made."""
    version: int
    """The version of the protection after this move."""


class PossibleProtectionMove(Shape):
    """A move that you may make now, and what it needs."""

    move: ProtectionMove
    """The move to send."""
    needs: list[ProtectionFact]
    """The fields that it needs."""
    may_have: list[ProtectionFact]
    """The fields that it may have; of a paper number and day, both or none."""
    reasons: list[ProtectionReason]
    """The reasons of which it needs one; it needs none if there are none."""


class ProtectionRead(Shape):
    """Protection that was asked for in a case, and what became of it."""

    model_config = shown(examples.PROTECTION_READ)

    id: UUID
    """The id of the request."""
    case_id: UUID
    """The id of the case."""
    case_code: str | None
    """The code of the case, which people say; unset where a former release opened it."""
    verification_id: UUID
    """The id of the verification of the case."""
    for_whom: Protected
    """For whom protection was asked."""
    requester_id: UUID
    """The organisation that asked."""
    requested_at: AwareDatetime
    """When it asked; the time of the decision runs from then on."""
    asked: list[ProtectionMeasure]
    """The measures that were asked for."""
    status: ProtectionStatus
    """How far it has come."""
    measures: list[ProtectionMeasure]
    """The measures that were granted, as they stand since the last review."""
    reason: ProtectionReason | None
    """Why it was refused or has ended, as a code."""
    paper_number: str | None
    """The number of the last paper about it."""
    paper_on: date | None
    """The day of that paper."""
    protector_id: UUID | None
    """Whoever decides; unset while nobody protects there."""
    due_at: AwareDatetime | None
    """When it is late if it is not decided; unset where no period is known."""
    due_rule: RuleRead
    """The rule that decides `due_at`."""
    due_why: EndRead | None
    """The reason why that is the moment."""
    decided_at: AwareDatetime | None
    """When it was decided."""
    review_on: date | None
    """The day on which the protector looks at it again; set while it is granted."""
    ended_at: AwareDatetime | None
    """When the protection ended; unset while it has not."""
    version: int
    """The number in the ETag, which a move sends back as If-Match."""
    can: list[PossibleProtectionMove]
    """What you may do with it now."""


class ProtectionList(Shape):
    """A page of requests for protection, oldest first."""

    model_config = shown(examples.PROTECTION_LIST)

    items: list[ProtectionRead]
    """The requests of this page, in the order in which they were made."""
    next_cursor: Cursor = None


class ProtectionMoveList(Shape):
    """A page of moves of protection, oldest first."""

    model_config = shown(examples.PROTECTION_MOVE_LIST)

    items: list[ProtectionMoveRead]
    """The moves of this page, oldest first."""
    next_cursor: Cursor = None
