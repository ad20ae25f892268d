"""Programmes and who answers for them, as JSON."""

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, Field

from services.directory import examples
from services.directory.schemas.words import Age, AreaCode, Name, Version
from shared.contracts.vocabulary import AssuredBy, EntitlementCode, Sex
from shared.kit.languages import Language
from shared.kit.shapes import Cursor, Shape, shown
from shared.law import FIRST_LAW_FROM, Certainty
from shared.law.shapes import EvidenceNumber

LISTS = ("codes", "area_codes", "languages", "client_sexes", "staff_sexes")


class ProgrammeChange(Shape):
    """What may change about a programme, whole."""

    model_config = shown(examples.PROGRAMME_CHANGE)

    name_vi: Name
    """The official name, in Vietnamese."""
    name_en: Name
    """The name for readers of English."""
    codes: list[EntitlementCode] = Field(min_length=1, max_length=20)
    """The needs that it serves, as codes."""
    area_codes: list[AreaCode] = Field(min_length=1, max_length=200)
    """The units from which it takes people; 31 for the whole city."""
    capacity: int = Field(ge=0, le=100_000, description="How many places it has.")
    languages: list[Language] = Field(default=["vi"], min_length=1, max_length=50)
    """The languages that are spoken there (BCP 47)."""
    has_interpreter: bool = False
    """Whether it has an interpreter for those who speak none of these languages."""
    client_sexes: list[Sex] = Field(default=list(Sex), min_length=1, max_length=3)
    """Whom it takes, by sex; nobody else is referred to it."""
    minimum_age: Age | None = None
    """The lowest age it takes; unset if there is no limit. Nobody who may be younger is referred
    to it.
    """
    maximum_age: Age | None = None
    """The highest age it takes; unset if there is no limit. Nobody who may be older is referred
    to it.
    """
    serves_children: bool = False
    """Whether it is made for children, who are referred to it before others."""
    staff_sexes: list[Sex] = Field(default=[], max_length=3)
    """The sexes that staff can be asked for: whoever asks for a woman meets only women there."""
    is_active: bool = True
    """Whether people may be referred to it."""
    certainty: Certainty = Certainty.ASSUMED
    """How sure these facts are."""

    def facts(self) -> dict[str, Any]:
        """The facts the domain takes, lists without repeats."""
        kept = self.model_dump(exclude={"organisation_id", *LISTS})
        lists = {name: getattr(self, name) for name in LISTS}
        return kept | {name: tuple(dict.fromkeys(values)) for name, values in lists.items()}


class ProgrammeCreate(ProgrammeChange):
    """A new programme; it stays with its organisation."""

    model_config = shown(examples.PROGRAMME_CREATE)

    organisation_id: UUID
    """The organisation whose programme it is."""


class ProgrammeRead(Shape):
    """A programme (an HSDS service), and who answers for what is said of it."""

    model_config = shown(examples.PROGRAMME_READ)

    id: UUID
    """The id of the programme, the same in every service."""
    organisation_id: UUID
    """The organisation whose programme it is."""
    organisation_name_vi: str
    """The official name of that organisation, in Vietnamese."""
    organisation_name_en: str
    """The name of that organisation for readers of English."""
    name_vi: str
    """The official name, in Vietnamese."""
    name_en: str
    """The name for readers of English."""
    codes: list[EntitlementCode]
    """The needs that it serves, as codes."""
    area_codes: list[str]
    """The units from which it takes people; 31 for the whole city."""
    capacity: int
    """How many places it has."""
    languages: list[str]
    """The languages that are spoken there (BCP 47)."""
    has_interpreter: bool
    """Whether it has an interpreter for those who speak none of these languages."""
    client_sexes: list[Sex]
    """Whom it takes, by sex."""
    minimum_age: int | None
    """The lowest age it takes; unset if there is no limit."""
    maximum_age: int | None
    """The highest age it takes; unset if there is no limit."""
    serves_children: bool
    """Whether it is made for children."""
    staff_sexes: list[Sex]
    """The sexes that staff can be asked for."""
    assured_at: AwareDatetime | None
    """Since when somebody answers for these facts. While it is unset, and 90 days after, nobody is
    referred to the programme.
    """
    assured_by: AssuredBy | None
    """Who answers for them: its organisation, or an administrator who says who confirmed them."""
    assured_post: str | None
    """The post in its organisation that confirmed them, as the administrator named it."""
    assured_on: date | None
    """The day on which they were confirmed."""
    assured_reference: str | None
    """The number of the paper in which they were confirmed."""
    is_active: bool
    """Whether people may be referred to it."""
    certainty: Certainty
    """How sure these facts are."""
    version: Version


class ProgrammeList(Shape):
    """A page of programmes."""

    model_config = shown(examples.PROGRAMME_LIST)

    items: list[ProgrammeRead]
    """The programmes of this page, in the order of their ids."""
    next_cursor: Cursor = None


class ConfirmationGiven(Shape):
    """Who in an organisation confirmed it: a post, a day and a paper, never a person."""

    post: Name
    """The post that confirmed it, for example `Trưởng phòng Đào tạo`."""
    confirmed_on: date = Field(ge=FIRST_LAW_FROM)
    """The day on which it was confirmed; an assurance holds from then. Not in the future, and not
    before 2012, when the first law on trafficking came into force.
    """
    reference: EvidenceNumber
    """The number of the paper in which it was confirmed, for example `15/CV-CĐKT`."""


class AssuranceCreate(Shape):
    """That a programme is as the version says that was read."""

    model_config = shown(examples.ASSURANCE_CREATE)

    confirmation: ConfirmationGiven | None = None
    """Who confirmed it. An administrator must say so; the organisation itself need not."""
