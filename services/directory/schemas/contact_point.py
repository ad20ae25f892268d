"""Contact points, as JSON."""

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from services.directory import examples
from services.directory.schemas.account import PlaceGiven, Typed
from shared.contracts.vocabulary import ChannelKind
from shared.kit.shapes import Shape, shown


class ContactPointCreate(Shape):
    """Where an office is written to: at a mailbox, or on the phone of its officer on duty."""

    model_config = shown(examples.CONTACT_POINT_CREATE)

    mailbox: str | None = Field(default=None, min_length=3, max_length=254)
    """The e-mail address of the office that has to act, in ASCII, at a public domain; never one
    that names a person. Either this or a number.
    """
    number: str | None = Field(default=None, min_length=8, max_length=16)
    """The mobile number of the phone that the office's officer on duty carries, in E.164
    (`+84…`); never a person's own. Either this or a mailbox.
    """


class ContactPointRead(Shape):
    """Where an office is or was written to."""

    model_config = shown(examples.CONTACT_POINT_READ)

    id: UUID
    """The id of the contact point; another mailbox or number is another contact point."""
    organisation_id: UUID
    """The organisation whose office it is."""
    channel: ChannelKind
    """The way by which it is told."""
    mailbox: str | None
    """The e-mail address of the office; unset where it is told by SMS."""
    number: str | None
    """The number of the phone of its officer on duty; unset where it is told by e-mail."""
    valid_from: AwareDatetime
    """Since when it is used."""
    valid_to: AwareDatetime | None
    """Since when it is not used any more; unset while it is."""
    code_since: AwareDatetime | None
    """Since when the answer code agreed with the office is good; unset while none was agreed."""


class ContactPointList(Shape):
    """All contact points of an organisation, the newest first."""

    model_config = shown(examples.CONTACT_POINT_LIST)

    items: list[ContactPointRead]
    """The contact points, those that have ended among them."""


class AnswerCodeMade(ContactPointRead):
    """The code agreed with an office, to be handed to it: the only answer that holds it."""

    model_config = shown(examples.ANSWER_CODE_MADE)

    code: str
    """The code, by which the office answers from its mails. Its last two letters notice when it is
    mistyped.
    """


class OfficeGiven(PlaceGiven):
    """The link of a mail to an office, and the code agreed with that office."""

    model_config = shown(examples.OFFICE_GIVEN)

    link: Annotated[str, Field(min_length=1, max_length=100)]
    """The end of the link, as it stands in the mail."""
    code: Typed
    """The code, in capital or small letters, with or without hyphens."""
