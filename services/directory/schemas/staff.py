"""Accounts of people, as JSON."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints

from services.directory import examples
from services.directory.policy import LinkPurpose
from services.directory.schemas.organisation import HeldRole
from services.directory.schemas.programme import ConfirmationGiven
from services.directory.schemas.words import Name, Version
from shared.kit.shapes import Cursor, Shape, shown

UserName = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{1,38}[a-z0-9]$", max_length=40)
]


class StaffChange(Shape):
    """What may change about a person's account, whole."""

    model_config = shown(examples.STAFF_CHANGE)

    display_name: Name
    """The name that colleagues know the person by; their own organisation reads it, and
    whoever reads in the audit what they did.
    """
    is_active: bool = True
    """Whether the person may log in."""
    grants: list[HeldRole] = Field(max_length=100)
    """All roles that the person acts in, each for an area and between two days: none that the
    organisation does not hold itself. One that is left out is deleted.
    """

    def facts(self) -> dict[str, Any]:
        """The facts the domain takes."""
        kept = self.model_dump(include={"display_name", "is_active"})
        return {**kept, "grants": tuple(grant.dated() for grant in self.grants)}


class StaffCreate(StaffChange):
    """A new account of a person of one's own organisation."""

    model_config = shown(examples.STAFF_CREATE)

    user_name: UserName
    """What the person types to log in: small letters without marks, digits, `.`, `_` and `-`. It
    never changes.
    """


class ManagerCreate(Shape):
    """A manager of an organisation that has none: they hold that role, as the organisation does."""

    model_config = shown(examples.MANAGER_CREATE)

    user_name: UserName
    """What the person types to log in: small letters without marks, digits, `.`, `_` and `-`. It
    never changes.
    """
    display_name: Name
    """The name that colleagues know the person by; their own organisation reads it, and
    whoever reads in the audit what they did.
    """
    confirmation: ConfirmationGiven | None = None
    """Who in the organisation confirmed that none of its managers can act any more. Without it no
    manager is made where there is one.
    """


class LinkCreate(Shape):
    """What a person is to set anew."""

    model_config = shown(examples.LINK_CREATE)

    purpose: LinkPurpose = LinkPurpose.EVERYTHING
    """Whether the second factor is set anew as well, or the password alone."""


class LinkKept(Shape):
    """A link or slip without its code: what the answer under a key keeps."""

    staff_id: UUID
    """The id of the account that the link is for."""
    link_number: int = Field(description="The number of the link: a later one replaces it.")
    link_expires_at: AwareDatetime
    """When the link is over; it can be used once until then."""


class LinkMade(LinkKept):
    """A link or slip, to be handed to the person: the only answer that holds its code."""

    model_config = shown(examples.LINK_MADE)

    code: str
    """The code, for the end of a link or printed on a slip. Its last two letters notice when it is
    mistyped.
    """


class ManagerAppointed(LinkMade):
    """The new manager of an organisation; who it is, its own people read."""

    model_config = shown(examples.MANAGER_APPOINTED)

    organisation_id: UUID
    """The organisation that the person manages."""


class OfficerRead(Shape):
    """Somebody who acts in cases, as colleagues know them."""

    id: UUID
    """The id of the account, by which a case names its officer."""
    display_name: str
    """The name that colleagues know the person by."""


class OfficerList(Shape):
    """A page of those who act in cases for one's own organisation."""

    model_config = shown(examples.OFFICER_LIST)

    items: list[OfficerRead]
    """The officers of this page, in the order of their ids."""
    next_cursor: Cursor = None


class StaffNamed(Shape):
    """What an answer that is kept does not say: who it is."""

    user_name: str
    """What the person types to log in."""
    display_name: str
    """The name that colleagues know the person by."""


class StaffKept(Shape):
    """An account without the names of its person: what the answer under a key keeps."""

    id: UUID
    """The id of the account, by which the audit names the person."""
    organisation_id: UUID
    """The organisation that the person acts for."""
    is_active: bool
    """Whether the person may log in."""
    grants: list[HeldRole]
    """The roles that the person acts in, in the order of role, area and first day."""
    registered_at: AwareDatetime
    """When the account was made."""
    changed_at: AwareDatetime
    """When it was last changed."""
    version: Version


class StaffRead(StaffKept, StaffNamed):
    """An account of a person."""

    model_config = shown(examples.STAFF_READ)


class StaffList(Shape):
    """A page of accounts."""

    model_config = shown(examples.STAFF_LIST)

    items: list[StaffRead]
    """The accounts of this page, in the order of their ids."""
    next_cursor: Cursor = None
