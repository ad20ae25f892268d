"""The person of a case, and everything else that identifies someone: only ever written."""

from dataclasses import replace
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import Field, StrictBool, model_validator
from pydantic_core import PydanticCustomError

from services.intake.policy import (
    Act,
    Birth,
    ContactWay,
    IdentityDocumentType,
    Phone,
    Rule,
    StatedUnit,
    Weekday,
    read_span,
)
from services.intake.schemas.shape import (
    Code,
    Country,
    DayAbout,
    Distinct,
    Hours,
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
"""How many entries a list about one person may have."""


CODED = {
    "sex", "origin_unit_code", "origin_unit_on", "present_unit_code", "present_unit_on", "phones",
}  # fmt: skip
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
    """What kind of document it is."""
    number: Number
    """The number as written on the document."""


class ContactRule(Shape):
    """How the person can be reached under a number without anybody else noticing."""

    ways: Annotated[tuple[ContactWay, ...], Field(max_length=MOST), Distinct] = ()
    """How the person may be reached: `call`, `message`. Where none is named, by a call alone."""
    hours: Hours | None = None
    """When, by the clock of Vietnam, as an interval of ISO 8601: `18:00/20:00`. One that ends
    before it begins goes past midnight. Unset if the person named no hours.
    """
    answered_by: Line | None = None
    """Who else may answer and can be trusted, in the person's words; nobody if it is unset."""
    may_leave_message: StrictBool = False
    """Whether a message may be left where nobody answers."""
    code_phrase: Line | None = None
    """What whoever calls says first, so that the person knows who it is."""


class ContactRules(ContactRule):
    """How the person can be reached under a number, as they say now."""

    days: Annotated[tuple[Weekday, ...], Field(max_length=MOST), Distinct] = ()
    """On which days of the week; on all of them where none is named."""
    is_shared: StrictBool = False
    """Whether somebody else uses the device: then no message is sent to it."""


class PhoneCreate(Shape):
    """A phone; without ``safe_to_call`` it is never given to anyone."""

    number: PhoneNumber
    """The number, national or international, read as E.164. A mobile number of before 2018 is read
    as the number that replaced it.
    """
    safe_to_call: StrictBool
    """Whether the person says that calling it is safe."""
    was_reached: StrictBool = False
    """Whether your organisation has reached the person under this number: then it is confirmed,
    whatever it looks like. A number that may be a landline of before 2017 is otherwise given to
    nobody.
    """
    rule: ContactRule | None = None
    """How to call it safely; whoever is given the number is given this with it."""

    def phone(self) -> Phone:
        """The number as read; what was reached is a stranger's no more."""
        if not self.was_reached:
            return self.number
        return replace(self.number, is_confirmed=True, is_maybe_landline=False)

    def stored(self) -> dict[str, Any]:
        """What the vault keeps of this number."""
        ruled = {} if self.rule is None else {"rule": self.rule.model_dump(mode="json")}
        return {
            "number": self.number.number,
            "safe_to_call": self.safe_to_call,
            "was_reached": self.was_reached,
            "is_confirmed": self.phone().is_confirmed,
            **ruled,
        }


class PersonCreate(Shape):
    """The person, by either date or year of birth, with the names that the person gives."""

    full_name: Line
    """The full name as the person gives it; Vietnamese names with the family name first."""
    aliases: Annotated[tuple[Line, ...], Field(max_length=MOST)] = ()
    """Other names the person is known by."""
    sex: Sex
    """The sex, as recorded by your organisation."""
    birth_date: Day | None = None
    """The date of birth, YYYY-MM-DD. Give either this or the year."""
    birth_year: Year | None = None
    """The year of birth, if the date is not known."""
    ethnicity: Line | None = None
    """The ethnicity, as the person gives it."""
    nationality: Nationality
    """The nationality by ISO 3166-1 alpha-2 (`GB`, not `UK`), or `stateless`."""
    identity_documents: Annotated[tuple[IdentityDocument, ...], Field(max_length=MOST)] = ()
    """Documents of identity. A number that does not fit the sex or the year of birth is stored and
    named in `warnings`.
    """
    phones: Annotated[tuple[PhoneCreate, ...], Field(max_length=MOST)] = ()
    """Telephone numbers at which the person can be reached."""
    origin_unit_code: UnitCode | None = None
    """The commune the person comes from: five digits of the state's list."""
    origin_unit_on: Day | None = None
    """The day on which that code was written down, if that was before today: a commune that was
    dissolved in July 2025 stays the one it was. Without it the code is read as of today.
    """
    present_unit_code: UnitCode | None = None
    """The commune where the person is now; one of the two communes is needed. A code that means
    nothing on its day is refused with its successors; where the commune was divided, ask in which
    of them the person lives.
    """
    present_unit_on: Day | None = None
    """The day on which that code was written down, if that was before today."""
    present_address: Line | None = None
    """The address within the commune where the person is; never disclosed."""

    @model_validator(mode="after")
    def _has_one_birth(self) -> Self:
        if (self.birth_date is None) == (self.birth_year is None):
            raise PydanticCustomError(Rule.EITHER_DATE_OR_YEAR, "either a date or a year of birth")
        return self

    def birth(self) -> Birth:
        """What is known of the birth."""
        year = self.birth_date.year if self.birth_date else self.birth_year
        return Birth(year or 0, self.birth_date)

    def origin(self) -> StatedUnit:
        """Where the person comes from, with its day."""
        return StatedUnit("origin_unit", self.origin_unit_code, self.origin_unit_on)

    def present(self) -> StatedUnit:
        """Where the person is, with its day."""
        return StatedUnit("present_unit", self.present_unit_code, self.present_unit_on)

    def stored(self) -> dict[str, Any]:
        """What the vault keeps of the person; sex and units are kept in the clear with the case."""
        plain = self.model_dump(mode="json", exclude=CODED)
        return {**plain, "phones": [phone.stored() for phone in self.phones]}


class AccompanyingMinor(Shape):
    """A child who came with the person."""

    full_name: Line
    """The full name, as given."""
    birth_year: Year
    """The year of birth; the child is under 18 today."""
    sex: Sex
    """The sex, as recorded by your organisation."""


class Representative(Shape):
    """Who stands beside a person under 18; a suspect may be named, and is then flagged."""

    full_name: Line
    """The full name, as given."""
    relation: Relation
    """What the representative is to the person."""
    is_suspect: StrictBool
    """Whether the representative is suspected of a part in what was done; stored, with a warning.
    """


class Exploitation(Shape):
    """What was done to the person, as far as they have said."""

    types: Annotated[tuple[Exploited, ...], Field(max_length=MOST), Distinct] = ()
    """The types of exploitation, by HTCDS 2.0."""
    country: Country | None = None
    """The country where it was done, by ISO 3166-1 alpha-2."""
    means: Annotated[tuple[Code, ...], Field(max_length=MOST), Distinct] = ()
    """How the person was brought into it, as codes of your own; for adults this is an element of
    trafficking.
    """
    began: DayAbout | None = None
    """When it began, as far as the person remembers: `2019-05-04`, `2019-05` or `2019`. Whether the
    person was under 18 then decides whether means need be shown.
    """
    ended: DayAbout | None = None
    """When it ended, in the same form; leave it out while it goes on."""

    def act(self) -> Act:
        """When it was done."""
        return Act(
            read_span(self.began) if self.began else None,
            read_span(self.ended) if self.ended else None,
        )
