"""The first look at what a person reported."""

from datetime import date
from uuid import UUID

from pydantic import AwareDatetime, Field

from services.intake import examples
from services.intake.policy import InitialCheckOutcome
from shared.kit.shapes import Day, Id, Shape, shown
from shared.law.shapes import EndRead, EvidenceNumber, RuleRead


class InitialCheckCreate(Shape):
    """What the owner of a case says of the initial check."""

    model_config = shown(examples.INITIAL_CHECK_CREATE)

    checked_on: Day
    """The day on which the person was checked first: not before the reception."""
    outcome: InitialCheckOutcome
    """What it found. Whatever that is, the verification goes on."""
    together_with_id: Id | None = None
    """The authority that took part: an organisation that verifies on that day. For whoever was
    received under the law of 2024 it is needed.
    """
    evidence_ref: EvidenceNumber | None = None
    """The number of the record of it, if it has one."""


class InitialCheckRead(Shape):
    """An initial check as it was recorded."""

    model_config = shown(examples.INITIAL_CHECK_READ)

    id: UUID
    """The id of the check."""
    case_id: UUID
    """The id of the case."""
    checked_on: date
    """The day on which the person was checked first."""
    outcome: InitialCheckOutcome
    """What the check found, as a code."""
    organisation_id: UUID
    """Who owned the case then, and led it."""
    together_with_id: UUID | None
    """The authority that took part."""
    evidence_ref: str | None
    """The number of the record of it."""
    recorded_at: AwareDatetime
    """When it was recorded."""


class InitialCheckDue(Shape):
    """By which rule the initial check is due, and when."""

    rule: RuleRead
    """The rule that says how many days there are for it."""
    why: EndRead | None = Field(validation_alias="end")
    """When its period ends and why; unset while the rule has no amount."""


class InitialCheckStanding(Shape):
    """Whether the initial check of a case is owed, by when, and what it found."""

    model_config = shown(examples.INITIAL_CHECK_STANDING)

    case_id: UUID
    """The id of the case."""
    is_owed: bool
    """Whether somebody waits for it: not once it is recorded, or the verification has an answer."""
    is_company_needed: bool
    """Whether an authority that verifies has to take part."""
    due: InitialCheckDue | None
    """By when; unset on a route whose law asks for none."""
    check: InitialCheckRead | None
    """The check as it was recorded; unset while nobody has."""
