"""What a person shows that an account is theirs: a password, an app, passkeys, codes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from services.directory.domain.organisations import dated_roles
from services.directory.domain.passkeys import forget_passkeys, has_answered, has_passkeys
from services.directory.domain.staff import staff_grants
from services.directory.errors import AppCodeWrong, AppNotBegun
from services.directory.models import Staff, StaffCredentials, StaffRecoveryCode
from services.directory.policy import (
    RelyingParty,
    Signed,
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

Shown = str | Signed
"""A second factor: a code of the app or a recovery code as it was typed, or a passkey's answer."""


@dataclass(frozen=True, repr=False)
class Checking:
    """What a second factor is judged by."""

    vault: StaffVault
    party: RelyingParty
    challenge: bytes | None
    """What a passkey was asked to sign, if one was asked."""
    at: datetime


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


def begin_authenticator(
    session: Session, credentials: StaffCredentials, vault: StaffVault
) -> bytes:
    """A secret for another app; the present one is good until a code has shown that this works."""
    secret = new_secret()
    sealed = vault.seal_authenticator(secret, staff_id=credentials.staff_id)
    credentials.next_authenticator = sealed
    session.flush()
    return secret


def replace_authenticator(
    session: Session, credentials: StaffCredentials, code: str, vault: StaffVault, *, at: datetime
) -> None:
    """A code of the other app puts it in the place of the present one, whose codes are over.

    Raises ``AppNotBegun`` and ``AppCodeWrong``.
    """
    sealed = credentials.next_authenticator
    if sealed is None:
        raise AppNotBegun
    secret = vault.open_authenticator(sealed, staff_id=credentials.staff_id)
    period = period_of(code, secret, at=at, used=None)
    if period is None:
        raise AppCodeWrong
    credentials.authenticator, credentials.next_authenticator = sealed, None
    credentials.is_authenticator_confirmed = True
    credentials.authenticator_step = period
    session.flush()


def forget_second_factors(session: Session, credentials: StaffCredentials) -> None:
    """Whoever lost them sets another app up; former codes and keys count no more."""
    credentials.authenticator = credentials.next_authenticator = None
    credentials.is_authenticator_confirmed = False
    credentials.authenticator_step = None
    forget_passkeys(session, credentials.staff_id)
    forget_recovery_codes(session, credentials.staff_id)


def has_second_factor(session: Session, credentials: StaffCredentials) -> bool:
    """Whether somebody shows more than a password: an app that works, or a passkey."""
    is_app = credentials.is_authenticator_confirmed
    return is_app or has_passkeys(session, credentials.staff_id)


def new_recovery_codes(session: Session, staff_id: UUID, vault: StaffVault) -> Sequence[str]:
    """Codes for whoever loses the app, in the place of former ones: told once."""
    forget_recovery_codes(session, staff_id)
    codes = [new_recovery_code() for _ in range(RECOVERY_CODES)]
    session.add_all(
        StaffRecoveryCode(staff_id=staff_id, code_digest=_recovery_digest(vault, staff_id, code))
        for code in codes
    )
    session.flush()
    return codes


def second_factor_of(
    session: Session, credentials: StaffCredentials, shown: Shown, checking: Checking
) -> Means | None:
    """What was shown for locked credentials, used up by this; none if it is wrong."""
    if isinstance(shown, Signed):
        is_right = has_answered(
            session,
            credentials.staff_id,
            shown,
            challenge=checking.challenge,
            party=checking.party,
            at=checking.at,
        )
        return Means.PASSKEY if is_right else None
    if is_code(shown):
        return _used_code(session, credentials, shown, checking)
    return _used_recovery_code(session, credentials, shown, checking.vault)


def grants_today(staff: Staff, now: datetime) -> frozenset[Grant]:
    """What a person may act in today, as far as their organisation holds it."""
    return in_force_for(
        staff_grants(staff), held=dated_roles(staff.organisation), on=local_date(now)
    )


def recovery_codes_left(session: Session, *, staff_id: UUID) -> int:
    """How many recovery codes are unused."""
    counted = select(func.count()).select_from(StaffRecoveryCode)
    return session.scalars(counted.where(StaffRecoveryCode.staff_id == staff_id)).one()


def _used_code(
    session: Session, credentials: StaffCredentials, code: str, checking: Checking
) -> Means | None:
    """A code of the app; one that is still to be set up counts for whoever has nothing else."""
    sealed, staff_id = credentials.authenticator, credentials.staff_id
    is_confirmed = credentials.is_authenticator_confirmed
    if sealed is None or not (is_confirmed or not has_passkeys(session, staff_id)):
        return None
    secret = checking.vault.open_authenticator(sealed, staff_id=staff_id)
    period = period_of(code, secret, at=checking.at, used=credentials.authenticator_step)
    if period is None:
        return None
    credentials.authenticator_step = period
    credentials.is_authenticator_confirmed = True
    session.flush()
    return Means.ONE_TIME_CODE


def _used_recovery_code(
    session: Session, credentials: StaffCredentials, code: str, vault: StaffVault
) -> Means | None:
    typed = read_recovery_code(code)
    if typed is None:
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


def forget_recovery_codes(session: Session, staff_id: UUID) -> None:
    """Recovery codes are for whoever has something to lose."""
    session.execute(delete(StaffRecoveryCode).where(StaffRecoveryCode.staff_id == staff_id))
