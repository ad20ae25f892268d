"""Who owns a case today: what a case owner decides for a person, no other case owner decides.

Computed at every request from the roles that the directory tells, from where the case is and from
to whom intake says it was handed, so a change of any holds from its day on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, delete, exists, or_, select, text
from sqlalchemy.orm import Session

from services.livelihood_support.domain.locks import LockedCase, keep_cases, lock_cases
from services.livelihood_support.domain.reach import PLACE, check_reach
from services.livelihood_support.errors import NotResponsibleNow, OwnersNotTold
from services.livelihood_support.models import (
    CaseFile,
    FacilityRole,
    ManagerRole,
    Organisation,
    OwnerRole,
)
from shared.access import Permission
from shared.access.owning import OwnedColumns
from shared.contracts.directory import DatedRole
from shared.contracts.vocabulary import Role
from shared.kit.arrays import among
from shared.kit.clock import local_date
from shared.kit.documents import document, insert_rows
from shared.kit.subjects import Subject
from shared.places.holders import Place, Tenure, owner_of


def note_roles(session: Session, roles: Mapping[UUID, Sequence[DatedRole]]) -> None:
    """Keep where and when these organisations own cases and take people in, and who is led.

    As last told; they are stored already.
    """
    for table, role in _KEPT.items():
        session.execute(delete(table).where(among(table.organisation_id, roles)))
        insert_rows(session, table, _rows(roles, role))


_KEPT: Mapping[type[OwnerRole | ManagerRole | FacilityRole], Role] = {
    OwnerRole: Role.CASE_OWNER,
    FacilityRole: Role.FACILITY,
    ManagerRole: Role.MANAGER,
}
"""What is kept of the roles of an organisation."""


def _rows(roles: Mapping[UUID, Sequence[DatedRole]], role: Role) -> list[dict[str, Any]]:
    return [
        {
            "organisation_id": organisation_id,
            "area_code": held.area_code,
            "valid_from": held.valid_from,
            "valid_to": held.valid_to,
        }
        for organisation_id, every in roles.items()
        for held in every
        if held.role is role
    ]


def unled(session: Session, on: date) -> frozenset[UUID]:
    """The organisations of which nobody leads the people on a day.

    Of those that a former release was told of nobody says so, until they are told of again.
    """
    is_held = exists().where(
        ManagerRole.organisation_id == Organisation.id,
        ManagerRole.valid_from <= on,
        or_(ManagerRole.valid_to.is_(None), ManagerRole.valid_to > on),
    )
    asked = select(Organisation.id).where(Organisation.managers_told, ~is_held)
    return frozenset(session.scalars(asked))


_HAND_OVER = text(
    """
    UPDATE case_files SET responsible_id = told.responsible_id
      FROM json_to_recordset(CAST(:rows AS json)) AS told(case_id uuid, responsible_id uuid)
     WHERE case_files.case_id = told.case_id
    """,
)


def note_hand_overs(session: Session, responsible: Mapping[UUID, UUID | None]) -> None:
    """Keep which organisation answers for each of these cases; unset is whoever holds its area."""
    cases = lock_cases(session, list(responsible))
    rows = [{"case_id": each, "responsible_id": named} for each, named in responsible.items()]
    session.execute(_HAND_OVER, {"rows": document(rows)})
    keep_cases(
        session, [replace(cases[each], responsible_id=named) for each, named in responsible.items()]
    )


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
    owners = Owners(_owning(session), local_date(now))
    if not owners.tenures:
        raise OwnersNotTold
    if not owners.own(case, organisation_id):
        raise NotResponsibleNow


class Owned(Protocol):
    """What of a case says who owns it."""

    @property
    def area_code(self) -> str: ...  # noqa: D102 - said by the class

    @property
    def area_on(self) -> date: ...  # noqa: D102

    @property
    def responsible_id(self) -> UUID | None: ...  # noqa: D102


@dataclass(frozen=True)
class Owners:
    """Which organisations may own a case on a day."""

    tenures: Sequence[Tenure]
    on: date

    def own(self, case: Owned, organisation_id: UUID) -> bool:
        """Whether an organisation owns the case: it was handed to it, or it holds its place."""
        place = Place(case.area_code, case.area_on)
        return self.owner(place, handed_to=case.responsible_id) == organisation_id

    def owner(self, place: Place, *, handed_to: UUID | None) -> UUID | None:
        """Who owns a case there; ``None`` where nobody does."""
        return owner_of(self.tenures, place, handed_to=handed_to, on=self.on)


def owners_of(session: Session, now: datetime) -> Owners:
    """Who may own cases today, as the directory has told."""
    return Owners(_owning(session), local_date(now))


def may_change(
    session: Session, case_id: UUID, subject: Subject, permission: Permission, now: datetime
) -> bool:
    """Whether the subject's organisation owns the case today; who reaches it otherwise reads only.

    Refused, as if it was not there: a case that is not reached by this permission.
    """
    check_reach(session, case_id, subject, permission, now)
    case = session.get_one(CaseFile, case_id)
    return owners_of(session, now).own(case, subject.organisation_id)


def owned_by(session: Session, organisation_id: UUID, now: datetime) -> ColumnElement[bool]:
    """Which cases an organisation owns today; ``check_owner`` says the same of one."""
    return _OWNED.are_owned(_owning(session), organisation_id, local_date(now))


_OWNED = OwnedColumns(PLACE, CaseFile.responsible_id)


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
