"""How a person may be reached without anybody else noticing, and messages to them."""

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import AwareDatetime

from services.intake.examples import contact as examples
from services.intake.policy import (
    ContactEnd,
    PersonLanguage,
    PersonText,
    ReachedHow,
    RiskEnd,
    RiskReason,
)
from services.intake.schemas.person import ContactRules
from services.intake.schemas.shape import PhoneNumber
from shared.contracts.vocabulary import ContactRefusal, PersonMessageOutcome
from shared.kit.shapes import Shape, shown


class ContactPointCreate(Shape):
    """A number at which the person can be reached, with the rules they give for it; sealed."""

    model_config = shown(examples.CONTACT_POINT_CREATE)

    number: PhoneNumber
    """The number, national or international, read as E.164."""
    rule: ContactRules
    """How to reach the person there."""
    confirmed_on: date | None = None
    """The day on which the person said so to one of your officers. Without one, and from thirty
    days after it on, nothing is sent there.
    """
    replaces: UUID | None = None
    """The contact point in whose place it comes."""

    def details(self) -> dict[str, Any]:
        """What the vault keeps of it."""
        return {"number": self.number.number, "rule": self.rule.model_dump(mode="json")}


class ContactPointConfirm(Shape):
    """The person has said again that a contact point holds."""

    model_config = shown(examples.CONTACT_POINT_CONFIRM)

    confirmed_on: date
    """The day on which they said so: today, or within the last thirty days."""


class ContactPointRead(Shape):
    """A contact point without its number; who opens the file by law reads that."""

    model_config = shown(examples.CONTACT_POINT_READ)

    id: UUID
    """The id of the contact point."""
    recorded_at: AwareDatetime
    """When it was recorded."""
    confirmed_on: date | None
    """The day on which the person last said that it holds; unset where nobody has heard so."""
    holds_until: date | None
    """The last day on which that is relied on."""
    ended_at: AwareDatetime | None
    """Since when it is used no more."""
    end_reason: ContactEnd | None
    """Why it is used no more."""


class RiskFlagRaise(Shape):
    """Nothing may reach the person's phone from now on."""

    model_config = shown(examples.RISK_FLAG_RAISE)

    reason: RiskReason
    """Why, as a code."""


class RiskFlagLower(Shape):
    """Messages may go again."""

    model_config = shown(examples.RISK_FLAG_LOWER)

    reason: RiskEnd
    """Why, as a code."""


class RiskFlagRead(Shape):
    """A risk flag, from when it was raised until it was lowered."""

    model_config = shown(examples.RISK_FLAG_READ)

    id: UUID
    """The id of the flag."""
    reason: RiskReason
    """Why it was raised."""
    raised_at: AwareDatetime
    """Since when nothing reaches the person's phone."""
    lowered_at: AwareDatetime | None
    """When it was lowered; unset while it is up."""
    end_reason: RiskEnd | None
    """Why it was lowered."""


class PersonMessageCreate(Shape):
    """A message to the person: one of a few texts that say nothing to anybody else."""

    model_config = shown(examples.PERSON_MESSAGE_CREATE)

    contact_point_id: UUID
    """The contact point that it goes to."""
    says: PersonText
    """What it says, as the code of a text."""
    language: PersonLanguage = PersonLanguage.VIETNAMESE
    """The language that it is written in."""


class PersonMessageRead(Shape):
    """A message to the person, and what became of it."""

    model_config = shown(examples.PERSON_MESSAGE_READ)

    id: UUID
    """The id of the message."""
    contact_point_id: UUID
    """The contact point that it goes to."""
    says: PersonText
    """What it says, as the code of a text."""
    language: PersonLanguage
    """The language that it is written in."""
    asked_at: AwareDatetime
    """When it was asked for."""
    send_at: AwareDatetime
    """When it is to leave, if it may then: as soon as the person may be reached."""
    send_before: AwareDatetime
    """When that time is over; what has not left by then does not leave."""
    refusal: ContactRefusal | None
    """Why it did not leave, where it was not to leave at that moment."""
    outcome: PersonMessageOutcome | None
    """What became of it; unset until that is known."""
    concluded_at: AwareDatetime | None
    """When that became known."""
    reached_at: AwareDatetime | None
    """When the case owner said how the person was reached otherwise."""
    reached_how: ReachedHow | None
    """How the person was reached otherwise."""
    is_left: bool = False
    """Whether the person has to be reached another way, and was not yet."""


class PersonMessageSettle(Shape):
    """How the person was reached where a message did not arrive."""

    model_config = shown(examples.PERSON_MESSAGE_SETTLE)

    how: ReachedHow
    """How, as a code."""


class ContactRead(Shape):
    """How a person may be reached, without any number."""

    model_config = shown(examples.CONTACT_READ)

    case_id: UUID
    """The case of the person."""
    points: list[ContactPointRead]
    """All contact points, the oldest first: their place is the number people call them by."""
    flag: RiskFlagRead | None
    """The risk flag that is up; unset where none is."""
    messages: list[PersonMessageRead]
    """Messages that were asked for, the newest first; to whoever reaches the case as its owner."""


class ContactQuestion(Shape):
    """Where to, and what, for one message at this moment."""

    model_config = shown(examples.CONTACT_QUESTION)

    message_id: UUID
    """The message that would leave now."""


class ContactAnswer(Shape):
    """Given once. It is for the memory of who asks, and is kept nowhere."""

    model_config = shown(examples.CONTACT_ANSWER)

    to: str | None
    """The number (E.164); unset where nothing may leave."""
    text: str | None
    """The whole text; unset where nothing may leave."""
    refusal: ContactRefusal | None
    """Why nothing may leave; unset where it may."""
