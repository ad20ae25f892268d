"""The submission of a case, and what its sender reads of it afterwards: codes, no identity."""

from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, Field, StrictBool

from services.intake.policy import (
    CaseStatus,
    Caution,
    StatedPaper,
    Statement,
    StepKind,
    parse_number,
)
from services.intake.schemas.consent import ConsentCreate, ConsentRead
from services.intake.schemas.person import (
    MOST,
    AccompanyingMinor,
    Exploitation,
    PersonCreate,
    Representative,
)
from services.intake.schemas.shape import Day, Distinct, Language, Line, Lines, Number, Shape
from shared.contracts.vocabulary import (
    AgeBand,
    Citizenship,
    EntitlementCode,
    OrganisationKind,
    PaperType,
    Route,
    Sex,
)


class Need(StrEnum):
    """What cannot wait."""

    SHELTER = "shelter"
    FOOD = "food"
    MEDICAL = "medical"
    SAFETY = "safety"
    CLOTHING = "clothing"


class PaperCreate(Shape):
    """A paper, its number as written on it: ``15/KH-SLĐTBXH-PCTNXH``."""

    type: PaperType
    number: Number
    issuer: Line
    issued_on: Day


class CaseCreate(Shape):
    """A case. What a route needs beyond this is in the answer to its first submission."""

    route: Route
    sender_reference: Line | None = None
    person: PersonCreate
    accompanying_minors: Annotated[tuple[AccompanyingMinor, ...], Field(max_length=MOST)] = ()
    representative: Representative | None = None
    best_interest_note: Lines | None = None
    languages: Annotated[tuple[Language, ...], Field(min_length=1, max_length=MOST), Distinct] = (
        "vi",
    )
    needs_interpreter: StrictBool = False
    immediate_needs: Annotated[tuple[Need, ...], Field(max_length=MOST), Distinct] = ()
    exploitation: Exploitation | None = None
    papers: Annotated[tuple[PaperCreate, ...], Field(max_length=MOST)] = ()
    requested_services: Annotated[
        tuple[EntitlementCode, ...], Field(max_length=MOST), Distinct
    ] = ()
    consents: Annotated[tuple[ConsentCreate, ...], Field(max_length=100)] = ()

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
            phones=[phone.number for phone in person.phones],
            identity_numbers=[(it.type, it.number) for it in person.identity_documents],
            minors_birth_years=[minor.birth_year for minor in self.accompanying_minors],
            consent_scopes=[(it.organisation_kind, it.purpose) for it in self.consents],
            has_unit=bool(person.present_unit_code or person.origin_unit_code),
            has_representative=self.representative is not None,
            is_representative_suspect=bool(self.representative and self.representative.is_suspect),
            has_best_interest_note=self.best_interest_note is not None,
            has_exploitation=exploitation is not None,
            has_means=bool(exploitation and exploitation.means),
            country=exploitation.country if exploitation else None,
        )

    def stored_identity(self) -> dict[str, Any]:
        """Everything the vault keeps of this submission in one sealed document."""
        about_case = {
            "accompanying_minors",
            "representative",
            "best_interest_note",
            "immediate_needs",
            "exploitation",
        }
        return {**self.person.stored(), **self.model_dump(mode="json", include=about_case)}


class Links(Shape):
    """Where to go on."""

    self: str
    journey: str
    consents: str


class CaseReceipt(Shape):
    """What the sender of a case is answered; ``warnings`` name what to look at again."""

    id: UUID
    code: str
    received_at: AwareDatetime
    status: CaseStatus
    warnings: list[Caution]
    links: Links


class CaseSummary(Shape):
    """A case in a list."""

    id: UUID
    code: str
    route: Route
    receiver_id: UUID
    receiver_kind: OrganisationKind
    received_at: AwareDatetime
    status: CaseStatus
    age_band: AgeBand
    sex: Sex
    citizenship: Citizenship
    area_code: str
    requested_services: list[EntitlementCode]
    warnings: list[Caution]
    version: int


class CaseRead(CaseSummary):
    """A case; its ETag is its ``version``."""

    languages: list[str]
    needs_interpreter: bool
    papers: list[PaperType]
    consents: list[ConsentRead]
    links: Links


class CaseList(Shape):
    """A page of cases, newest first."""

    items: list[CaseSummary]
    next_cursor: str | None = Field(default=None, description="Cursor of the next page.")


class StepRead(Shape):
    """One step of a case; what does not belong to its kind is unset."""

    at: AwareDatetime
    kind: StepKind
    status: str | None
    reason: str | None
    outcome: str | None
    code: EntitlementCode | None
    referral_id: UUID | None
    organisation_id: UUID | None


class Journey(Shape):
    """What happened to a case so far, oldest first."""

    case_id: UUID
    steps: list[StepRead]
