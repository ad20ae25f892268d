"""Consents given and withdrawn."""

from uuid import UUID

from pydantic import AwareDatetime

from services.intake import examples
from services.intake.schemas.shape import Line
from shared.contracts.vocabulary import OrganisationKind, Purpose
from shared.kit.shapes import Shape, shown


class ConsentScope(Shape):
    """Organisations of this kind may learn of the person for this purpose."""

    model_config = shown(examples.CONSENT_SCOPE)

    organisation_kind: OrganisationKind
    """The kind of organisation the person agrees to."""
    purpose: Purpose
    """What the organisations may use it for."""


class ConsentCreate(ConsentScope):
    """A consent; ``witness`` is who was there, and is kept sealed."""

    model_config = shown(examples.CONSENT_CREATE)

    witness: Line | None = None
    """Who was there when a spoken consent was given; sealed."""


class ConsentRead(ConsentScope):
    """A consent in the ledger."""

    model_config = shown(examples.CONSENT_READ)

    id: UUID
    """The id of this consent."""
    given_at: AwareDatetime
    """When the consent was recorded."""
    withdrawn_at: AwareDatetime | None
    """When the consent was withdrawn; unset while it is in force."""
