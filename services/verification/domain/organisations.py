"""Who may verify and who owns cases, as the directory tells it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, exists, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.verification.models import ManagerRole, Organisation, OwnerRole, ProtectorRole
from services.verification.models import VerifierRole as VerifierRoleRow
from services.verification.policy import VerifierRole
from shared.contracts.directory import DatedRole
from shared.contracts.vocabulary import OrganisationKind, Role
from shared.kit.arrays import among
from shared.kit.documents import insert_rows


@dataclass(frozen=True)
class OrganisationFacts:
    """An organisation, whole, as it now stands."""

    id: UUID
    code: str
    kind: OrganisationKind
    roles: tuple[DatedRole, ...]
    is_active: bool


def note_organisations(
    session: Session,
    *,
    organisations: Sequence[OrganisationFacts],
    now: datetime,
) -> frozenset[Role]:
    """Store organisations as last told; returns which of the kept roles they have at some time."""
    ids = [facts.id for facts in organisations]
    for facts in sorted(organisations, key=lambda each: each.id):
        values = {
            "id": facts.id,
            "code": facts.code,
            "kind": facts.kind,
            "is_active": facts.is_active,
            "changed_at": now,
            "managers_told": True,
        }
        session.execute(
            insert(Organisation)
            .values(values)
            .on_conflict_do_update(index_elements=[Organisation.id], set_=values),
        )
    for table, role in _KEPT.items():
        session.execute(delete(table).where(among(table.organisation_id, ids)))
        insert_rows(session, table, _rows(organisations, role))
    held = {each.role for facts in organisations for each in facts.roles}
    return frozenset(held & set(_KEPT.values()))


_KEPT: Mapping[type[VerifierRoleRow | OwnerRole | ManagerRole | ProtectorRole], Role] = {
    VerifierRoleRow: Role.VERIFIER,
    ProtectorRole: Role.PROTECTOR,
    OwnerRole: Role.CASE_OWNER,
    ManagerRole: Role.MANAGER,
}
"""What is kept of the roles of an organisation."""


def _rows(organisations: Sequence[OrganisationFacts], role: Role) -> list[dict[str, Any]]:
    return [
        {
            "organisation_id": facts.id,
            "area_code": held.area_code,
            "valid_from": held.valid_from,
            "valid_to": held.valid_to,
        }
        for facts in organisations
        for held in facts.roles
        if held.role is role
    ]


def verifier_roles(session: Session) -> list[VerifierRole]:
    """Every verifier role of an active organisation, past and future ones too; one statement."""
    rows = session.execute(
        select(
            Organisation.id,
            Organisation.code,
            Organisation.kind,
            VerifierRoleRow.area_code,
            VerifierRoleRow.valid_from,
            VerifierRoleRow.valid_to,
        )
        .join(VerifierRoleRow, VerifierRoleRow.organisation_id == Organisation.id)
        .where(Organisation.is_active),
    )
    return [
        VerifierRole(
            organisation_id=row.id,
            code=row.code,
            kind=OrganisationKind(row.kind),
            area_code=row.area_code,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
        )
        for row in rows
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
