"""The story of a case, who was let see whom, and looking a case up."""

from uuid import UUID

from pydantic import AwareDatetime

from services.intake import examples
from services.intake.policy import (
    AssignedRole,
    DisclosureBasis,
    DisclosureOutcome,
    EventKind,
    IndexedField,
    LegalPurpose,
    LegalReason,
    SearchPurpose,
)
from services.intake.schemas.case import CaseSummary
from services.intake.schemas.shape import Line
from shared.contracts.following import NeedKind
from shared.contracts.vocabulary import EntitlementCode, OrganisationKind, Purpose
from shared.kit.shapes import Cursor, Shape, shown


class EventRead(Shape):
    """One event of a case; what does not belong to its kind is unset."""

    at: AwareDatetime
    """When it happened, by the clock of the service where it happened."""
    kind: EventKind
    """The kind of what happened."""
    status: str | None
    """The status of the case or of the referral after it, or what kind of hand-over it was; of a
    period that ends, to whom that has come, as a code of `clock_level`.
    """
    reason: str | None
    """Why it was done, as a code."""
    outcome: str | None
    """What the initial check found, how the verification ended, what the service brought, or
    whether the identity was told.
    """
    need: NeedKind | None
    """The kind of need a referral is for."""
    code: EntitlementCode | None
    """The service a referral is for; shown to case owners only."""
    referral_id: UUID | None
    """The referral it belongs to, by the id under which you know it."""
    organisation_id: UUID | None
    """Who took the initial check, verifies, is asked, serves, has a part, answers for the case or
    was let see the person; but for the first two, shown to case owners only.
    """
    organisation_kind: OrganisationKind | None
    """The kind of organisation that a consent is about."""
    purpose: Purpose | LegalPurpose | None
    """What a consent is for, or what the person was to be seen for."""
    role: AssignedRole | None
    """The role of whoever was given a part in the case."""


class Timeline(Shape):
    """A page of what happened in a case, newest first."""

    model_config = shown(examples.TIMELINE)

    items: list[EventRead]
    """The events of this page, newest first."""
    next_cursor: Cursor = None


class DisclosedRead(Shape):
    """Somebody asked to see who the person is."""

    id: UUID
    """The id under which it is recorded."""
    at: AwareDatetime
    """When it was asked."""
    basis: DisclosureBasis
    """Whether the person agreed to it, or the law allows it."""
    organisation_id: UUID
    """The organisation that asked."""
    purpose: Purpose | LegalPurpose
    """The purpose that was stated."""
    reason: LegalReason | None
    """The reason that was stated; unset for what rests on a consent."""
    referral_id: UUID | None
    """The referral that it was asked for; unset for what rests on the law."""
    outcome: DisclosureOutcome
    """Whether it was told, and why not."""
    fields: list[str]
    """The fields that were told, as codes; never what stood in them."""


class DisclosedList(Shape):
    """A page of disclosures, newest first."""

    model_config = shown(examples.DISCLOSED_LIST)

    items: list[DisclosedRead]
    """The disclosures of this page, newest first."""
    next_cursor: Cursor = None


class RevealRead(Shape):
    """You have opened who a person is."""

    id: UUID
    """The id under which it is recorded."""
    at: AwareDatetime
    """When you asked for it."""
    basis: DisclosureBasis
    """Whether the person agreed to it, or the law allows it."""
    case_code: str | None
    """The code of the case; unset for what rests on a consent."""
    purpose: Purpose | LegalPurpose
    """The purpose that you stated."""
    reason: LegalReason | None
    """The reason that you stated; unset for what rests on a consent."""


class RevealList(Shape):
    """A page of what you have opened, newest first."""

    model_config = shown(examples.REVEAL_LIST)

    items: list[RevealRead]
    """What you have opened, newest first."""
    next_cursor: Cursor = None


class CaseSearch(Shape):
    """Which case is meant by what somebody says of a person."""

    model_config = shown(examples.CASE_SEARCH)

    field: IndexedField
    """What is said: a phone, an identity number, or your own reference of the case."""
    value: Line
    """The number or reference, however it is written. It is compared as a whole, and kept nowhere.
    """
    purpose: SearchPurpose
    """What it is looked up for; it stands in the audit."""


class CasesFound(Shape):
    """The cases that were found, newest first."""

    model_config = shown(examples.CASES_FOUND)

    items: list[CaseSummary]
    """The cases, at most twenty."""
    is_more: bool
    """Whether there are more than are shown."""
