"""The person of a case, and everything else that identifies someone: only ever written."""

from dataclasses import replace
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import Field, StrictBool, model_validator
from pydantic_core import PydanticCustomError

from services.intake.policy import Birth, IdentityDocumentType, Phone, Rule
from services.intake.schemas.shape import (
    Code,
    Country,
    Distinct,
    Line,
    Nationality,
    Number,
    PhoneNumber,
    UnitCode,
    Year,
)
from shared.contracts.vocabulary import Sex
from shared.kit.shapes import Day, Shape

MOST = 20
"""Entries a list about one person may have."""


CODED = {"sex", "origin_unit_code", "present_unit_code", "phones"}
"""Fields of the person that are kept with the case, in the clear, or (phones) in another form."""


class Relation(StrEnum):
    """What a representative is to the person."""

    PARENT = "parent"
    GUARDIAN = "guardian"
    RELATIVE = "relative"
    OFFICIAL = "official"


class Exploited(StrEnum):
    """Type of exploitation (``vic_TypeOfExploitation`` of HTCDS 2.0)."""

    FORCED_LABOUR = "ForcedLabour"
    SEXUAL_EXPLOITATION = "SexualExploitation"
    CHILD_LABOUR = "ChildLabour"
    FORCED_MARRIAGE = "ForcedMarriage"
    SERVITUDE = "Servitude"
    FORCED_MILITARY = "ForcedMilitaryByNonStateActors"
    ORGAN_REMOVAL = "OrganRemoval"
    FORCED_BEGGING = "ForcedBegging"
    FORCED_ADOPTION = "ForcedAdoption"
    SURROGACY = "Surrogacy"
    OTHER = "Other"


class IdentityDocument(Shape):
    """A document of identity; an odd number is kept and warned of, never refused."""

    type: IdentityDocumentType
    """Which document."""
    number: Number
    """As written on it."""


class PhoneCreate(Shape):
    """A phone; without ``safe_to_call`` it is never given to anyone."""

    number: PhoneNumber
    """National or international; read as E.164, a mobile of before 2018 as what it became."""
    safe_to_call: StrictBool
    """Whether the person says that calling it is safe."""
    was_reached: StrictBool = False
    """Whether you have reached the person under it: then it is confirmed, whatever it looks like.
    Without, a number that may be a landline of before 2017 is given to nobody.
    """

    def phone(self) -> Phone:
        """The number as read; what was reached is a stranger's no more."""
        if not self.was_reached:
            return self.number
        return replace(self.number, is_confirmed=True, is_maybe_landline=False)

    def stored(self) -> dict[str, Any]:
        """As the vault keeps it."""
        return {
            "number": self.number.number,
            "safe_to_call": self.safe_to_call,
            "was_reached": self.was_reached,
            "is_confirmed": self.phone().is_confirmed,
        }


class PersonCreate(Shape):
    """The person, by either date or year of birth, as she gives her names."""

    full_name: Line
    """As she gives it; Vietnamese names family name first."""
    aliases: Annotated[tuple[Line, ...], Field(max_length=MOST)] = ()
    """Other names she is known by."""
    sex: Sex
    """As recorded by you."""
    birth_date: Day | None = None
    """YYYY-MM-DD. Either this or the year."""
    birth_year: Year | None = None
    """When the day is not known."""
    ethnicity: Line | None = None
    """As she gives it."""
    nationality: Nationality
    """ISO 3166-1 alpha-2 (`GB`, not `UK`), or `stateless`."""
    identity_documents: Annotated[tuple[IdentityDocument, ...], Field(max_length=MOST)] = ()
    """A number that does not fit sex or year of birth is kept and named in `warnings`."""
    phones: Annotated[tuple[PhoneCreate, ...], Field(max_length=MOST)] = ()
    """Numbers she can be reached at."""
    origin_unit_code: UnitCode | None = None
    """Commune she comes from: five digits of the state's list, of today or of before."""
    present_unit_code: UnitCode | None = None
    """Commune where she is now; one of the two units is needed."""
    present_address: Line | None = None
    """Where she is, below the commune; never disclosed."""

    @model_validator(mode="after")
    def _has_one_birth(self) -> Self:
        if (self.birth_date is None) == (self.birth_year is None):
            raise PydanticCustomError(Rule.EITHER_DATE_OR_YEAR, "either a date or a year of birth")
        return self

    def birth(self) -> Birth:
        """What is known of the birth."""
        year = self.birth_date.year if self.birth_date else self.birth_year
        return Birth(year or 0, self.birth_date)

    def stored(self) -> dict[str, Any]:
        """As the vault keeps it; sex and units are kept in the clear with the case."""
        plain = self.model_dump(mode="json", exclude=CODED)
        return {**plain, "phones": [phone.stored() for phone in self.phones]}


class AccompanyingMinor(Shape):
    """A child who came with the person."""

    full_name: Line
    """As given."""
    birth_year: Year
    """Under 18 today; not in the future."""
    sex: Sex
    """As recorded."""


class Representative(Shape):
    """Who stands beside a person under 18; a suspect may be named, and is then flagged."""

    full_name: Line
    """As given."""
    relation: Relation
    """What this person is to her."""
    is_suspect: StrictBool
    """Whether this person is suspected of a part in what was done; kept, and warned of."""


class Exploitation(Shape):
    """What was done to the person, as far as she has said."""

    types: Annotated[tuple[Exploited, ...], Field(max_length=MOST), Distinct] = ()
    """Types of HTCDS 2.0."""
    country: Country | None = None
    """Where, ISO 3166-1 alpha-2."""
    means: Annotated[tuple[Code, ...], Field(max_length=MOST), Distinct] = ()
    """How she was brought into it, as codes of your own; for adults an element of trafficking."""
