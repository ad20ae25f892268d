"""Consents given and withdrawn."""

from uuid import UUID

from pydantic import AwareDatetime

from services.intake.schemas.shape import Line
from shared.contracts.vocabulary import OrganisationKind, Purpose
from shared.kit.shapes import Shape


class ConsentScope(Shape):
    """Organisations of this kind may learn of the person for this purpose."""

    organisation_kind: OrganisationKind
    """Which organisations."""
    purpose: Purpose
    """What for."""


class ConsentCreate(ConsentScope):
    """A consent; ``witness`` is who was there, and is kept sealed."""

    witness: Line | None = None
    """Who was there when a spoken consent was given; sealed."""


class ConsentRead(ConsentScope):
    """A consent in the ledger."""

    id: UUID
    """Of this entry of the ledger."""
    given_at: AwareDatetime
    """When it was recorded."""
    withdrawn_at: AwareDatetime | None
    """When it was withdrawn; unset while it lives."""
