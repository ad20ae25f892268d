"""Consents given and withdrawn."""

from uuid import UUID

from pydantic import AwareDatetime

from services.intake.schemas.shape import Line, Shape
from shared.contracts.vocabulary import OrganisationKind, Purpose


class ConsentScope(Shape):
    """Organisations of this kind may learn of the person for this purpose."""

    organisation_kind: OrganisationKind
    purpose: Purpose


class ConsentCreate(ConsentScope):
    """A consent; ``witness`` is who was there, and is kept sealed."""

    witness: Line | None = None


class ConsentRead(ConsentScope):
    """A consent in the ledger."""

    id: UUID
    given_at: AwareDatetime
    withdrawn_at: AwareDatetime | None
