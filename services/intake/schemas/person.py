"""The person of a case, and everything else that identifies someone: only ever written."""

from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import Field, StrictBool, model_validator
from pydantic_core import PydanticCustomError

from services.intake.policy import Birth, IdentityDocumentType, Rule
from services.intake.schemas.shape import (
    Code,
    Country,
    Day,
    Distinct,
    Line,
    Nationality,
    Number,
    PhoneNumber,
    Shape,
    UnitCode,
    Year,
)
from shared.contracts.vocabulary import Sex

MOST = 20
"""Entries a list about one person may have."""


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
    number: Number


class PhoneCreate(Shape):
    """A phone; without ``safe_to_call`` it is never given to anyone."""

    number: PhoneNumber
    safe_to_call: StrictBool

    def stored(self) -> dict[str, Any]:
        """As the vault keeps it."""
        return {
            "number": self.number.number,
            "safe_to_call": self.safe_to_call,
            "is_confirmed": self.number.is_confirmed,
        }


class PersonCreate(Shape):
    """The person, by either date or year of birth, as she gives her names."""

    full_name: Line
    aliases: Annotated[tuple[Line, ...], Field(max_length=MOST)] = ()
    sex: Sex
    birth_date: Day | None = None
    birth_year: Year | None = None
    ethnicity: Line | None = None
    nationality: Nationality
    identity_documents: Annotated[tuple[IdentityDocument, ...], Field(max_length=MOST)] = ()
    phones: Annotated[tuple[PhoneCreate, ...], Field(max_length=MOST)] = ()
    origin_unit_code: UnitCode | None = None
    present_unit_code: UnitCode | None = None
    present_address: Line | None = None

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
        coded = {"phones", "sex", "origin_unit_code", "present_unit_code"}
        plain = self.model_dump(mode="json", exclude=coded)
        return {**plain, "phones": [phone.stored() for phone in self.phones]}


class AccompanyingMinor(Shape):
    """A child who came with the person."""

    full_name: Line
    birth_year: Year
    sex: Sex


class Representative(Shape):
    """Who stands beside a person under 18; a suspect may be named, and is then flagged."""

    full_name: Line
    relation: Relation
    is_suspect: StrictBool


class Exploitation(Shape):
    """What was done to the person, as far as she has said."""

    types: Annotated[tuple[Exploited, ...], Field(max_length=MOST), Distinct] = ()
    country: Country | None = None
    means: Annotated[tuple[Code, ...], Field(max_length=MOST), Distinct] = ()
