"""How one logs in, changed by the person: within minutes of having shown again who it is."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.directory.domain import failures
from services.directory.domain import passkeys as keys
from services.directory.domain.account import Asked
from services.directory.domain.credentials import (
    Checking,
    Shown,
    begin_authenticator,
    credentials_of,
    forget_recovery_codes,
    has_second_factor,
    new_recovery_codes,
    recovery_codes_left,
    replace_authenticator,
    second_factor_of,
)
from services.directory.domain.passkeys import Challenged, Passkey
from services.directory.domain.sessions import (
    end_sessions,
    give_challenge,
    moment,
    own_session,
    person_of,
    take_challenge,
)
from services.directory.errors import (
    NotConfirmed,
    NothingToRecover,
    PasskeyRefused,
    PasskeysNotPossible,
)
from services.directory.models import Staff, StaffCredentials, StaffSession
from services.directory.policy import (
    ALGORITHMS,
    CONFIRMED_FOR,
    AccountEvent,
    Created,
    LogInOutcome,
    LogInRules,
    Named,
    SessionEnd,
    StaffVault,
    made_passkey,
)
from shared.kit import audit
from shared.kit.subjects import Subject


@dataclass(frozen=True)
class Owner:
    """Whoever changes how they log in, and where."""

    subject: Subject
    vault: StaffVault
    rules: LogInRules
    now: datetime

    @property
    def staff_id(self) -> UUID:
        """The account; raises ``NotAPerson``."""
        return person_of(self.subject)

    def note(self, session: Session, event: AccountEvent, outcome: str = "done") -> None:
        """An entry that the owner of the account reads, too."""
        audit.record(
            session,
            actor=self.subject.actor,
            action=event,
            object_id=self.staff_id,
            now=self.now,
            outcome=outcome,
        )


@dataclass(frozen=True)
class Invitation:
    """What an authenticator is asked to make a key with."""

    rp_id: str
    challenge: bytes
    staff_id: UUID
    named: Named = field(repr=False)
    known: Sequence[bytes]
    """The keys that there are: none of their authenticators makes another one."""
    algorithms: Sequence[int] = ALGORITHMS


@dataclass(frozen=True, repr=False)
class Added:
    """A new passkey; with it codes for when it is lost, for whoever had none."""

    passkey: Passkey
    recovery_codes: Sequence[str]


def confirm(
    session: Session, *, asked: Asked, is_right: bool, shown: Shown | None, owner: Owner
) -> LogInOutcome:
    """Show again who it is, by the password and, where there is one, the second factor.

    Whoever logs in without a password of ours shows the second factor. What is wrong stays counted.
    """
    credentials = credentials_of(session, owner.staff_id)
    mine = own_session(session, subject=owner.subject)
    at = moment(session)
    outcome = LogInOutcome.WRONG_PASSWORD
    if is_right and credentials.password_hash == asked.password_hash:
        checking = Checking(owner.vault, owner.rules.party, take_challenge(mine, at), owner.now)
        is_shown = _is_shown(session, credentials, shown, checking)
        outcome = LogInOutcome.DONE if is_shown else LogInOutcome.WRONG_CODE
    if outcome is LogInOutcome.DONE:
        mine.confirmed_at = at
        failures.take_back(session, [asked.counted])
    session.flush()
    owner.note(session, AccountEvent.CONFIRMED, outcome)
    return outcome


def challenge_to_confirm(session: Session, *, owner: Owner) -> Challenged | None:
    """What one's passkeys sign to confirm who it is; none if there is no passkey."""
    mine = own_session(session, subject=owner.subject)
    return keys.challenge_of(session, mine, owner.rules.party)


def own_passkeys(session: Session, *, owner: Owner) -> Sequence[Passkey]:
    """The passkeys of whoever asks."""
    return [keys.shown(it, owner.vault) for it in keys.passkeys_of(session, owner.staff_id)]


def invite_passkey(session: Session, *, owner: Owner) -> Invitation:
    """What a new passkey is made with; raises ``NotConfirmed`` and ``PasskeysNotPossible``."""
    _credentials, mine = _confirmed(session, owner)
    if owner.rules.party.rp_id is None:
        raise PasskeysNotPossible
    given = give_challenge(mine, moment(session))
    session.flush()
    staff = session.get_one(Staff, owner.staff_id)
    known = [each.credential_id for each in keys.passkeys_of(session, staff.id)]
    named = owner.vault.open(staff.identity, staff_id=staff.id)
    return Invitation(owner.rules.party.rp_id, given, staff.id, named, known)


def keep_passkey(session: Session, *, label: str, created: Created, owner: Owner) -> Added:
    """Keep a passkey that was made as it was asked for.

    Raises ``NotConfirmed``, ``PasskeyRefused``, ``PasskeysTooMany`` and ``PasskeyTaken``.
    """
    credentials, mine = _confirmed(session, owner)
    at = moment(session)
    challenge = take_challenge(mine, at)
    facts = challenge and made_passkey(owner.rules.party, created, challenge=challenge)
    if not facts:
        raise PasskeyRefused
    kept = keys.add_passkey(
        session,
        owner.staff_id,
        created.credential_id,
        facts,
        label=label,
        vault=owner.vault,
        at=at,
    )
    owner.note(session, AccountEvent.PASSKEY_ADDED)
    return Added(
        keys.shown(kept, owner.vault), _codes_for_whoever_has_none(session, credentials, owner)
    )


def drop_passkey(session: Session, *, passkey_id: UUID, owner: Owner) -> None:
    """Remove a passkey; all other sessions end. Raises ``NotConfirmed``, ``PasskeyNotFound``."""
    credentials, mine = _confirmed(session, owner)
    keys.remove_passkey(session, owner.staff_id, passkey_id)
    if not has_second_factor(session, credentials):
        forget_recovery_codes(session, owner.staff_id)
    end_sessions(session, staff_id=owner.staff_id, reason=SessionEnd.RESET, but=mine.id)
    owner.note(session, AccountEvent.PASSKEY_REMOVED)


def make_recovery_codes(session: Session, *, owner: Owner) -> Sequence[str]:
    """New recovery codes in the place of the former.

    Raises ``NotConfirmed`` and ``NothingToRecover``.
    """
    credentials, _mine = _confirmed(session, owner)
    if not has_second_factor(session, credentials):
        raise NothingToRecover
    owner.note(session, AccountEvent.RECOVERY_CODES_MADE)
    return new_recovery_codes(session, owner.staff_id, owner.vault)


def begin_app(session: Session, *, owner: Owner) -> tuple[bytes, str]:
    """The secret of a new authenticator app, and whose it is; the present one is good until then.

    Raises ``NotConfirmed``.
    """
    credentials, _mine = _confirmed(session, owner)
    staff = session.get_one(Staff, owner.staff_id)
    named = owner.vault.open(staff.identity, staff_id=staff.id)
    return begin_authenticator(session, credentials, owner.vault), named.user_name


def end_app(session: Session, *, code: str, owner: Owner) -> Sequence[str]:
    """A code of the new app puts it in the place of the former; all other sessions end.

    Recovery codes for whoever has none. Raises ``NotConfirmed``, ``AppNotBegun``, ``AppCodeWrong``.
    """
    credentials, mine = _confirmed(session, owner)
    replace_authenticator(session, credentials, code, owner.vault, at=owner.now)
    end_sessions(session, staff_id=owner.staff_id, reason=SessionEnd.RESET, but=mine.id)
    owner.note(session, AccountEvent.SECOND_FACTOR_SET)
    return _codes_for_whoever_has_none(session, credentials, owner)


def _confirmed(session: Session, owner: Owner) -> tuple[StaffCredentials, StaffSession]:
    """Credentials and session, locked, of whoever has just confirmed; raises ``NotConfirmed``."""
    credentials = credentials_of(session, owner.staff_id)
    mine = own_session(session, subject=owner.subject)
    if mine.confirmed_at is None or mine.confirmed_at <= moment(session) - CONFIRMED_FOR:
        raise NotConfirmed
    return credentials, mine


def _is_shown(
    session: Session, credentials: StaffCredentials, shown: Shown | None, checking: Checking
) -> bool:
    if shown is not None:
        return second_factor_of(session, credentials, shown, checking) is not None
    return credentials.password_hash is not None and not has_second_factor(session, credentials)


def _codes_for_whoever_has_none(
    session: Session, credentials: StaffCredentials, owner: Owner
) -> Sequence[str]:
    if recovery_codes_left(session, staff_id=credentials.staff_id):
        return ()
    return new_recovery_codes(session, credentials.staff_id, owner.vault)
