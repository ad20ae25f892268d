"""Organisations and the roles they hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.directory.domain.areas import areas_over, check_roles_areas
from services.directory.errors import OrganisationCodeTaken, OrganisationNotFound
from services.directory.models import Organisation, OrganisationRole
from services.directory.policy import check_roles
from shared.contracts.directory import DatedRole, OrganisationChanged
from shared.contracts.vocabulary import OrganisationKind, Role
from shared.kit import audit
from shared.kit.arrays import among
from shared.kit.identifiers import new_id
from shared.kit.versions import Expected, check_version
from shared.law import Certainty
from shared.messaging import outbox


@dataclass(frozen=True)
class OrganisationFacts:
    """What may change about an organisation; code, kind, and whether it is a test never do."""

    name_vi: str
    name_en: str
    roles: tuple[DatedRole, ...]
    is_active: bool = True
    source: str | None = None
    certainty: Certainty = Certainty.ASSUMED


def open_organisation(
    session: Session,
    *,
    code: str,
    kind: OrganisationKind,
    facts: OrganisationFacts,
    now: datetime,
    actor: str,
    organisation_id: UUID | None = None,
    is_test: bool = False,
) -> Organisation:
    """Take an organisation in and tell the others.

    Raises ``OrganisationCodeTaken``, ``AreaUnknown`` and what ``check_roles`` raises.
    """
    check_roles(facts.roles)
    check_roles_areas(facts.roles)
    made: Organisation | None = session.scalar(
        insert(Organisation)
        .values(
            id=organisation_id or new_id(),
            code=code,
            kind=kind,
            is_test=is_test,
            **_columns(facts),
            version=1,
            changed_at=now,
        )
        .on_conflict_do_nothing()
        .returning(Organisation),
    )
    if made is None:
        raise OrganisationCodeTaken
    _set_roles(session, made, facts.roles)
    _tell(session, made, action="organisation.opened", now=now, actor=actor)
    return made


def change_organisation(
    session: Session,
    *,
    organisation_id: UUID,
    facts: OrganisationFacts,
    expected_version: Expected,
    now: datetime,
    actor: str,
) -> Organisation:
    """Replace the facts of an organisation and tell the others.

    Raises ``OrganisationNotFound``, ``VersionChanged``, ``AreaUnknown`` and what ``check_roles``
    raises.
    """
    organisation = lock_organisation(session, organisation_id)
    check_version(organisation.version, expected_version)
    return apply_facts(session, organisation, facts=facts, now=now, actor=actor)


def apply_facts(
    session: Session,
    organisation: Organisation,
    *,
    facts: OrganisationFacts,
    now: datetime,
    actor: str,
) -> Organisation:
    """Write new facts to a locked organisation, as its next version."""
    check_roles(facts.roles)
    check_roles_areas(facts.roles)
    for column, value in _columns(facts).items():
        setattr(organisation, column, value)
    organisation.version += 1
    organisation.changed_at = now
    _set_roles(session, organisation, facts.roles)
    _tell(session, organisation, action="organisation.changed", now=now, actor=actor)
    return organisation


def lock_organisation(session: Session, organisation_id: UUID) -> Organisation:
    """The organisation, locked until the transaction ends; raises ``OrganisationNotFound``."""
    found = session.get(
        Organisation, organisation_id, with_for_update={"of": Organisation}, populate_existing=True
    )
    if found is None:
        raise OrganisationNotFound
    return found


def find_organisation(session: Session, *, organisation_id: UUID) -> Organisation:
    """One organisation; raises ``OrganisationNotFound``."""
    found = session.get(Organisation, organisation_id)
    if found is None:
        raise OrganisationNotFound
    return found


def organisation_with_code(session: Session, *, code: str) -> Organisation:
    """One organisation by its code; raises ``OrganisationNotFound``."""
    found = session.scalar(select(Organisation).where(Organisation.code == code))
    if found is None:
        raise OrganisationNotFound
    return found


def find_organisations(
    session: Session,
    *,
    kind: OrganisationKind | None,
    role: Role | None,
    area: str | None,
    name: str | None = None,
    on: date,
    after: UUID | None,
    size: int,
) -> Sequence[Organisation]:
    """Organisations in the order of their ids; by role or area, those that hold one on a day.

    By name, those in whose names or code it is, whatever the size of its letters.
    """
    wanted = select(Organisation).order_by(Organisation.id).limit(size)
    if after is not None:
        wanted = wanted.where(Organisation.id > after)
    if name is not None:
        known = (Organisation.name_vi, Organisation.name_en, Organisation.code)
        wanted = wanted.where(or_(*(each.icontains(name, autoescape=True) for each in known)))
    if kind is not None:
        wanted = wanted.where(Organisation.kind == kind)
    held = [
        OrganisationRole.valid_from <= on,
        or_(OrganisationRole.valid_to.is_(None), OrganisationRole.valid_to > on),
    ]
    if role is not None:
        held.append(OrganisationRole.role == role)
    if area is not None:
        held.append(among(OrganisationRole.area_code, areas_over(area)))
    if role is not None or area is not None:
        wanted = wanted.where(Organisation.roles.any(and_(*held)))
    return session.scalars(wanted).all()


def dated_roles(organisation: Organisation) -> tuple[DatedRole, ...]:
    """The roles of an organisation as messages and policies know them."""
    return tuple(
        DatedRole(
            role=Role(role.role),
            area_code=role.area_code,
            valid_from=role.valid_from,
            valid_to=role.valid_to,
        )
        for role in organisation.roles
    )


def _columns(facts: OrganisationFacts) -> dict[str, str | bool | None]:
    return {
        "name_vi": facts.name_vi,
        "name_en": facts.name_en,
        "is_active": facts.is_active,
        "source": facts.source,
        "certainty": facts.certainty,
    }


def _set_roles(
    session: Session,
    organisation: Organisation,
    roles: Sequence[DatedRole],
) -> None:
    """Keep the rows that stay true; only what differs is written."""
    kept = {_key(row): row for row in organisation.roles}
    organisation.roles = [
        kept.get(_key(role))
        or OrganisationRole(role=role.role, area_code=role.area_code, valid_from=role.valid_from)
        for role in sorted(roles, key=_key)
    ]
    for row, role in zip(organisation.roles, sorted(roles, key=_key), strict=True):
        row.valid_to = role.valid_to
    # A role that cannot be stored is this request's fault, not that of whoever commits.
    session.flush()


def _key(role: DatedRole | OrganisationRole) -> tuple[str, str, date]:
    return role.role, role.area_code, role.valid_from


def _tell(
    session: Session,
    organisation: Organisation,
    *,
    action: str,
    now: datetime,
    actor: str,
) -> None:
    audit.record(
        session,
        actor=actor,
        action=action,
        object_id=organisation.id,
        now=now,
        version=organisation.version,
    )
    outbox.add(session, as_it_stands(organisation, now))


def as_it_stands(organisation: Organisation, told_at: datetime) -> OrganisationChanged:
    """The organisation, whole, as messages tell it."""
    return OrganisationChanged(
        occurred_at=told_at,
        organisation_id=organisation.id,
        code=organisation.code,
        kind=OrganisationKind(organisation.kind),
        roles=dated_roles(organisation),
        is_active=organisation.is_active,
    )
