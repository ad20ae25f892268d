"""Logging in, step by step. A try is counted, then looked at without a transaction, then concluded.

Whatever is wrong, the answer is the same, after the same work; the audit alone knows why.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.directory.domain import failures
from services.directory.domain.credentials import (
    Checking,
    Shown,
    credentials_of,
    grants_today,
    has_second_factor,
    new_authenticator,
    new_recovery_codes,
    second_factor_of,
)
from services.directory.domain.failures import Counter
from services.directory.domain.passkeys import Challenged, challenge_of
from services.directory.domain.sessions import (
    Begun,
    begin_session,
    complete,
    half_open,
    is_still_half_open,
    moment,
    take_challenge,
)
from services.directory.errors import LogInRefused
from services.directory.models import (
    Organisation,
    Staff,
    StaffCredentials,
    StaffDevice,
)
from services.directory.policy import (
    KNOWN_FOR,
    AccountEvent,
    Counted,
    DeviceKind,
    LogInOutcome,
    LogInRules,
    LogInStep,
    StaffVault,
    asks_second_factor,
    new_token,
    token_digest,
)
from shared.kit import audit
from shared.kit.identifiers import new_id
from shared.kit.subjects import Means, SubjectKind
from shared.kit.tally import Tally


@dataclass(frozen=True)
class Place:
    """Where somebody logs in, as the console sees it."""

    device: DeviceKind
    source: str = field(repr=False)
    """The network address: counted by, as a keyed digest, and kept nowhere else."""
    device_token: str | None = field(default=None, repr=False)
    """What the console keeps in a browser in which this person has logged in before."""


@dataclass(frozen=True, repr=False)
class Claim:
    """A try that has been counted, and what its password is compared with."""

    staff_id: UUID | None
    """Unset for a name that is not there, or may not log in."""
    password_hash: str | None
    is_known_device: bool
    is_waiting: bool
    counted: tuple[Counter, ...]


@dataclass(frozen=True, repr=False)
class LogIn:
    """What a right step leads to: told to this person once."""

    step: LogInStep
    begun: Begun
    authenticator: bytes | None = None
    user_name: str = ""
    """What an app shows beside its codes, where one is to be set up."""
    recovery_codes: Sequence[str] = ()
    device_token: str | None = None


@dataclass(frozen=True)
class Context:
    """What every step of logging in needs to know."""

    vault: StaffVault
    rules: LogInRules
    place: Place
    now: datetime
    actor: str
    """The console, for what it was refused in nobody's name."""
    tally: Tally = field(repr=False)


def claim_log_in(session: Session, *, user_name: str, context: Context) -> Claim:
    """Count a try, as if it were wrong, before its password is looked at."""
    vault, place = context.vault, context.place
    found = session.execute(
        select(Staff.id, StaffCredentials.password_hash)
        .join(StaffCredentials, StaffCredentials.staff_id == Staff.id)
        .join(Organisation, Organisation.id == Staff.organisation_id)
        .where(
            Staff.log_in_digest == vault.digest("user_name", user_name),
            Staff.is_active,
            Organisation.is_active,
        )
    ).one_or_none()
    staff_id, kept = (found.id, found.password_hash) if found else (None, None)
    is_known = staff_id is not None and is_known_browser(session, staff_id, place)
    by_whom = (
        Counter.of(vault, Counted.DEVICE, str(place.device_token))
        if is_known
        else Counter.of(vault, Counted.ACCOUNT, user_name)
    )
    by_source = Counter.of(vault, Counted.SOURCE, place.source)
    stopping = (by_whom,) if is_known else (by_whom, by_source)
    both = (by_whom, by_source)
    is_counted = failures.count(session, both, at=moment(session), stopping=stopping)
    counted = both if is_counted else ()
    return Claim(staff_id, kept, is_known, is_waiting=not is_counted, counted=counted)


def conclude_log_in(
    session: Session, *, claim: Claim, is_right: bool, code: str | None, context: Context
) -> LogIn | LogInOutcome:
    """The next step after a password; or how it ended, which whoever tried is not told.

    While others keep the account waiting, whoever has the password **and** a code at once passes.
    """
    if claim.staff_id is None:
        return refuse(session, None, LogInOutcome.UNKNOWN, context)
    credentials = credentials_of(session, claim.staff_id)
    is_right = is_right and credentials.password_hash == claim.password_hash
    has_second = has_second_factor(session, credentials)
    if claim.is_waiting and not (is_right and has_second and code):
        return refuse(session, claim.staff_id, LogInOutcome.WAITING, context)
    if not is_right:
        return refuse(session, claim.staff_id, LogInOutcome.WRONG_PASSWORD, context)
    failures.take_back(session, claim.counted)
    if not has_second:
        may_set_up = claim.is_known_device
        return without_second(session, credentials, context, may_set_up=may_set_up)
    if code is None:
        return LogIn(LogInStep.SECOND_FACTOR, begin_half(session, claim.staff_id, context))
    return _with_both(session, credentials, code, context, is_known=claim.is_known_device)


def _with_both(
    session: Session,
    credentials: StaffCredentials,
    code: str,
    context: Context,
    *,
    is_known: bool,
) -> LogIn | LogInOutcome:
    """A right password, and a code at once."""
    checking = _checking(context, challenge=None)
    means = _checked(session, credentials, code, checking, context, is_known=is_known)
    if means is None:
        return refuse(session, credentials.staff_id, LogInOutcome.WRONG_CODE, context)
    both = (Means.PASSWORD, means)
    begun = _begin(session, credentials.staff_id, both, context, is_done=True)
    return _done(session, begun, context)


def take_second_step(
    session: Session, *, token: str, shown: Shown, context: Context
) -> LogIn | LogInOutcome:
    """The second factor of a session that is half open; or how that ended."""
    half = half_open(session, token)
    if half is None:
        return refuse(session, None, LogInOutcome.UNKNOWN, context)
    credentials = credentials_of(session, half.staff_id)
    if not is_still_half_open(session, half):
        return refuse(session, half.staff_id, LogInOutcome.UNKNOWN, context)
    is_known = is_known_browser(session, half.staff_id, context.place)
    is_new = not has_second_factor(session, credentials)
    checking = _checking(context, challenge=take_challenge(half, moment(session)))
    means = _checked(session, credentials, shown, checking, context, is_known=is_known)
    if means is None:
        return refuse(session, half.staff_id, LogInOutcome.WRONG_CODE, context)
    shown_before = [Means(each) for each in half.means]
    begun = complete(session, half, [*shown_before, means], at=moment(session))
    done = _done(session, begun, context)
    if not is_new:
        return done
    codes = new_recovery_codes(session, half.staff_id, context.vault)
    note(session, half.staff_id, AccountEvent.SECOND_FACTOR_SET, context)
    return LogIn(done.step, begun, recovery_codes=codes, device_token=done.device_token)


def without_second(
    session: Session,
    credentials: StaffCredentials,
    context: Context,
    *,
    by: Means = Means.PASSWORD,
    may_set_up: bool,
) -> LogIn | LogInOutcome:
    """Whoever has no authenticator sets one up, if an account like theirs needs it.

    Not whoever only knows the password: with a link, or in a browser in which the person has been.
    In the browser of a link it may be gone on with, should it be left half done.
    """
    staff = session.get_one(Staff, credentials.staff_id)
    grants = grants_today(staff, context.now)
    if not (context.rules.is_second_factor_required and asks_second_factor(grants)):
        begun = _begin(session, staff.id, (by,), context, is_done=True)
        return _done(session, begun, context)
    if not may_set_up:
        return refuse(session, staff.id, LogInOutcome.NOT_SET_UP, context)
    secret = new_authenticator(session, credentials, context.vault)
    named = context.vault.open(staff.identity, staff_id=staff.id)
    return LogIn(
        LogInStep.SET_UP,
        begin_half(session, staff.id, context, by=by),
        authenticator=secret,
        user_name=named.user_name,
        device_token=_note_browser(session, staff.id, context.place),
    )


def begin_half(
    session: Session, staff_id: UUID, context: Context, *, by: Means = Means.PASSWORD
) -> Begun:
    """A session whose first step was right, and of which one is still to be taken."""
    return _begin(session, staff_id, (by,), context, is_done=False)


def ask_passkeys(session: Session, *, token: str, rules: LogInRules) -> Challenged | None:
    """What a passkey signs as the second step, if there is a passkey; raises ``LogInRefused``."""
    half = half_open(session, token)
    if half is None or not is_still_half_open(session, half):
        raise LogInRefused
    return challenge_of(session, half, rules.party)


def _checking(context: Context, *, challenge: bytes | None) -> Checking:
    return Checking(context.vault, context.rules.party, challenge, context.now)


def _checked(
    session: Session,
    credentials: StaffCredentials,
    shown: Shown,
    checking: Checking,
    context: Context,
    *,
    is_known: bool,
) -> Means | None:
    """What was rightly shown; counted by who has the password, so nobody else adds to it."""
    by = str(context.place.device_token) if is_known else str(credentials.staff_id)
    counter = Counter.of(context.vault, Counted.FACTOR, by)
    if not failures.count(session, [counter], at=moment(session), stopping=[counter]):
        return None
    means = second_factor_of(session, credentials, shown, checking)
    if means is not None:
        failures.take_back(session, [counter])
    if means is Means.RECOVERY_CODE:
        note(session, credentials.staff_id, AccountEvent.RECOVERY_CODE_USED, context)
    return means


def _begin(
    session: Session,
    staff_id: UUID,
    means: Sequence[Means],
    context: Context,
    *,
    is_done: bool,
) -> Begun:
    return begin_session(
        session,
        staff_id=staff_id,
        means=means,
        device=context.place.device,
        is_done=is_done,
        at=moment(session),
    )


def _done(session: Session, begun: Begun, context: Context) -> LogIn:
    """Note that somebody is in, and know the browser from now on."""
    staff_id = begun.session.staff_id
    means = [str(each) for each in begun.session.means]
    note(session, staff_id, AccountEvent.LOG_IN, context, means=means)
    token = _note_browser(session, staff_id, context.place)
    return LogIn(LogInStep.DONE, begun, device_token=token)


def _note_browser(session: Session, staff_id: UUID, place: Place) -> str | None:
    """Know a browser from now on: by the token that it is given, unless it has one."""
    token, at = place.device_token, moment(session)
    if token is not None and is_known_browser(session, staff_id, place):
        session.get_one(StaffDevice, token_digest(token)).used_at = at
        session.flush()
        return None
    token = new_token()
    session.add(StaffDevice(token_digest=token_digest(token), staff_id=staff_id, used_at=at))
    session.flush()
    return token


def is_known_browser(session: Session, staff_id: UUID, place: Place) -> bool:
    """Whether this person has been in this browser before, and not too long ago."""
    if place.device_token is None:
        return False
    known = session.get(StaffDevice, token_digest(place.device_token))
    return (
        known is not None
        and known.staff_id == staff_id
        and known.used_at > moment(session) - KNOWN_FOR
    )


def is_known_of(session: Session, organisation_id: UUID, place: Place) -> bool:
    """Whether anybody of an organisation has been in this browser before, and not too long ago."""
    token = place.device_token
    known = None if token is None else session.get(StaffDevice, token_digest(token))
    if known is None:
        return False
    is_own = session.get_one(Staff, known.staff_id).organisation_id == organisation_id
    return is_own and is_known_browser(session, known.staff_id, place)


def refuse(
    session: Session, staff_id: UUID | None, outcome: LogInOutcome, context: Context
) -> LogInOutcome:
    """The audit knows why; of many refusals of one account within an hour a few are entries."""
    kind = (str(staff_id or context.actor), AccountEvent.LOG_IN, outcome)
    times = context.tally.count(kind, context.now)
    if times is not None:
        audit.record(
            session,
            actor=context.actor,
            action=AccountEvent.LOG_IN,
            object_id=staff_id or new_id(),
            now=context.now,
            outcome=outcome,
            device=context.place.device,
            times=times,
        )
    return outcome


def note(
    session: Session,
    staff_id: UUID,
    event: AccountEvent,
    context: Context,
    **facts: Any,
) -> None:
    """Something a person did, or somebody with what is theirs: an entry that they read, too."""
    audit.record(
        session,
        actor=f"{SubjectKind.STAFF}:{staff_id}",
        action=event,
        object_id=staff_id,
        now=context.now,
        device=context.place.device,
        **facts,
    )
