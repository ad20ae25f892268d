"""Where people are logged in: by the database's clock, and known by digests of their tokens."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from services.directory.errors import NotAPerson, SessionNotFound
from services.directory.models import Organisation, Staff, StaffDevice, StaffSession
from services.directory.policy import (
    CHALLENGE_LASTS,
    HALF,
    IDLE,
    LONGEST,
    AccountEvent,
    DeviceKind,
    SessionEnd,
    new_challenge,
    new_token,
    token_digest,
)
from shared.kit import audit
from shared.kit.identifiers import new_id
from shared.kit.subjects import Means, Subject, SubjectKind

_OPEN = (
    StaffSession.authenticated_at.is_not(None),
    StaffSession.ended_at.is_(None),
    StaffSession.used_at > func.now() - IDLE,
    StaffSession.authenticated_at > func.now() - LONGEST,
)
_ACTIVE = (Staff.is_active, Organisation.is_active)


@dataclass(frozen=True, repr=False)
class Begun:
    """A session, and the token that stands for it: told once."""

    session: StaffSession
    token: str


def moment(session: Session) -> datetime:
    """The time of the database, which decides what has ended."""
    at: datetime = session.execute(select(func.now())).scalar_one()
    return at


def begin_session(
    session: Session,
    *,
    staff_id: UUID,
    means: Sequence[Means],
    device: DeviceKind,
    is_done: bool,
    at: datetime,
) -> Begun:
    """A session that is open, or half open while a step is still to be taken."""
    token = new_token()
    made = StaffSession(
        id=new_id(),
        staff_id=staff_id,
        token_digest=token_digest(token),
        means=list(means),
        device=device,
        begun_at=at,
        authenticated_at=at if is_done else None,
        used_at=at,
    )
    session.add(made)
    session.flush()
    return Begun(made, token)


def half_open(session: Session, token: str) -> StaffSession | None:
    """The session of this token if a step is still to be taken."""
    return session.scalar(
        select(StaffSession)
        .join(Staff, Staff.id == StaffSession.staff_id)
        .join(Organisation, Organisation.id == Staff.organisation_id)
        .where(
            StaffSession.token_digest == token_digest(token),
            StaffSession.authenticated_at.is_(None),
            StaffSession.ended_at.is_(None),
            StaffSession.begun_at > func.now() - HALF,
            *_ACTIVE,
        )
    )


def is_still_half_open(session: Session, half: StaffSession) -> bool:
    """Whether it was neither completed nor ended meanwhile; it is locked from now on."""
    session.refresh(half, with_for_update=True)
    return half.authenticated_at is None and half.ended_at is None


def complete(
    session: Session, half: StaffSession, means: Sequence[Means], *, at: datetime
) -> Begun:
    """All steps are taken: the session opens, under a token that nobody has seen before."""
    token = new_token()
    half.token_digest = token_digest(token)
    half.means = list(means)
    half.authenticated_at = half.used_at = at
    session.flush()
    return Begun(half, token)


def use_session(session: Session, token: str) -> tuple[StaffSession, Staff] | None:
    """The open session of a token and its person, used now; none if it is over."""
    found = session.execute(
        select(StaffSession, Staff)
        .join(Staff, Staff.id == StaffSession.staff_id)
        .join(Organisation, Organisation.id == Staff.organisation_id)
        .where(StaffSession.token_digest == token_digest(token), *_OPEN, *_ACTIVE)
        .with_for_update(of=StaffSession)
    ).one_or_none()
    if found is None:
        return None
    found[0].used_at = func.now()
    session.flush()
    return found[0], found[1]


def own_session(session: Session, *, subject: Subject) -> StaffSession:
    """The open session of whoever asks, locked; raises ``SessionNotFound`` and ``NotAPerson``."""
    mine = (StaffSession.id == subject.session_id, StaffSession.staff_id == person_of(subject))
    found = session.scalar(select(StaffSession).where(*mine, *_OPEN).with_for_update())
    if found is None:
        raise SessionNotFound
    return found


def give_challenge(open_one: StaffSession, at: datetime) -> bytes:
    """What the next answer of a passkey in this locked session must be to."""
    given = new_challenge()
    open_one.challenge, open_one.challenge_until = given, at + CHALLENGE_LASTS
    return given


def take_challenge(open_one: StaffSession, at: datetime) -> bytes | None:
    """The challenge of a locked session, for one answer; none if there is none, or it is over."""
    given, until = open_one.challenge, open_one.challenge_until
    open_one.challenge = open_one.challenge_until = None
    return given if until is not None and until > at else None


def list_sessions(session: Session, *, subject: Subject) -> Sequence[StaffSession]:
    """Where whoever asks is logged in, newest first; raises ``NotAPerson``."""
    return session.scalars(
        select(StaffSession)
        .where(StaffSession.staff_id == person_of(subject), *_OPEN)
        .order_by(StaffSession.id.desc())
    ).all()


def revoke_session(
    session: Session, *, session_id: UUID, subject: Subject, now: datetime
) -> StaffSession:
    """End a session of one's own; raises ``SessionNotFound`` and ``NotAPerson``."""
    found = session.scalar(
        select(StaffSession)
        .where(StaffSession.id == session_id, StaffSession.staff_id == person_of(subject), *_OPEN)
        .with_for_update()
    )
    if found is None:
        raise SessionNotFound
    _end(session, found, SessionEnd.REVOKED, now=now, actor=subject.actor)
    return found


def log_out(session: Session, *, token: str, now: datetime) -> None:
    """End the session of a token, if there is one."""
    found = session.scalar(
        select(StaffSession)
        .where(StaffSession.token_digest == token_digest(token), StaffSession.ended_at.is_(None))
        .with_for_update()
    )
    if found is not None:
        actor = f"{SubjectKind.STAFF}:{found.staff_id}"
        _end(session, found, SessionEnd.LOGGED_OUT, now=now, actor=actor)


def end_sessions(
    session: Session, *, staff_id: UUID, reason: SessionEnd, but: UUID | None = None
) -> None:
    """End all sessions of a person at once, half open ones too; what ended them is the entry."""
    ended = (
        update(StaffSession)
        .where(StaffSession.staff_id == staff_id, StaffSession.ended_at.is_(None))
        .values(ended_at=func.now(), end_reason=reason)
    )
    session.execute(ended if but is None else ended.where(StaffSession.id != but))


def forget_devices(session: Session, *, staff_id: UUID) -> None:
    """No browser is known of this person any more."""
    session.execute(delete(StaffDevice).where(StaffDevice.staff_id == staff_id))


def person_of(subject: Subject) -> UUID:
    """The account of whoever asks; raises ``NotAPerson`` for a system."""
    if subject.kind is not SubjectKind.STAFF:
        raise NotAPerson
    return UUID(subject.id)


def _end(
    session: Session, open_one: StaffSession, reason: SessionEnd, *, now: datetime, actor: str
) -> None:
    open_one.ended_at = func.now()
    open_one.end_reason = reason
    session.flush()
    audit.record(
        session,
        actor=actor,
        action=AccountEvent.SESSION_ENDED,
        object_id=open_one.staff_id,
        now=now,
        reason=reason,
        device=open_one.device,
    )
