"""Who holds which role where and when, as the directory tells it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from services.intake.models import HeldRole
from shared.contracts.directory import DatedRole
from shared.contracts.vocabulary import Role
from shared.kit.arrays import among
from shared.kit.documents import insert_rows
from shared.places.holders import Tenure

NEEDED = frozenset({Role.CASE_OWNER, Role.FACILITY, Role.PROTECTOR})
"""Who owns cases, and to whom a case can be assigned: nothing goes on without one of each."""
KEPT = NEEDED | {Role.VERIFIER}
"""Who verifies a case, verification tells; whether they still may, the directory does."""


@dataclass(frozen=True)
class OrganisationFacts:
    """An organisation, whole, as it now stands."""

    organisation_id: UUID
    code: str
    roles: tuple[DatedRole, ...]
    is_active: bool


def note_organisations(session: Session, *, organisations: Sequence[OrganisationFacts]) -> None:
    """Keep the roles of these as last told; whoever is inactive holds none."""
    ids = [facts.organisation_id for facts in organisations]
    session.execute(delete(HeldRole).where(among(HeldRole.organisation_id, ids)))
    rows = [
        {
            "organisation_id": facts.organisation_id,
            "role": held.role,
            "area_code": held.area_code,
            "valid_from": held.valid_from,
            "valid_to": held.valid_to,
            "organisation_code": facts.code,
        }
        for facts in organisations
        if facts.is_active
        for held in facts.roles
        if held.role in KEPT
    ]
    insert_rows(session, HeldRole, rows)


def tenures(session: Session, role: Role) -> list[Tenure]:
    """Everyone who holds this role at some time, somewhere; one statement."""
    return [
        Tenure(
            row.organisation_id, row.organisation_code, row.area_code, row.valid_from, row.valid_to
        )
        for row in session.scalars(select(HeldRole).where(HeldRole.role == role))
    ]
