"""Links and slips: how a person gets into an account for the first time, or again."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.directory.domain import failures
from services.directory.domain.credentials import (
    credentials_of,
    forget_second_factors,
    has_second_factor,
    set_password,
)
from services.directory.domain.failures import Counter
from services.directory.domain.log_ins import (
    Context,
    LogIn,
    begin_half,
    note,
    refuse,
    without_second,
)
from services.directory.domain.organisations import lock_organisation
from services.directory.domain.sessions import end_sessions, forget_devices, moment
from services.directory.domain.staff import find_staff_to_change
from services.directory.errors import LinkNotValid, StaffInactive
from services.directory.models import Organisation, Staff, StaffCredentials
from services.directory.policy import (
    AccountEvent,
    Counted,
    LinkPurpose,
    LogInOutcome,
    LogInRules,
    LogInStep,
    SessionEnd,
    StaffVault,
    check_password,
    read_link,
)
from shared.kit import audit
from shared.kit.errors import DomainError
from shared.kit.subjects import Subject


def make_link(
    session: Session,
    *,
    staff_id: UUID,
    purpose: LinkPurpose,
    vault: StaffVault,
    rules: LogInRules,
    now: datetime,
    subject: Subject,
) -> StaffCredentials:
    """Let a person of the manager's organisation set a password, or everything, anew.

    A former link is worth nothing from now on, and all sessions of the person end. Raises
    ``StaffNotFound`` and ``StaffInactive``.
    """
    lock_organisation(session, subject.organisation_id)
    staff = find_staff_to_change(session, staff_id=staff_id, subject=subject)
    if not staff.is_active:
        raise StaffInactive
    return add_link(session, staff, purpose, vault=vault, rules=rules, now=now, actor=subject.actor)


def add_link(
    session: Session,
    staff: Staff,
    purpose: LinkPurpose,
    *,
    vault: StaffVault,
    rules: LogInRules,
    now: datetime,
    actor: str,
) -> StaffCredentials:
    """A link for an account, known by a digest of its code."""
    session.execute(
        insert(StaffCredentials)
        .values(staff_id=staff.id, is_authenticator_confirmed=False, link_number=0)
        .on_conflict_do_nothing()
    )
    credentials = credentials_of(session, staff.id)
    credentials.link_number += 1
    code = vault.link_code(staff.id, credentials.link_number)
    credentials.link_digest = vault.digest("link", read_link(code))
    credentials.link_purpose = purpose
    credentials.link_expires_at = moment(session) + rules.link_lifetime
    end_sessions(session, staff_id=staff.id, reason=SessionEnd.RESET)
    session.flush()
    audit.record(
        session,
        actor=actor,
        action=AccountEvent.LINK_MADE,
        object_id=staff.id,
        now=now,
        purpose=purpose,
        number=credentials.link_number,
    )
    return credentials


@dataclass(frozen=True)
class LinkClaim:
    """The code of a link, counted by its source as if it were none."""

    counted: tuple[Counter, ...]
    """None while the source waits: then a code that is none is not even told to be."""
    is_there: bool
    """Whether some link has this code: whoever has it waits for nobody else's failures."""


def claim_link(session: Session, *, code: str, context: Context) -> LinkClaim:
    """Count the code of a link before anything is done for it; raises ``CodeMistyped``."""
    counter = Counter.of(context.vault, Counted.LINK, context.place.source)
    is_counted = failures.count(session, [counter], at=moment(session), stopping=[counter])
    digest = context.vault.digest("link", read_link(code))
    is_there = exists().where(StaffCredentials.link_digest == digest)
    return LinkClaim((counter,) if is_counted else (), bool(session.scalar(select(is_there))))


def redeem_link(
    session: Session,
    *,
    claim: LinkClaim,
    code: str,
    password: str,
    password_hash: str,
    context: Context,
) -> LogIn | LogInOutcome | DomainError:
    """Set a password with the code of a link or a slip, which is used up; the next step follows.

    All sessions of the account end. Returned are ``LinkNotValid``, ``PasswordTooShort`` and
    ``PasswordCommon``, which leave the code as it is: what was counted and noted stays. Raises
    ``CodeMistyped``.
    """
    try:
        credentials = _claimed(session, claim, code, context.vault)
    except LinkNotValid as refusal:
        if not claim.counted:
            return refuse(session, None, LogInOutcome.WAITING, context)
        refuse(session, None, LogInOutcome.WRONG_LINK, context)
        return refusal
    failures.take_back(session, claim.counted)
    staff = session.get_one(Staff, credentials.staff_id)
    named = context.vault.open(staff.identity, staff_id=staff.id)
    try:
        check_password(password, user_name=named.user_name)
    except DomainError as refusal:
        return refusal
    if credentials.link_purpose == LinkPurpose.EVERYTHING:
        forget_second_factors(session, credentials)
    set_password(session, credentials, password_hash, at=moment(session))
    credentials.outside_digest = None
    used_up(session, credentials)
    note(session, staff.id, AccountEvent.PASSWORD_SET, context)
    session.flush()
    if not has_second_factor(session, credentials):
        return without_second(session, credentials, context, may_set_up=True)
    return LogIn(LogInStep.SECOND_FACTOR, begin_half(session, staff.id, context))


def _claimed(session: Session, claim: LinkClaim, code: str, vault: StaffVault) -> StaffCredentials:
    """What a code is for that was there when it was counted: for no other a password was computed.

    Raises ``LinkNotValid``.
    """
    if not claim.is_there:
        raise LinkNotValid
    return linked(session, code, vault)


def used_up(session: Session, credentials: StaffCredentials) -> None:
    """A link is worth nothing more; sessions end, and no browser is known."""
    credentials.link_digest = credentials.link_purpose = credentials.link_expires_at = None
    end_sessions(session, staff_id=credentials.staff_id, reason=SessionEnd.RESET)
    forget_devices(session, staff_id=credentials.staff_id)


def linked(session: Session, code: str, vault: StaffVault) -> StaffCredentials:
    """The credentials that a link is for, locked; raises ``CodeMistyped``, ``LinkNotValid``."""
    digest = vault.digest("link", read_link(code))
    found = session.scalar(
        select(StaffCredentials)
        .join(Staff, Staff.id == StaffCredentials.staff_id)
        .join(Organisation, Organisation.id == Staff.organisation_id)
        .where(StaffCredentials.link_digest == digest, Staff.is_active, Organisation.is_active)
        .with_for_update(of=StaffCredentials)
    )
    if found is None or found.link_expires_at is None or found.link_expires_at <= moment(session):
        raise LinkNotValid
    return found
