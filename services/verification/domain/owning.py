"""Who owns a case today: of several case owners who reach its verification, one acts."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session

from services.verification.domain.reach import PLACE
from services.verification.models import Organisation, OwnerRole, Verification
from shared.access.owning import OwnedColumns
from shared.kit.clock import local_date
from shared.places.holders import Tenure

_OWNED = OwnedColumns(PLACE, Verification.responsible_id)


def owned_by(session: Session, organisation_id: UUID, now: datetime) -> ColumnElement[bool]:
    """Verifications of cases that an organisation owns today.

    While the directory has told of no case owner, as after an upgrade, it is any that is reached:
    a duty that too many see is done, one that nobody sees is not.
    """
    owning = tenures(session)
    if not owning:
        return true()
    return _OWNED.are_owned(owning, organisation_id, local_date(now))


def tenures(session: Session) -> list[Tenure]:
    """Who owns cases where and when, of active organisations; one statement."""
    rows = session.execute(
        select(
            Organisation.id,
            Organisation.code,
            OwnerRole.area_code,
            OwnerRole.valid_from,
            OwnerRole.valid_to,
        )
        .join(OwnerRole, OwnerRole.organisation_id == Organisation.id)
        .where(Organisation.is_active),
    )
    return [Tenure(*row) for row in rows]
