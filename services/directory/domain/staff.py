"""Accounts of people: whom an organisation lets act for it, in which of its roles and areas."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import exists, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.directory.domain.areas import check_roles_areas
from services.directory.domain.confirmations import Confirmation
from services.directory.domain.organisations import dated_roles, lock_organisation
from services.directory.domain.own_settings import forget_ways
from services.directory.domain.sessions import end_sessions, forget_devices
from services.directory.errors import (
    ManagerRoleMissing,
    ManagerThere,
    OrganisationInactive,
    StaffNotFound,
    UserNameTaken,
)
from services.directory.models import Organisation, Staff, StaffGrant
from services.directory.policy import (
    AccountEvent,
    Named,
    SessionEnd,
    StaffVault,
    check_grants,
    check_roles,
    check_still_managed,
    managed_until,
    of_people,
    roles_in_force,
)
from shared.access import Permission, visible
from shared.contracts.directory import DatedRole, OfficerChanged
from shared.contracts.vocabulary import Role
from shared.kit import audit
from shared.kit.clock import local_date
from shared.kit.identifiers import new_id
from shared.kit.subjects import Subject
from shared.kit.versions import Expected, check_version
from shared.messaging import outbox


@dataclass(frozen=True, repr=False)
class StaffFacts:
    """What may change about an account; its organisation and its user name never do."""

    display_name: str
    grants: tuple[DatedRole, ...]
    is_active: bool = True


def register_staff(
    session: Session,
    *,
    user_name: str,
    facts: StaffFacts,
    vault: StaffVault,
    now: datetime,
    subject: Subject,
) -> Staff:
    """Give a person of the manager's own organisation an account.

    Raises ``UserNameTaken``, ``GrantBeyondOrganisation``, ``AreaUnknown``, what ``check_roles``
    raises, and ``OrganisationInactive``.
    """
    organisation = _lock_active(session, subject.organisation_id)
    _check(facts.grants, (), organisation)
    return _add(session, organisation, user_name, facts, vault, now=now, actor=subject.actor)


def appoint_manager(
    session: Session,
    *,
    organisation_id: UUID,
    user_name: str,
    display_name: str,
    confirmation: Confirmation | None,
    vault: StaffVault,
    now: datetime,
    actor: str,
) -> Staff:
    """Give an organisation that nobody manages its first manager, or another one.

    Another one where a post of the organisation has confirmed that none of those there are can act
    any more: they keep their accounts, and read of it there. Raises ``ManagerRoleMissing`` where
    the organisation does not hold that role today, ``ManagerThere`` where somebody manages it and
    nothing was confirmed, ``ConfirmedLater``, ``UserNameTaken``, ``OrganisationNotFound`` and
    ``OrganisationInactive``.
    """
    organisation, today = _lock_active(session, organisation_id), local_date(now)
    held = roles_in_force(dated_roles(organisation), today)
    roles = tuple(role for role in held if role.role is Role.MANAGER)
    if not roles:
        raise ManagerRoleMissing
    present = _managers(session, organisation_id, today)
    if present and confirmation is None:
        raise ManagerThere
    if confirmation is not None:
        confirmation.check(today)
    grants = tuple(
        DatedRole(
            role=role.role, area_code=role.area_code, valid_from=today, valid_to=role.valid_to
        )
        for role in roles
    )
    facts = StaffFacts(display_name=display_name, grants=grants)
    made = _add(session, organisation, user_name, facts, vault, now=now, actor=actor)
    if confirmation is not None:
        _tell_managers(session, [made, *present], confirmation, now=now, actor=actor)
    return made


def _tell_managers(
    session: Session,
    managers: Sequence[Staff],
    confirmation: Confirmation,
    *,
    now: datetime,
    actor: str,
) -> None:
    """A line in the account of each, with what the organisation confirmed."""
    for each in managers:
        audit.record(
            session,
            actor=actor,
            action=AccountEvent.MANAGER_APPOINTED,
            object_id=each.id,
            now=now,
            organisation_id=str(each.organisation_id),
            post=confirmation.post,
            confirmed_on=confirmation.confirmed_on.isoformat(),
            reference=confirmation.reference,
        )


def change_staff(
    session: Session,
    *,
    staff_id: UUID,
    facts: StaffFacts,
    expected_version: Expected,
    vault: StaffVault,
    now: datetime,
    subject: Subject,
) -> Staff:
    """Replace what is known of an account, its dated grants included.

    Raises ``StaffNotFound``, ``VersionChanged``, ``LastManagerLeaves`` and what ``register_staff``
    raises of grants.
    """
    organisation = lock_organisation(session, subject.organisation_id)
    staff = find_staff_to_change(session, staff_id=staff_id, subject=subject)
    check_version(staff.version, expected_version)
    _check(facts.grants, staff_grants(staff), organisation)
    before = _managed_until(session, organisation.id, local_date(now))
    was_officer = bool(_as_owner(staff))
    kept = vault.open(staff.identity, staff_id=staff.id)
    staff.identity = vault.seal(Named(kept.user_name, facts.display_name), staff_id=staff.id)
    staff.is_active = facts.is_active
    staff.version += 1
    staff.changed_at = now
    _set_grants(session, staff, facts.grants)
    if not facts.is_active:
        end_sessions(session, staff_id=staff.id, reason=SessionEnd.DEACTIVATED)
        forget_devices(session, staff_id=staff.id)
        forget_ways(session, staff.id)
    check_still_managed(before, _managed_until(session, organisation.id, local_date(now)))
    _record(session, staff, action=AccountEvent.CHANGED, now=now, actor=subject.actor)
    if was_officer or _as_owner(staff):
        outbox.add(session, as_it_stands(staff, now))
    return staff


def find_officers(
    session: Session, *, subject: Subject, on: date, after: UUID | None, size: int
) -> Sequence[Staff]:
    """Whoever acts today as a case owner of the subject's organisation, in the order of ids."""
    own = visible(subject, Permission.OFFICER_READ).reaches(own=[Staff.organisation_id])
    acts = exists().where(
        StaffGrant.staff_id == Staff.id,
        StaffGrant.role == Role.CASE_OWNER,
        StaffGrant.valid_from <= on,
        or_(StaffGrant.valid_to.is_(None), StaffGrant.valid_to > on),
    )
    wanted = select(Staff).where(own, Staff.is_active, acts).order_by(Staff.id).limit(size)
    if after is not None:
        wanted = wanted.where(Staff.id > after)
    return session.scalars(wanted).all()


def find_staff(session: Session, *, staff_id: UUID, subject: Subject) -> Staff:
    """One account of the manager's organisation; raises ``StaffNotFound``."""
    return _find(session, staff_id, subject, Permission.STAFF_READ)


def find_staff_to_change(session: Session, *, staff_id: UUID, subject: Subject) -> Staff:
    """One account that the manager may change; raises ``StaffNotFound``."""
    return _find(session, staff_id, subject, Permission.STAFF_CHANGE)


def list_staff(
    session: Session, *, subject: Subject, after: UUID | None, size: int
) -> Sequence[Staff]:
    """The accounts of the manager's organisation in the order of their ids."""
    reach = visible(subject, Permission.STAFF_READ).reaches(own=[Staff.organisation_id])
    wanted = select(Staff).where(reach).order_by(Staff.id).limit(size)
    if after is not None:
        wanted = wanted.where(Staff.id > after)
    return session.scalars(wanted).all()


def identity_of(session: Session, *, staff_id: UUID) -> bytes:
    """The sealed names of an account; raises ``StaffNotFound``."""
    sealed = session.scalar(select(Staff.identity).where(Staff.id == staff_id))
    if sealed is None:
        raise StaffNotFound
    return sealed


def staff_grants(staff: Staff) -> tuple[DatedRole, ...]:
    """The grants of an account as policies know them."""
    return tuple(
        DatedRole(
            role=Role(grant.role),
            area_code=grant.area_code,
            valid_from=grant.valid_from,
            valid_to=grant.valid_to,
        )
        for grant in staff.grants
    )


def _find(session: Session, staff_id: UUID, subject: Subject, permission: Permission) -> Staff:
    reach = visible(subject, permission).reaches(own=[Staff.organisation_id])
    found = session.scalar(select(Staff).where(Staff.id == staff_id, reach))
    if found is None:
        raise StaffNotFound
    return found


def _lock_active(session: Session, organisation_id: UUID) -> Organisation:
    organisation = lock_organisation(session, organisation_id)
    if not organisation.is_active:
        raise OrganisationInactive
    return organisation


def _check(
    asked: Sequence[DatedRole],
    known: Sequence[DatedRole],
    organisation: Organisation,
) -> None:
    check_roles(asked)
    check_roles_areas(asked)
    check_grants(asked, known=known, held=of_people(dated_roles(organisation)))


def _managers(session: Session, organisation_id: UUID, on: date) -> Sequence[Staff]:
    """Whoever manages an organisation on a day."""
    people = _active(session, organisation_id)
    return [each for each in people if managed_until([staff_grants(each)], on) is not None]


def _managed_until(session: Session, organisation_id: UUID, on: date) -> date | None:
    people = _active(session, organisation_id)
    return managed_until((staff_grants(each) for each in people), on)


def _active(session: Session, organisation_id: UUID) -> Sequence[Staff]:
    here = select(Staff).where(Staff.organisation_id == organisation_id, Staff.is_active)
    return session.scalars(here.order_by(Staff.id)).all()


def _add(
    session: Session,
    organisation: Organisation,
    user_name: str,
    facts: StaffFacts,
    vault: StaffVault,
    *,
    now: datetime,
    actor: str,
) -> Staff:
    staff_id = new_id()
    made: Staff | None = session.scalar(
        insert(Staff)
        .values(
            id=staff_id,
            organisation_id=organisation.id,
            log_in_digest=vault.digest("user_name", user_name),
            identity=vault.seal(Named(user_name, facts.display_name), staff_id=staff_id),
            is_active=facts.is_active,
            version=1,
            registered_at=now,
            changed_at=now,
        )
        .on_conflict_do_nothing()
        .returning(Staff)
    )
    if made is None:
        raise UserNameTaken
    _set_grants(session, made, facts.grants)
    _record(session, made, action=AccountEvent.REGISTERED, now=now, actor=actor)
    if _as_owner(made):
        outbox.add(session, as_it_stands(made, now))
    return made


def as_it_stands(staff: Staff, told_at: datetime) -> OfficerChanged:
    """Whoever acts for a case owner, as messages tell it: by an id that says nothing else."""
    return OfficerChanged(
        occurred_at=told_at,
        officer_id=staff.id,
        organisation_id=staff.organisation_id,
        roles=_as_owner(staff),
        is_active=staff.is_active,
    )


def _as_owner(staff: Staff) -> tuple[DatedRole, ...]:
    return tuple(grant for grant in staff_grants(staff) if grant.role is Role.CASE_OWNER)


def _set_grants(session: Session, staff: Staff, grants: Sequence[DatedRole]) -> None:
    """Keep the rows that stay true; only what differs is written."""
    kept = {_key(row): row for row in staff.grants}
    ordered = sorted(grants, key=_key)
    staff.grants = [
        kept.get(_key(grant))
        or StaffGrant(role=grant.role, area_code=grant.area_code, valid_from=grant.valid_from)
        for grant in ordered
    ]
    for row, grant in zip(staff.grants, ordered, strict=True):
        row.valid_to = grant.valid_to
    session.flush()


def _key(grant: DatedRole | StaffGrant) -> tuple[str, str, date]:
    return grant.role, grant.area_code, grant.valid_from


def _record(session: Session, staff: Staff, *, action: str, now: datetime, actor: str) -> None:
    """Who gave whom what: by ids and codes, for the audit knows no name."""
    audit.record(
        session,
        actor=actor,
        action=action,
        object_id=staff.id,
        now=now,
        organisation_id=str(staff.organisation_id),
        version=staff.version,
        is_active=staff.is_active,
        grants=[
            [str(it.role), it.area_code, str(it.valid_from), it.valid_to and str(it.valid_to)]
            for it in staff_grants(staff)
        ],
    )
