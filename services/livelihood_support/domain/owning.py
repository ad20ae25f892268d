"""Who owns a case today: what a case owner decides for a person, no other case owner decides.

Computed at every request from the roles that the directory tells and from where the case is, so a
change of either holds from its day on.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from services.livelihood_support.domain.locks import LockedCase, lock_cases
from services.livelihood_support.domain.reach import check_reach
from services.livelihood_support.errors import NotResponsibleNow, OwnersNotTold
from services.livelihood_support.models import Organisation, OwnerRole
from shared.access import Permission
from shared.contracts.directory import DatedRole
from shared.contracts.vocabulary import Role
from shared.kit.arrays import among
from shared.kit.clock import local_date
from shared.kit.documents import insert_rows
from shared.kit.subjects import Subject
from shared.places.holders import Place, Tenure, holder_of


def note_owner_roles(session: Session, roles: Mapping[UUID, Sequence[DatedRole]]) -> None:
    """Keep where and when these organisations own cases, as last told; they are stored already."""
    session.execute(delete(OwnerRole).where(among(OwnerRole.organisation_id, roles)))
    rows = [
        {
            "organisation_id": organisation_id,
            "area_code": held.area_code,
            "valid_from": held.valid_from,
            "valid_to": held.valid_to,
        }
        for organisation_id, every in roles.items()
        for held in every
        if held.role is Role.CASE_OWNER
    ]
    insert_rows(session, OwnerRole, rows)


def lock_own(
    session: Session, case_id: UUID, subject: Subject, permission: Permission, now: datetime
) -> LockedCase:
    """Lock a case for the organisation that owns it today.

    Refused: a case that is not there for the subject, and one that another organisation owns, or
    nobody.
    """
    check_reach(session, case_id, subject, permission, now)
    case = lock_cases(session, [case_id])[case_id]
    check_owner(session, case, subject.organisation_id, now)
    return case


def check_owner(session: Session, case: LockedCase, organisation_id: UUID, now: datetime) -> None:
    """Refuse an organisation that does not own the case today.

    Refused for another reason while no case owner is known at all: after an upgrade, or a restore,
    the directory has not told of any yet, and an operator has to see to that.
    """
    owning = _owning(session)
    if not owning:
        raise OwnersNotTold
    place = Place(case.area_code, case.area_on)
    if holder_of(owning, place, on=local_date(now)) != organisation_id:
        raise NotResponsibleNow


def _owning(session: Session) -> list[Tenure]:
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
