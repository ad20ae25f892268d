"""Whoever must decide or protect by law opens a file; a case owner gives others a part in it."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from services.intake import examples
from services.intake.policy import (
    Alarm,
    AssignedRole,
    AssignmentReason,
    CaseField,
    LegalPurpose,
    LegalReason,
    Need,
    Withheld,
)
from services.intake.schemas.disclosure import NumberRule
from services.intake.schemas.person import (
    AccompanyingMinor,
    ContactRules,
    Exploitation,
    IdentityDocument,
    Representative,
)
from services.intake.schemas.shape import Distinct
from shared.contracts.vocabulary import AgeBand, PaperType, Role, Sex
from shared.kit.shapes import Cursor, Day, Shape, shown
from shared.messaging.api import WaitingAlert


class FileDisclosureCreate(Shape):
    """A request to open a file by law; without ``fields``, everything the purpose allows."""

    model_config = shown(examples.FILE_DISCLOSURE_CREATE)

    purpose: LegalPurpose
    """What the file is opened for: `verification` by the authority that decides now,
    `case_management` by the owner of the case, `shelter` and `protection` by whom the owner has
    assigned.
    """
    reason: LegalReason
    """Why it is opened this time; each purpose has its own reasons."""
    fields: Annotated[list[CaseField], Field(min_length=1), Distinct] | None = None
    """The fields you need; ask for no more than that."""


class PhoneRead(Shape):
    """A phone and what is known of it."""

    number: str
    """The number of the phone (E.164)."""
    safe_to_call: bool
    """Whether the person says that calling it is safe. Do not call one that is not."""
    was_reached: bool = False
    """Whether the person was reached under this number."""
    is_confirmed: bool
    """Whether it is the person's; a number that may be a landline of before 2017 is not."""
    rule: ContactRules | None = None
    """How to call it safely; absent if nothing was told about that."""
    point: int | None = None
    """Its place among the contact points of the case, counted from 1; absent for a number of which
    nothing was said since reception.
    """


class FilePaperRead(Shape):
    """A paper of the case."""

    type: PaperType
    """The type of the paper."""
    number: str
    """The number as written on it."""
    issuer: str
    """Who issued it, as written on it."""
    issued_on: date
    """The day of issue."""


class OpenedPerson(Shape):
    """The granted fields; the others are absent."""

    full_name: str | None = None
    """The full name, as the person gives it."""
    aliases: list[str] | None = None
    """Other names the person is known by."""
    birth_date: date | None = None
    """The date of birth; unset where only the year is known."""
    birth_year: int | None = None
    """The year of birth, where the date is not known."""
    sex: Sex | None = None
    """The sex, as recorded at reception."""
    ethnicity: str | None = None
    """The ethnicity, as the person gives it."""
    nationality: str | None = None
    """The nationality by ISO 3166-1 alpha-2, or `stateless`."""
    identity_documents: list[IdentityDocument] | None = None
    """The documents of identity that the person has."""
    phones: list[PhoneRead] | None = None
    """All numbers, the unsafe ones too, each with what is known of it."""
    safe_phones: list[str] | None = None
    """Numbers that the person said are safe to call (E.164), without those that may be a
    stranger's.
    """
    contact_rules: list[NumberRule] | None = None
    """How to call each of the safe phones, where the person said how; given with them."""
    languages: list[str] | None = None
    """Languages the person speaks (BCP 47)."""
    needs_interpreter: bool | None = None
    """Whether the person needs an interpreter."""
    asked_staff_sex: Sex | None = None
    """The sex that the person asks the staff who serve them to have; unset if any will do."""
    origin_unit_code: str | None = None
    """The commune the person comes from: five digits of the state's list."""
    origin_unit_on: date | None = None
    """The day by which that code is read: codes were given to other units later."""
    present_unit_code: str | None = None
    """The commune where the person is: five digits of the state's list."""
    present_unit_on: date | None = None
    """The day by which that code is read."""
    present_address: str | None = None
    """The address within that commune."""
    refuge: str | None = None
    """Where the person is kept safe; unset while whoever protects them has not said."""
    accompanying_minors: list[AccompanyingMinor] | None = None
    """Children who came with the person."""
    representative: Representative | None = None
    """Who stands beside the person; one who is suspected is never told anything."""
    best_interest_note: str | None = None
    """What is best for the child, in words."""
    immediate_needs: list[Need] | None = None
    """What could not wait at reception."""
    exploitation: Exploitation | None = None
    """What was done to the person, as far as they have said. A first account may be partial."""
    papers: list[FilePaperRead] | None = None
    """Papers that the person, or the organisation that received them, could show."""


class FileDisclosureRead(Shape):
    """An opened file. A repeat of the request shows the person only while you have a part in it.

    Otherwise ``person`` is unset and ``withheld`` says why.
    """

    model_config = shown(examples.FILE_DISCLOSURE_READ)

    disclosure_id: UUID
    """The id under which this is recorded."""
    case_id: UUID
    """The case that was asked about."""
    purpose: LegalPurpose
    """The purpose that was stated."""
    reason: LegalReason
    """The reason that was stated."""
    person: OpenedPerson | None
    """The granted fields, as they are now."""
    withheld: Withheld | None
    """Why the person is no longer shown when the request is repeated."""


class AssignmentCreate(Shape):
    """A part in a case for a facility or a protector."""

    model_config = shown(examples.ASSIGNMENT_CREATE)

    organisation_id: UUID
    """The organisation; it holds the role on the first day."""
    role: AssignedRole
    """The role in which it acts; it opens the file for that purpose alone."""
    reason: AssignmentReason
    """Why it is needed, as a code."""
    valid_from: Day | None = None
    """The first day; today if it is left out."""
    valid_to: Day | None = None
    """The first day on which it no longer holds; left out while that is open."""


class AssignmentEnd(Shape):
    """The end of a part in a case."""

    model_config = shown(examples.ASSIGNMENT_END)

    reason: AssignmentReason
    """Why it is over: `moved_elsewhere`, `no_longer_needed` or `person_declined`."""


class PersonAtHand(Shape):
    """What is shown of a person to whoever has a part in their case, before the file is opened."""

    age_band: AgeBand
    """The age of the person."""
    sex: Sex
    """The sex of the person, as submitted."""
    area_code: str
    """The commune where the person is, otherwise the one they come from."""
    area_on: date
    """The day by which that code is read."""


class AssignmentRead(Shape):
    """A part in a case."""

    model_config = shown(examples.ASSIGNMENT_READ)

    id: UUID
    """The id of the assignment."""
    case_id: UUID
    """The case that the organisation has a part in."""
    case_code: str
    """The code by which people name the case."""
    person: PersonAtHand | None
    """Whom it is about, without who it is; unset on a day on which the part is not held."""
    organisation_id: UUID
    """The organisation that has the part."""
    role: AssignedRole
    """The role in which it acts."""
    reason: AssignmentReason
    """Why it was needed."""
    valid_from: date
    """The first day on which it holds."""
    valid_to: date | None
    """The first day on which it no longer holds; unset while that is open."""
    assigned_at: AwareDatetime
    """When the case owner assigned it; to the minute unless you own the case."""
    ended_at: AwareDatetime | None
    """When it was ended; to the minute unless you own the case."""
    end_reason: AssignmentReason | None
    """Why it was ended; `days_over` if its last day had passed when you assigned it again."""


class AssignmentList(Shape):
    """A page of assignments, oldest first."""

    model_config = shown(examples.ASSIGNMENT_LIST)

    items: list[AssignmentRead]
    """The assignments of this page, oldest first."""
    next_cursor: Cursor = None


class AlertRead(Shape):
    """Something that waits for the owner of a case, until it was seen to."""

    id: UUID
    """The id of the alert."""
    kind: Alarm
    """What waits: `immediate_needs` were stated when the person was received."""
    case_id: UUID
    """The case in which something waits."""
    must_act: Role
    """The role of whoever must act."""
    organisation_id: UUID | None
    """The organisation that must act today; unset when nobody owns the case."""
    since: AwareDatetime
    """When the person was received."""
    read_at: AwareDatetime | None
    """When an owner of the case first read what it is, which settles nothing."""


class AlertList(Shape):
    """A page of alerts, oldest first."""

    model_config = shown(examples.ALERT_LIST)

    items: list[AlertRead]
    """The alerts of this page, oldest first."""
    next_cursor: Cursor = None


class WaitingList(Shape):
    """A page of alerts of every kind, oldest first."""

    model_config = shown(examples.WAITING_LIST)

    items: list[WaitingAlert]
    """The alerts of this page, oldest first."""
    next_cursor: Cursor = None
