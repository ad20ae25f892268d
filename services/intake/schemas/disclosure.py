"""A partner asks who it is that was referred to it."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.intake import examples
from services.intake.policy import DisclosedField, Undisclosed
from services.intake.schemas.person import ContactRules
from services.intake.schemas.shape import Distinct
from shared.contracts.vocabulary import Purpose, Sex
from shared.kit.shapes import Shape, shown


class DisclosureCreate(Shape):
    """A request for identity; without ``fields``, everything the purpose allows."""

    model_config = shown(examples.DISCLOSURE_CREATE)

    referral_id: UUID
    """The referral that your organisation has accepted, by the id under which it knows the
    referral.
    """
    purpose: Purpose
    """What you need the identity for; must be covered by a live consent."""
    fields: Annotated[list[DisclosedField], Field(min_length=1), Distinct] | None = None
    """The fields you need; ask for no more than that."""


class NumberRule(ContactRules):
    """How to call one number safely."""

    number: str
    """The number that it is about (E.164)."""


class DisclosedPerson(Shape):
    """The granted fields; the others are absent."""

    full_name: str | None = None
    """The full name, as the person gives it."""
    birth_year: int | None = None
    """The year of birth; the day is never disclosed."""
    sex: Sex | None = None
    """The sex, as recorded at reception."""
    languages: list[str] | None = None
    """Languages the person speaks (BCP 47)."""
    needs_interpreter: bool | None = None
    """Whether the person needs an interpreter."""
    asked_staff_sex: Sex | None = None
    """The sex that the person asks the staff who serve them to have; unset if any will do."""
    safe_phones: list[str] | None = None
    """Numbers that the person said are safe to call (E.164), without those that may be a
    stranger's.
    """
    contact_rules: list[NumberRule] | None = None
    """How to call each of the safe phones, where the person said how; given with them. Keep to it:
    somebody else may hold the phone.
    """
    present_unit_code: str | None = None
    """The commune where the person is: five digits of the state's list. No address."""


class DisclosureRead(Shape):
    """A disclosure. A repeat of the request shows the person only while the consent is in force.

    Otherwise ``person`` is unset and ``withheld`` says why.
    """

    model_config = shown(examples.DISCLOSURE_READ)

    disclosure_id: UUID
    """The id under which this disclosure is recorded."""
    referral_id: UUID
    """The referral that was asked about."""
    purpose: Purpose
    """The purpose that was stated."""
    person: DisclosedPerson | None
    """The granted fields, as they are now."""
    withheld: Undisclosed | None
    """Why the person is no longer shown when the request is repeated."""
