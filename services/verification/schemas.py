"""HTTP shapes. No field takes free text: reasons are codes, papers are named by their number."""

import unicodedata
from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from services.verification.policy import (
    EvidenceSource,
    Move,
    MoveReason,
    RuleStatus,
    Unit,
    VerificationStatus,
)
from shared.contracts.vocabulary import AgeBand, PaperType, Regime, Route, VerificationOutcome


class Shape(BaseModel):
    """What every shape holds to: no unknown fields, read from objects."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)


def _composed(value: object) -> object:
    return unicodedata.normalize("NFC", value).strip() if isinstance(value, str) else value


_PART = "[A-Za-zĐƯ]{1,12}[0-9]{0,3}"
NUMBER = rf"^[0-9]{{1,6}}(/(19|20)[0-9]{{2}})?([-/]{_PART}){{1,4}}$"
"""The number of an official paper (Decree 30/2020); too narrow for a phone or identity number."""

PaperNumber = Annotated[
    str,
    BeforeValidator(_composed),
    Field(pattern=NUMBER, max_length=60, description="Number of the paper, as 15/QĐ-CATP."),
]


class MoveCreate(Shape):
    """A move with the facts that belong to it.

    ``organisation_id`` with assign; ``reason`` with pause, extend and reopen; ``grounds`` with
    reopen and conclude; ``outcome`` and, unless it is identified, ``reason`` with conclude.
    """

    move: Move
    outcome: VerificationOutcome | None = None
    grounds: tuple[EvidenceSource, ...] = Field(default=(), max_length=len(EvidenceSource))
    reason: MoveReason | None = None
    evidence_ref: PaperNumber | None = None
    organisation_id: UUID | None = None


class MoveRead(Shape):
    """One step of a verification to a ``status``; ``from_status`` is unset on the first."""

    id: UUID
    verification_id: UUID
    actor: str
    move: Move
    from_status: VerificationStatus | None
    status: VerificationStatus = Field(validation_alias="to_status")
    verifier_id: UUID | None
    outcome: VerificationOutcome | None
    reason: MoveReason | None
    grounds: list[EvidenceSource]
    evidence_ref: str | None
    at: AwareDatetime
    version: int


class PeriodRead(Shape):
    """The dated rule that decides a date, and how certain it is; ``amount`` may be unset."""

    key: str
    amount: int | None
    unit: Unit
    legal_ref: str
    status: RuleStatus


class ComplaintWindow(Shape):
    """The window to complain about a negative decision: it ends ``not_before`` this day.

    It runs from the day the person learns of the decision, which this service does not know.
    """

    not_before: date
    rule: PeriodRead


class VerificationRead(Shape):
    """A verification. ``not_identified`` never means that a claim was false."""

    id: UUID
    case_id: UUID
    route: Route
    area_code: str
    age_band: AgeBand
    regime: Regime
    status: VerificationStatus
    outcome: VerificationOutcome | None
    proof: PaperType | None
    grounds: list[EvidenceSource]
    reason: MoveReason | None
    evidence_ref: str | None
    verifier_id: UUID | None
    received_at: AwareDatetime
    opened_at: AwareDatetime
    requested_on: date | None
    is_extended: bool
    due_on: date | None
    concluded_at: AwareDatetime | None
    identified_on: date | None
    version: int
    due_rule: PeriodRead
    complaint: ComplaintWindow | None


class VerificationList(Shape):
    """A page of verifications, oldest first."""

    items: list[VerificationRead]
    next_cursor: str | None = Field(default=None, description="Cursor of the next page.")


class MoveList(Shape):
    """A page of moves, oldest first."""

    items: list[MoveRead]
    next_cursor: str | None = Field(default=None, description="Cursor of the next page.")
