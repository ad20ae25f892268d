"""The submission of a case, and what its sender reads of it afterwards: codes, no identity."""

from datetime import date
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AwareDatetime, Field, StrictBool

from services.intake import examples
from services.intake.policy import (
    Act,
    CaseStatus,
    Caution,
    LateReason,
    Need,
    StatedPaper,
    Statement,
    StepKind,
    TurnReason,
    Who,
)
from services.intake.schemas.advance_notice import NoticePerson
from services.intake.schemas.consent import ConsentCreate, ConsentRead
from services.intake.schemas.person import (
    MOST,
    AccompanyingMinor,
    Exploitation,
    PersonCreate,
    Representative,
)
from services.intake.schemas.shape import Distinct, Issuer, Line, Lines, PaperNumber
from shared.contracts.following import NeedKind
from shared.contracts.vocabulary import (
    AgeBand,
    Citizenship,
    EntitlementCode,
    OrganisationKind,
    PaperType,
    Route,
    Sex,
)
from shared.kit.languages import Language
from shared.kit.shapes import Cursor, Day, Shape, shown
from shared.law.documents import parse_number

PLACED = {
    # With the case, in the clear: codes.
    "route", "received_at", "late_reason", "languages", "needs_interpreter", "asked_staff_sex",
    "requested_services",
    # Sealed on their own: the sender's reference with the case, papers and consents in their rows.
    "sender_reference", "papers", "consents",
    # The person's own shape says what is sealed of the person.
    "person",
    # The notice keeps which of its people became the case.
    "advance_notice",
}  # fmt: skip
"""Fields of a submission that are kept somewhere else than in the sealed document."""


OF_RECEPTION = (
    "route", "received_at", "late_reason", "receiving_officer", "languages", "needs_interpreter",
)  # fmt: skip
"""Fields of a submission that hold for the children who came along, too."""


class PaperCreate(Shape):
    """A paper, its number as written on it: ``15/KH-SLĐTBXH-PCTNXH``."""

    type: PaperType
    """The type of the paper. Five types are proof by law and conclude the verification at once."""
    number: PaperNumber
    """The number as written on the paper; an unusual one is stored and named in `warnings`."""
    issuer: Issuer
    """Who issued the paper, as written on it; sealed."""
    issued_on: Day
    """The day of issue, YYYY-MM-DD, not in the future nor before the person was born. If the paper
    is proof, the person is identified from this day on.
    """


class CaseCreate(Shape):
    """A case. What a route needs beyond this is in the answer to its first submission."""

    model_config = shown(examples.CASE_CREATE)

    route: Route
    """How the person reached the exchange; decides which papers are needed."""
    received_at: AwareDatetime | None = None
    """When the person was received, if that was before now: the law of that day applies, and what
    begins with the reception begins then. Not in the future (five minutes are taken for a clock
    that is fast), not before the person was born, not before 2012.
    """
    late_reason: LateReason | None = None
    """Why the case is told only now; needed if `received_at` lies before yesterday, by the calendar
    of Hải Phòng.
    """
    advance_notice: NoticePerson | None = None
    """The person of a notice of a handover that this is: the route is the same, and the notice one
    that you may read.
    """
    sender_reference: Line | None = None
    """Your own reference of this case; sealed, and never shown to anyone else."""
    receiving_officer: Line | None = None
    """The name of the officer who received the person, or wrote the declaration for them; sealed.
    """
    person: PersonCreate
    """The person; everything is sealed but the sex and the codes of the units."""
    accompanying_minors: Annotated[tuple[AccompanyingMinor, ...], Field(max_length=MOST)] = ()
    """Children who came with the person; sealed. Each is received as a case of its own as well."""
    representative: Representative | None = None
    """Who stands beside the person; needed under 18. Sealed."""
    best_interest_note: Lines | None = None
    """What is best for the child, in words; needed under 18. Sealed."""
    languages: Annotated[tuple[Language, ...], Field(min_length=1, max_length=MOST), Distinct] = (
        "vi",
    )
    """Languages the person speaks (BCP 47)."""
    needs_interpreter: StrictBool = False
    """Whether the person needs an interpreter to speak with officials, who speak Vietnamese."""
    asked_staff_sex: Sex | None = None
    """The sex that the person asks the staff who serve them to have. Ask the person, and leave it
    out if any will do: only a programme that can promise it is asked then.
    """
    immediate_needs: Annotated[tuple[Need, ...], Field(max_length=MOST), Distinct] = ()
    """What the person needs that cannot wait; sealed."""
    exploitation: Exploitation | None = None
    """What was done to the person, as far as they have said; sealed. The route MISSION_ABROAD needs
    its country.
    """
    papers: Annotated[tuple[PaperCreate, ...], Field(max_length=MOST)] = ()
    """Papers that the person, or your organisation, can show."""
    requested_services: Annotated[
        tuple[EntitlementCode, ...], Field(max_length=MOST), Distinct
    ] = ()
    """What the person asks for; each service that the law grants is referred to one programme."""
    consents: Annotated[tuple[ConsentCreate, ...], Field(max_length=100)] = ()
    """Which kinds of organisation may be asked, and may learn who the person is once they accept.
    Without a consent nobody is asked.
    """

    def statement(self) -> Statement:
        """What the rules look at."""
        person, exploitation = self.person, self.exploitation
        return Statement(
            route=self.route,
            sex=person.sex,
            birth=person.birth(),
            papers=[
                StatedPaper(paper.type, parse_number(paper.number), paper.issued_on)
                for paper in self.papers
            ],
            phones=[each.phone() for each in person.phones],
            identity_numbers=[(it.type, it.number) for it in person.identity_documents],
            minors_birth_years=[minor.birth_year for minor in self.accompanying_minors],
            consent_scopes=[(it.organisation_kind, it.purpose) for it in self.consents],
            nationality=person.nationality,
            origin=person.origin(),
            present=person.present(),
            has_representative=self.representative is not None,
            is_representative_suspect=bool(self.representative and self.representative.is_suspect),
            has_best_interest_note=self.best_interest_note is not None,
            has_exploitation=exploitation is not None,
            has_means=bool(exploitation and exploitation.means),
            country=exploitation.country if exploitation else None,
            received_at=self.received_at,
            late_reason=self.late_reason,
            act=exploitation.act() if exploitation else Act(),
        )

    def of_minor(self, minor: AccompanyingMinor) -> Self:
        """The same reception, of a child who came along: where they are, and what they speak.

        Nobody says who stands beside the child but whom it came with. Its papers, consents and
        wishes are its own, and are told of later.
        """
        beside = self.person
        person = PersonCreate(
            full_name=minor.full_name,
            birth_year=minor.birth_year,
            sex=minor.sex,
            nationality=beside.nationality,
            origin_unit_code=beside.origin_unit_code,
            origin_unit_on=beside.origin_unit_on,
            present_unit_code=beside.present_unit_code,
            present_unit_on=beside.present_unit_on,
            present_address=beside.present_address,
        )
        kept = {name: getattr(self, name) for name in OF_RECEPTION}
        return type(self)(person=person, **kept)

    def stored_identity(self) -> dict[str, Any]:
        """What the vault keeps of this submission in one sealed document: all but what has a place.

        A field that is added here is sealed until somebody gives it a place of its own.
        """
        return {**self.person.stored(), **self.model_dump(mode="json", exclude=PLACED)}


class Links(Shape):
    """The addresses of a case and of what belongs to it."""

    self: str
    """The address of the case."""
    journey: str
    """The address that tells what happened to the case so far."""
    consents: str
    """The address at which consents are given and withdrawn."""


class Companion(Shape):
    """A case of somebody who came along."""

    id: UUID
    """The id of that case."""
    code: str
    """The code by which people name that case."""


class CaseReceipt(Shape):
    """What the sender of a case is answered; ``warnings`` name what to look at again."""

    model_config = shown(examples.CASE_RECEIPT)

    id: UUID
    """The id of the case, for every later call."""
    code: str
    """The code by which people name the case, on the telephone too: `HP-7K3M-9Q2F`. The last
    character checks the others.
    """
    received_at: AwareDatetime
    """When the person was received: as you told it, otherwise when the case was stored."""
    status: CaseStatus
    """The status of the case, always `received`."""
    warnings: list[Caution]
    """What was stored although it looks unlikely, as codes: look at it again."""
    accompanying: list[Companion]
    """The cases of the children who came along, in your order."""
    links: Links
    """The addresses to go on from."""


class CaseSummary(Shape):
    """A case in a list."""

    id: UUID
    """The id of the case."""
    code: str
    """The code by which people name the case: `HP-7K3M-9Q2F`."""
    route: Route
    """How the person reached the exchange."""
    receiver_id: UUID
    """The organisation that submitted it."""
    receiver_kind: OrganisationKind
    """What kind of organisation that is."""
    received_at: AwareDatetime
    """When the person was received."""
    registered_at: AwareDatetime
    """When the case was told to the exchange and stored."""
    late_reason: LateReason | None
    """Why it was told later than the day after the reception; unset if it was not."""
    status: CaseStatus
    """How far the case has come, as other services have told."""
    age_band: AgeBand
    """The age of the person. It is looked at again on the first day of a month, and when a birth
    date is corrected; where only a year of birth is known, the younger of the two possible ages
    counts.
    """
    was_minor_at_act: bool | None
    """Whether what was done to the person began before they were 18; unset if that is not known.
    For a minor no means of trafficking need be shown.
    """
    sex: Sex
    """The sex of the person, as submitted."""
    citizenship: Citizenship
    """All that is shown of the nationality of the person."""
    area_code: str
    """The commune where the person is, otherwise the one they come from: five digits of the state's
    list.
    """
    area_on: date
    """The day by which that code is read: codes were given to other units later."""
    responsible_id: UUID | None
    """The organisation that the case was handed to; unset while whoever holds the area owns it."""
    requested_services: list[EntitlementCode]
    """What the person asks for."""
    warnings: list[Caution]
    """What looked unlikely when the case was received, or the birth was corrected, as codes."""
    version: int
    """The number in the ETag; it grows with every change of the status and of the age band, with
    every consent, every correction and every hand-over.
    """


class CaseRead(CaseSummary):
    """A case; its ETag is its ``version``."""

    model_config = shown(examples.CASE_READ)

    languages: list[str]
    """Languages the person speaks (BCP 47)."""
    needs_interpreter: bool
    """Whether the person needs an interpreter."""
    asked_staff_sex: Sex | None
    """The sex that the person asks the staff who serve them to have; unset if any will do."""
    papers: list[PaperType]
    """The types of the person's papers; numbers and issuers stay sealed."""
    consents: list[ConsentRead]
    """Every consent ever given, each with the time at which it was withdrawn."""
    accompanies: Companion | None
    """The case with which the child came, if you may read it."""
    accompanied_by: list[Companion]
    """The cases of the children who came along, as far as you may read them."""
    links: Links
    """The addresses to go on from."""


class CaseList(Shape):
    """A page of cases, newest first."""

    model_config = shown(examples.CASE_LIST)

    items: list[CaseSummary]
    """The cases of this page, those that were stored last first, whenever they were received."""
    next_cursor: Cursor = None


class StepRead(Shape):
    """One step of a case; what does not belong to its kind is unset."""

    at: AwareDatetime
    """When it happened, by the clock of the service where it happened."""
    kind: StepKind
    """What kind of step it was."""
    status: str | None
    """The status of the case or of the referral after this step; of a period that ends, to whom
    that has come, as a code of `clock_level`.
    """
    reason: str | None
    """Why a referral moved, as a code; of a period that ends, which, as a code of `period_key`."""
    outcome: str | None
    """What the initial check found, how the verification ended, or what the service brought."""
    need: NeedKind | None
    """The kind of need a referral is for."""
    code: EntitlementCode | None
    """The service a referral is for; shown to case owners only."""
    referral_id: UUID | None
    """The referral this step belongs to, by the id under which you know it."""
    organisation_id: UUID | None
    """Who took the initial check, or verifies; and, shown to case owners only, who is asked or
    serves.
    """


class TurnRead(Shape):
    """The one sentence of a case: who must act now, since when, and to do what."""

    who: Who
    """Who must act; `exchange` while what follows is on its way, `nobody` if it did not come."""
    why: TurnReason
    """What is to be done next, as a code."""
    since: AwareDatetime
    """Since when it is their turn."""
    organisation_id: UUID | None
    """The organisation that must act, as far as you may know it."""
    need: NeedKind | None
    """The kind of need that a referral is for; unset where it is about none."""
    code: EntitlementCode | None
    """The service that a referral is for; shown to case owners only."""
    referral_id: UUID | None
    """The referral that it is about, by the id under which you know it. The day by which somebody
    must act stands with the verification or the referral itself.
    """


class Journey(Shape):
    """What happened to a case so far, oldest first."""

    model_config = shown(examples.JOURNEY)

    case_id: UUID
    """The id of the case."""
    steps: list[StepRead]
    """The steps, oldest first; a step that another service tells of late is put in its place."""
    turn: TurnRead
    """Whose turn it is now."""
