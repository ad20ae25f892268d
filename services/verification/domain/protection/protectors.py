"""Who protects where, as the directory tells it."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.verification.models import Organisation, ProtectorRole, Verification
from shared.places.holders import Tenure, holder_of


def protectors(session: Session) -> list[Tenure]:
    """Who protects where and when, of active organisations; one statement."""
    rows = session.execute(
        select(
            Organisation.id,
            Organisation.code,
            ProtectorRole.area_code,
            ProtectorRole.valid_from,
            ProtectorRole.valid_to,
        )
        .join(ProtectorRole, ProtectorRole.organisation_id == Organisation.id)
        .where(Organisation.is_active)
    )
    return [Tenure(*row) for row in rows]


def protector_for(
    verification: Verification, protecting: Collection[Tenure], on: date
) -> UUID | None:
    """The nearest who protects where the case is; ``None`` when nobody does on that day."""
    return holder_of(protecting, verification.place, on=on)


def may_protect(
    verification: Verification,
    protecting: Collection[Tenure],
    organisation_id: UUID,
    on: date,
) -> bool:
    """Whether a case owner may give it to this organisation: it protects there, near or wide."""
    theirs = [each for each in protecting if each.organisation_id == organisation_id]
    return protector_for(verification, theirs, on) is not None
