"""What the directory tells: organisations, programmes, and how many places they have."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.livelihood_support.domain.owning import note_roles
from services.livelihood_support.models import Organisation, Programme
from shared.contracts.directory import DatedRole
from shared.contracts.vocabulary import AssuredBy, EntitlementCode, OrganisationKind, Sex


@dataclass(frozen=True)
class OrganisationFacts:
    """An organisation, whole, as it now stands."""

    id: UUID
    code: str
    kind: OrganisationKind
    is_active: bool
    roles: tuple[DatedRole, ...] = ()


@dataclass(frozen=True)
class ProgrammeFacts:
    """A programme, whole, as it now stands; ages in years, languages as BCP 47 tags."""

    id: UUID
    organisation_id: UUID
    organisation_kind: OrganisationKind
    codes: tuple[EntitlementCode, ...]
    area_codes: tuple[str, ...]
    languages: tuple[str, ...]
    has_interpreter: bool
    client_sexes: tuple[Sex, ...]
    minimum_age: int | None
    maximum_age: int | None
    serves_children: bool
    staff_sexes: tuple[Sex, ...]
    capacity: int
    assured_at: datetime | None
    assured_by: AssuredBy | None
    is_active: bool


def note_organisations(
    session: Session,
    *,
    organisations: Sequence[OrganisationFacts],
    now: datetime,
) -> None:
    """Store organisations, which cases they own, where they take people in, and who is led.

    Of other roles nothing is kept.

    Whoever found no place may find one with those active again.

    Their programmes are not touched: the sweep that tries again looks at both.
    """
    for facts in sorted(organisations, key=lambda each: each.id):
        values = {
            "id": facts.id,
            "code": facts.code,
            "kind": facts.kind,
            "is_active": facts.is_active,
            "changed_at": now,
            "managers_told": True,
        }
        changed = {**values, "changes": Organisation.changes + 1}
        session.execute(
            insert(Organisation)
            .values(values)
            .on_conflict_do_update(index_elements=[Organisation.id], set_=changed),
        )
    note_roles(session, {facts.id: facts.roles for facts in organisations})


def note_programmes(
    session: Session,
    *,
    programmes: Sequence[ProgrammeFacts],
    now: datetime,
) -> None:
    """Store programmes. A capacity cut below the places held takes no place away from anyone.

    Unplaced referrals for their codes are tried again by the sweep, which sees the change.
    """
    for facts in sorted(programmes, key=lambda each: each.id):
        values = {**asdict(facts), "changed_at": now}
        changed = {
            **values,
            "ceiling": func.greatest(facts.capacity, Programme.held),
            "changes": Programme.changes + 1,
        }
        session.execute(
            insert(Programme)
            .values({**values, "ceiling": facts.capacity})
            .on_conflict_do_update(index_elements=[Programme.id], set_=changed),
        )
