"""A partner asks who it is that was referred to it."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.intake.policy import DisclosedField, DisclosureOutcome
from services.intake.schemas.shape import Distinct
from shared.contracts.vocabulary import Purpose, Sex
from shared.kit.shapes import Shape


class DisclosureCreate(Shape):
    """A request for identity; without ``fields``, everything the purpose allows."""

    referral_id: UUID
    """The referral your organisation has accepted, by the id it knows it by."""
    purpose: Purpose
    """What you need the identity for; must be covered by a live consent."""
    fields: Annotated[list[DisclosedField], Field(min_length=1), Distinct] | None = None
    """Ask for no more than you need."""


class DisclosedPerson(Shape):
    """The granted fields; the others are absent."""

    full_name: str | None = None
    """As she gives it."""
    birth_year: int | None = None
    """The year only."""
    sex: Sex | None = None
    """As recorded."""
    languages: list[str] | None = None
    """Languages she speaks (BCP 47)."""
    needs_interpreter: bool | None = None
    """Whether she needs an interpreter."""
    safe_phones: list[str] | None = None
    """Numbers she said may be called (E.164), without those that may ring at a stranger's."""
    present_unit_code: str | None = None
    """Commune where she is: five digits of the state's list. No address."""


class DisclosureRead(Shape):
    """A disclosure. A repeat of the request shows the person only while the consent lives.

    Otherwise ``person`` is unset and ``withheld`` says why.
    """

    disclosure_id: UUID
    """Under which this is recorded."""
    referral_id: UUID
    """As asked."""
    purpose: Purpose
    """As asked."""
    person: DisclosedPerson | None
    """The granted fields, read now."""
    withheld: DisclosureOutcome | None
    """Why a repeat shows nothing any more."""
