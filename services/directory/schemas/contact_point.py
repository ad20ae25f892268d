"""Contact points, as JSON."""

from uuid import UUID

from pydantic import AwareDatetime, Field

from services.directory import examples
from shared.contracts.vocabulary import ChannelKind
from shared.kit.shapes import Shape, shown


class ContactPointCreate(Shape):
    """Where an office is written to."""

    model_config = shown(examples.CONTACT_POINT_CREATE)

    mailbox: str = Field(min_length=3, max_length=254)
    """The e-mail address of the office that has to act, in ASCII, at a public domain; never one
    that names a person.
    """


class ContactPointRead(Shape):
    """Where an office is or was written to."""

    model_config = shown(examples.CONTACT_POINT_READ)

    id: UUID
    """The id of the contact point; another mailbox is another contact point."""
    organisation_id: UUID
    """The organisation whose office it is."""
    channel: ChannelKind
    """The way by which it is told."""
    mailbox: str
    """The e-mail address of the office."""
    valid_from: AwareDatetime
    """Since when it is used."""
    valid_to: AwareDatetime | None
    """Since when it is not used any more; unset while it is."""


class ContactPointList(Shape):
    """All contact points of an organisation, the newest first."""

    model_config = shown(examples.CONTACT_POINT_LIST)

    items: list[ContactPointRead]
    """The contact points, those that have ended among them."""
