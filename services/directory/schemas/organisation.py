"""Organisations and the roles they hold, as JSON."""

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import Field

from services.directory import examples
from services.directory.schemas.words import AreaCode, Name, Note, OrganisationCode, Version
from shared.contracts.directory import DatedRole
from shared.contracts.vocabulary import OrganisationKind, Role
from shared.kit.shapes import Cursor, Shape, shown
from shared.law import Certainty


class HeldRole(Shape):
    """A role held for an area from ``valid_from`` until before ``valid_to``."""

    role: Role
    """The role: what the organisation may do there."""
    area_code: AreaCode = Field(
        description="The code of the unit where it is held, or 31 for the whole city."
    )
    valid_from: date
    """The first day on which it is held."""
    valid_to: date | None = Field(
        default=None, description="The first day on which it is no longer held."
    )

    def dated(self) -> DatedRole:
        """As messages and policies know it."""
        return DatedRole(**self.model_dump())


class OrganisationChange(Shape):
    """What may change about an organisation, whole."""

    model_config = shown(examples.ORGANISATION_CHANGE)

    name_vi: Name
    """The official name, in Vietnamese."""
    name_en: Name
    """The name for readers of English."""
    is_active: bool = True
    """Whether the organisation still exists; one that does not is neither asked nor called, and
    gets no tokens.
    """
    roles: list[HeldRole] = Field(default_factory=list, max_length=200)
    """All roles it holds, has held and will hold; a role that is left out is deleted."""
    source: Note | None = Field(
        default=None, description="The source that these facts are taken from."
    )
    certainty: Certainty = Certainty.ASSUMED
    """How sure these facts are."""

    def facts(self) -> dict[str, Any]:
        """The facts the domain takes."""
        kept = self.model_dump(include={"name_vi", "name_en", "is_active", "source", "certainty"})
        return {**kept, "roles": tuple(role.dated() for role in self.roles)}


class OrganisationCreate(OrganisationChange):
    """A new organisation; its code, its kind and whether it is a test stay."""

    model_config = shown(examples.ORGANISATION_CREATE)

    code: OrganisationCode
    """A short code that never changes, for example `cao-dang-ky-thuat`."""
    kind: OrganisationKind
    """The kind of organisation; it decides which consent covers it."""
    is_test: bool = False
    """Whether nothing that it is told leaves the exchange, but is recorded; in a sandbox only."""


class OrganisationRead(Shape):
    """An organisation with the roles it holds, held and will hold."""

    model_config = shown(examples.ORGANISATION_READ)

    id: UUID
    """The id of the organisation, the same in every service."""
    code: str
    """The short code, which never changes."""
    name_vi: str
    """The official name, in Vietnamese."""
    name_en: str
    """The name for readers of English."""
    kind: OrganisationKind
    """The kind of organisation; it decides which consent covers it."""
    is_active: bool
    """Whether the organisation still exists."""
    is_test: bool
    """Whether nothing that it is told leaves the exchange, but is recorded; in a sandbox only."""
    roles: list[HeldRole]
    """Its roles, in the order of role, area and first day."""
    source: str | None
    """The source that these facts are taken from."""
    certainty: Certainty
    """How sure these facts are."""
    version: Version


class OrganisationList(Shape):
    """A page of organisations."""

    model_config = shown(examples.ORGANISATION_LIST)

    items: list[OrganisationRead]
    """The organisations of this page, in the order of their ids."""
    next_cursor: Cursor = None
