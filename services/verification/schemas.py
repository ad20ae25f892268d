"""HTTP shapes. No field takes free text: reasons are codes, papers are named by their number."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from services.verification.policy import (
    EvidenceSource,
    Move,
    MoveReason,
    RuleStatus,
    Unit,
    VerificationStatus,
)
from shared.contracts.vocabulary import AgeBand, PaperType, Regime, Route, VerificationOutcome
from shared.kit.shapes import Cursor, Shape
from shared.kit.texts import PaperLine

_PART = "[A-Za-zĐƯ]{1,12}[0-9]{0,3}"
NUMBER = rf"^[0-9]{{1,6}}(/(19|20)[0-9]{{2}})?([-/]{_PART}){{1,4}}$"
"""The number of an official paper (Decree 30/2020); too narrow for a phone or identity number."""

PaperNumber = Annotated[
    str,
    Field(pattern=NUMBER, max_length=60, description="Number of the paper, as 15/QĐ-CATP."),
    PaperLine,
]


class MoveCreate(Shape):
    """A move with the facts that belong to it.

    ``organisation_id`` with assign; ``reason`` with pause, extend and reopen; ``grounds`` with
    reopen and conclude; ``outcome`` and, unless it is identified, ``reason`` with conclude.
    """

    move: Move
    """What to do; which are legal now depends on the status and on who you are."""
    outcome: VerificationOutcome | None = None
    """With conclude. `not_identified` never means that a claim was false."""
    grounds: tuple[EvidenceSource, ...] = Field(default=(), max_length=len(EvidenceSource))
    """The sources of evidence it rests on, with conclude and reopen; none with `withdrawn`."""
    reason: MoveReason | None = None
    """Why, with pause, extend and reopen, and with conclude unless identified."""
    evidence_ref: PaperNumber | None = None
    """The paper that states the reasons; with conclude and reopen."""
    organisation_id: UUID | None = None
    """The authority to assign to; it must verify in this area today."""


class MoveRead(Shape):
    """One step of a verification to a ``status``; ``from_status`` is unset on the first."""

    id: UUID
    """Of this step."""
    verification_id: UUID
    """The verification that moved."""
    actor: str
    """Who moved: `client:` and a client's id, `message:` and a type, or `sweep:` and a name."""
    move: Move
    """What was done; `open` is its birth."""
    from_status: VerificationStatus | None
    """The status before it."""
    status: VerificationStatus = Field(validation_alias="to_status")
    """The status after it."""
    verifier_id: UUID | None
    """The authority after it."""
    outcome: VerificationOutcome | None
    """How it ended, when it did."""
    reason: MoveReason | None
    """Why, as a code."""
    grounds: list[EvidenceSource]
    """The sources of evidence named."""
    evidence_ref: str | None
    """Number of the paper that states the reasons."""
    at: AwareDatetime
    """When it was made."""
    version: int
    """Of the verification after it."""


class PeriodRead(Shape):
    """The dated rule that decides a date, and how certain it is; ``amount`` may be unset."""

    key: str
    """Name of the rule, as `verification.normal`."""
    amount: int | None
    """How many units; unset while nobody has found a period, and then no clock runs."""
    unit: Unit
    """Calendar days or months."""
    legal_ref: str
    """The text it rests on."""
    status: RuleStatus
    """How certain it is."""


class ComplaintWindow(Shape):
    """The window to complain about a negative decision: it ends ``not_before`` this day.

    It runs from the day the person learns of the decision, which this service does not know.
    """

    not_before: date
    """Its earliest last day."""
    rule: PeriodRead
    """How long it is."""


class VerificationRead(Shape):
    """A verification. ``not_identified`` never means that a claim was false."""

    id: UUID
    """Of the verification."""
    case_id: UUID
    """Of the case; one verification each."""
    route: Route
    """How the person reached the exchange."""
    area_code: str
    """Where she is: a unit of the state's list."""
    age_band: AgeBand
    """Under 18, the means of trafficking need not be shown under the newer law."""
    regime: Regime
    """The law the case runs under: that of `identified_on`, until then of the day it was received.

    """
    status: VerificationStatus
    """How far it has come; `opened` waits for an authority."""
    outcome: VerificationOutcome | None
    """How it ended."""
    proof: PaperType | None
    """The paper that concluded it at once."""
    grounds: list[EvidenceSource]
    """The sources of evidence the decision rests on."""
    reason: MoveReason | None
    """Why it ended so, or why it was last moved, as a code."""
    evidence_ref: str | None
    """Number of the paper that states the reasons."""
    verifier_id: UUID | None
    """The authority asked; unset while none was found."""
    received_at: AwareDatetime
    """When the case was received."""
    opened_at: AwareDatetime
    """When verification began."""
    requested_on: date | None
    """The day the authority was first asked; its period starts then."""
    is_extended: bool
    """Whether the one extension was taken."""
    due_on: date | None
    """The last day of the period; unset where the law's period was not found."""
    concluded_at: AwareDatetime | None
    """When it was concluded here."""
    identified_on: date | None
    """The day she was identified: of the decision, or the day the proving paper was issued."""
    version: int
    """The ETag, sent back as If-Match with a move."""
    due_rule: PeriodRead
    """The rule behind `due_on`."""
    complaint: ComplaintWindow | None
    """After a negative decision: until when it may be complained of."""


class VerificationList(Shape):
    """A page of verifications, oldest first."""

    items: list[VerificationRead]
    """In the order they were opened."""
    next_cursor: Cursor = None


class MoveList(Shape):
    """A page of moves, oldest first."""

    items: list[MoveRead]
    """Oldest first."""
    next_cursor: Cursor = None
