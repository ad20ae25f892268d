"""A partner asks who it is that was referred to it."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.intake.policy import DisclosedField, DisclosureOutcome
from services.intake.schemas.shape import Distinct, Shape
from shared.contracts.vocabulary import Purpose, Sex


class DisclosureCreate(Shape):
    """A request for identity; without ``fields``, everything the purpose allows."""

    referral_id: UUID
    purpose: Purpose
    fields: Annotated[list[DisclosedField], Field(min_length=1), Distinct] | None = None


class DisclosedPerson(Shape):
    """The granted fields; the others are absent."""

    full_name: str | None = None
    birth_year: int | None = None
    sex: Sex | None = None
    languages: list[str] | None = None
    needs_interpreter: bool | None = None
    safe_phones: list[str] | None = None
    present_unit_code: str | None = None


class DisclosureRead(Shape):
    """A disclosure. A repeat of the request shows the person only while the consent lives.

    Otherwise ``person`` is unset and ``withheld`` says why.
    """

    disclosure_id: UUID
    referral_id: UUID
    purpose: Purpose
    person: DisclosedPerson | None
    withheld: DisclosureOutcome | None
