"""What a person shows that an account is theirs: a password, an authenticator app, codes."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from services.directory.domain.organisations import dated_roles
from services.directory.domain.staff import staff_grants
from services.directory.models import Staff, StaffCredentials, StaffRecoveryCode
from services.directory.policy import (
    StaffVault,
    in_force_for,
    is_code,
    new_recovery_code,
    new_secret,
    period_of,
    read_recovery_code,
)
from shared.kit.clock import local_date
from shared.kit.subjects import Grant, Means

RECOVERY_CODES = 10


def credentials_of(session: Session, staff_id: UUID) -> StaffCredentials:
    """The credentials of an account, locked until the transaction ends."""
    return session.get_one(StaffCredentials, staff_id, with_for_update=True, populate_existing=True)


def set_password(
    session: Session, credentials: StaffCredentials, password_hash: str, *, at: datetime
) -> None:
    """A password in the place of the one before."""
    credentials.password_hash = password_hash
    credentials.password_set_at = at
    session.flush()


def new_authenticator(session: Session, credentials: StaffCredentials, vault: StaffVault) -> bytes:
    """A secret for the app of whoever has none yet; it counts once a code has shown that it works.

    Shown again under way, it is another one: what was seen before is worth nothing.
    """
    secret = new_secret()
    credentials.authenticator = vault.seal_authenticator(secret, staff_id=credentials.staff_id)
    credentials.is_authenticator_confirmed = False
    credentials.authenticator_step = None
    session.flush()
    return secret


def forget_authenticator(session: Session, credentials: StaffCredentials) -> None:
    """Whoever lost the app sets another one up; codes of the former count no more."""
    credentials.authenticator = None
    credentials.is_authenticator_confirmed = False
    credentials.authenticator_step = None
    _forget_recovery_codes(session, credentials.staff_id)


def new_recovery_codes(session: Session, staff_id: UUID, vault: StaffVault) -> Sequence[str]:
    """Codes for whoever loses the app, in the place of former ones: told once."""
    _forget_recovery_codes(session, staff_id)
    codes = [new_recovery_code() for _ in range(RECOVERY_CODES)]
    session.add_all(
        StaffRecoveryCode(staff_id=staff_id, code_digest=_recovery_digest(vault, staff_id, code))
        for code in codes
    )
    session.flush()
    return codes


def second_factor_of(
    session: Session, credentials: StaffCredentials, code: str, vault: StaffVault, *, at: datetime
) -> Means | None:
    """What the code of locked credentials is, used up by this; none if it is wrong."""
    if credentials.authenticator is None:
        return None
    if not is_code(code):
        return _used_recovery_code(session, credentials, code, vault)
    secret = vault.open_authenticator(credentials.authenticator, staff_id=credentials.staff_id)
    period = period_of(code, secret, at=at, used=credentials.authenticator_step)
    if period is None:
        return None
    credentials.authenticator_step = period
    credentials.is_authenticator_confirmed = True
    session.flush()
    return Means.ONE_TIME_CODE


def grants_today(staff: Staff, now: datetime) -> frozenset[Grant]:
    """What a person may act in today, as far as their organisation holds it."""
    return in_force_for(
        staff_grants(staff), held=dated_roles(staff.organisation), on=local_date(now)
    )


def recovery_codes_left(session: Session, *, staff_id: UUID) -> int:
    """How many recovery codes are unused."""
    counted = select(func.count()).select_from(StaffRecoveryCode)
    return session.scalars(counted.where(StaffRecoveryCode.staff_id == staff_id)).one()


def _used_recovery_code(
    session: Session, credentials: StaffCredentials, code: str, vault: StaffVault
) -> Means | None:
    typed = read_recovery_code(code)
    if typed is None or not credentials.is_authenticator_confirmed:
        return None
    used = session.execute(
        delete(StaffRecoveryCode)
        .where(
            StaffRecoveryCode.staff_id == credentials.staff_id,
            StaffRecoveryCode.code_digest == _recovery_digest(vault, credentials.staff_id, typed),
        )
        .returning(StaffRecoveryCode.staff_id)
    ).one_or_none()
    return None if used is None else Means.RECOVERY_CODE


def _recovery_digest(vault: StaffVault, staff_id: UUID, code: str) -> bytes:
    return vault.digest("recovery", str(staff_id), code.replace("-", ""))


def _forget_recovery_codes(session: Session, staff_id: UUID) -> None:
    session.execute(delete(StaffRecoveryCode).where(StaffRecoveryCode.staff_id == staff_id))
