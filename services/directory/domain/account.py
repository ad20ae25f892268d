"""One's own account: what a person sees of it, and changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.directory.domain import failures
from services.directory.domain.credentials import (
    credentials_of,
    grants_today,
    recovery_codes_left,
    set_password,
)
from services.directory.domain.failures import Counter
from services.directory.domain.sessions import end_sessions, moment, person_of
from services.directory.errors import PasswordWrong
from services.directory.models import Staff, StaffCredentials
from services.directory.policy import (
    AccountEvent,
    Counted,
    SessionEnd,
    StaffVault,
    check_password,
)
from shared.kit import audit
from shared.kit.arrays import among
from shared.kit.audit import AUDIT
from shared.kit.subjects import Grant, Subject


@dataclass(frozen=True)
class Account:
    """An account as its person sees it."""

    staff: Staff
    grants: frozenset[Grant]
    """What it may act in today."""
    has_authenticator: bool
    recovery_codes_left: int


@dataclass(frozen=True)
class AccountEntry:
    """A line of what happened to an account."""

    id: UUID
    at: datetime
    event: AccountEvent
    outcome: str
    is_own_act: bool
    """Whether the person did it themselves, and not a manager."""
    device: str | None
    times: int


@dataclass(frozen=True, repr=False)
class Asked:
    """A try to show the own password that has been counted, as if it were wrong."""

    password_hash: str | None
    counted: Counter


def own_account(session: Session, *, subject: Subject, now: datetime) -> Account:
    """The account of whoever asks; raises ``NotAPerson``."""
    staff = session.get_one(Staff, person_of(subject))
    credentials = session.get(StaffCredentials, staff.id)
    return Account(
        staff=staff,
        grants=grants_today(staff, now),
        has_authenticator=bool(credentials and credentials.is_authenticator_confirmed),
        recovery_codes_left=recovery_codes_left(session, staff_id=staff.id),
    )


def own_log(
    session: Session, *, subject: Subject, after: UUID | None, size: int
) -> Sequence[AccountEntry]:
    """What happened to the account of whoever asks, newest first; raises ``NotAPerson``."""
    wanted = (
        select(AUDIT)
        .where(
            AUDIT.c.object_id == person_of(subject),
            among(AUDIT.c.action, [str(each) for each in AccountEvent]),
        )
        .order_by(AUDIT.c.id.desc())
        .limit(size)
    )
    if after is not None:
        wanted = wanted.where(AUDIT.c.id < after)
    return [
        AccountEntry(
            id=row.id,
            at=row.recorded_at,
            event=AccountEvent(row.action),
            outcome=row.outcome,
            is_own_act=row.actor == subject.actor,
            device=row.facts.get("device"),
            times=row.facts.get("times", 1),
        )
        for row in session.execute(wanted)
    ]


def ask_for_password(session: Session, *, subject: Subject, vault: StaffVault) -> Asked | None:
    """Count a try to show the own password before it is looked at; none while it waits."""
    credentials = credentials_of(session, person_of(subject))
    counter = Counter.of(vault, Counted.FACTOR, f"change|{credentials.staff_id}")
    if not failures.count(session, [counter], at=moment(session), stopping=[counter]):
        return None
    return Asked(credentials.password_hash, counter)


def change_password(
    session: Session,
    *,
    asked: Asked,
    is_right: bool,
    password: str,
    password_hash: str,
    vault: StaffVault,
    now: datetime,
    subject: Subject,
) -> None:
    """A new password in the place of a right one; all other sessions end.

    Raises ``PasswordWrong``, ``PasswordTooShort`` and ``PasswordCommon``.
    """
    staff_id = person_of(subject)
    credentials = credentials_of(session, staff_id)
    if not is_right or credentials.password_hash != asked.password_hash:
        raise PasswordWrong
    named = vault.open(session.get_one(Staff, staff_id).identity, staff_id=staff_id)
    check_password(password, user_name=named.user_name)
    set_password(session, credentials, password_hash, at=moment(session))
    failures.take_back(session, [asked.counted])
    end_sessions(session, staff_id=staff_id, reason=SessionEnd.RESET, but=subject.session_id)
    audit.record(
        session,
        actor=subject.actor,
        action=AccountEvent.PASSWORD_SET,
        object_id=staff_id,
        now=now,
    )
