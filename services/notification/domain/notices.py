"""The inbox of an organisation: what it was told, as its people read it.

A notice is no row of its own. It is the delivery, seen by those of the organisation whose roles act
on what it says; beside it stands only who has read it, and when.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, literal, or_, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from services.notification.domain.conclusions import tell_read
from services.notification.domain.reading import moments
from services.notification.domain.retention import SHOWN
from services.notification.errors import NoticeNotFound
from services.notification.models import Delivery, NoticeReading
from services.notification.policy import (
    ACTED_ON_WITH,
    URGENT,
    DeliveryState,
    EventType,
    page_of,
)
from shared.access import Permission, visible
from shared.contracts.vocabulary import Role
from shared.kit import audit
from shared.kit.arrays import among
from shared.kit.subjects import Subject

MOST_COUNTED = 100
"""Whoever has so many unread has many."""
AT_ONCE = 500
"""Most notices that are read with one request, or written with one mail."""


@dataclass(frozen=True)
class NoticeView:
    """A notice as one person of the organisation reads it."""

    id: UUID
    type: str
    subject: str
    case_id: UUID | None
    referral_id: UUID | None
    page: str
    told_at: datetime
    is_urgent: bool
    is_yours: bool
    read_at: datetime | None
    """When this person has read it."""
    first_read_at: datetime | None
    """When anybody of the organisation has."""


def acted_on_by(subject: Subject) -> frozenset[EventType]:
    """The notices that are for this person: on what they say one of its roles acts."""
    return frozenset(
        kind
        for kind, permissions in ACTED_ON_WITH.items()
        if any(visible(subject, each).scopes for each in permissions)
    )


def shown_to(subject: Subject) -> frozenset[EventType]:
    """The notices that are shown: to a manager also what presses, to have somebody read it."""
    theirs = acted_on_by(subject)
    return theirs | URGENT if _manages(subject) else theirs


def pressing_for(subject: Subject) -> frozenset[EventType]:
    """The notices on which this person has to act, or has to have somebody act."""
    decides = visible(subject, Permission.VERIFICATION_MOVE, through=Role.VERIFIER).scopes
    return URGENT if decides or _manages(subject) else URGENT - {EventType.VERIFICATION_OPENED}


def _manages(subject: Subject) -> bool:
    return bool(visible(subject, Permission.NOTICE_READ, through=Role.MANAGER).scopes)


_Read = aliased(NoticeReading)


def find_notices(
    session: Session,
    *,
    subject: Subject,
    now: datetime,
    after: UUID | None,
    size: int,
    is_unread: bool = False,
) -> list[NoticeView]:
    """Notices for this person, the newest first; or only those that still are to be read."""
    shown = _shown(subject, now)
    made = (Delivery.created_at, Delivery.id)
    query = select(Delivery).where(shown).order_by(*(it.desc() for it in made)).limit(size)
    if is_unread:
        query = query.where(_is_unread(subject))
    if after is not None:
        last = select(*made).where(Delivery.id == after, shown).scalar_subquery()
        query = query.where(tuple_(*made) < last)
    return _views(session, session.scalars(query).all(), subject)


def find_urgent(
    session: Session, *, subject: Subject, which: ColumnElement[bool], now: datetime
) -> list[NoticeView]:
    """Of these deliveries what presses, this person itself acts on, and it has not read.

    The newest first, so many at once at most.
    """
    pressing = _of_types(subject, acted_on_by(subject) & pressing_for(subject), now)
    query = select(Delivery).where(pressing, ~_is_read_by(subject), which)
    newest = query.order_by(Delivery.created_at.desc(), Delivery.id.desc()).limit(AT_ONCE)
    return _views(session, session.scalars(newest).all(), subject)


def find_notice(
    session: Session, *, notice_id: UUID, subject: Subject, now: datetime
) -> NoticeView:
    """One notice; not found where it is for nobody of this person's roles, or told to others."""
    found = session.scalars(select(Delivery).where(Delivery.id == notice_id, _shown(subject, now)))
    views = _views(session, found.all(), subject)
    if not views:
        raise NoticeNotFound
    return views[0]


def count_unread(
    session: Session, *, subject: Subject, now: datetime, most: int | None = MOST_COUNTED
) -> int:
    """How many still are to be read, counted to a hundred, or to the last."""
    some = select(Delivery.id).where(_shown(subject, now), _is_unread(subject)).limit(most)
    return session.scalar(select(func.count()).select_from(some.subquery())) or 0


def read_notice(
    session: Session, *, notice_id: UUID, subject: Subject, now: datetime
) -> NoticeView:
    """Note that this person has read a notice; read again, the first time stands.

    Refused: not found; one on which none of this person's roles acts, for then it is not read by
    anybody who can do what it asks for.
    """
    one = select(Delivery.id).where(Delivery.id == notice_id, _is_for(subject, now))
    if session.scalar(one) is None:
        raise NoticeNotFound
    _note(session, [notice_id], subject, now)
    return find_notice(session, notice_id=notice_id, subject=subject, now=now)


def read_notices(session: Session, *, up_to: UUID, subject: Subject, now: datetime) -> None:
    """Note that this person has read a notice and all before it, so many at once at most.

    What came after it, while the list was being read, stays unread.
    """
    made = (Delivery.created_at, Delivery.id)
    last = session.execute(select(*made).where(Delivery.id == up_to, _is_for(subject, now))).first()
    if last is None:
        raise NoticeNotFound
    query = (
        select(Delivery.id)
        .where(
            _is_for(subject, now),
            ~_is_read_by(subject),
            tuple_(*made) <= tuple_(*map(literal, last)),
        )
        .order_by(*(it.desc() for it in made))
        .limit(AT_ONCE)
    )
    _note(session, session.scalars(query).all(), subject, now)


def _note(session: Session, ids: Sequence[UUID], subject: Subject, now: datetime) -> None:
    """Keep that these were read, and tell whoever keeps the clock of what nobody had read."""
    if not ids:
        return
    rows = [{"delivery_id": each, "reader": subject.actor, "read_at": now} for each in sorted(ids)]
    noted = insert(NoticeReading).values(rows).on_conflict_do_nothing().returning(_NOTED)
    fresh = session.scalars(noted).all()
    others = exists().where(_Read.delivery_id == Delivery.id, _Read.reader != subject.actor)
    first = select(Delivery).where(
        among(Delivery.id, fresh), among(Delivery.type, sorted(URGENT)), ~others
    )
    for each in session.scalars(first.order_by(Delivery.id)):
        # From here on the organisation has had it, whatever became of its delivery.
        audit.record(
            session, actor=subject.actor, action="delivery.read", object_id=each.id, now=now
        )
        tell_read(session, each, now=now)


_NOTED = NoticeReading.delivery_id


def _shown(subject: Subject, now: datetime) -> ColumnElement[bool]:
    return _of_types(subject, shown_to(subject), now)


def _is_for(subject: Subject, now: datetime) -> ColumnElement[bool]:
    return _of_types(subject, acted_on_by(subject), now)


def _of_types(subject: Subject, types: Collection[EventType], now: datetime) -> ColumnElement[bool]:
    own = visible(subject, Permission.NOTICE_READ).reaches(own=[Delivery.organisation_id])
    # What was over before it was read asks nobody for anything.
    is_of_use = or_(Delivery.state != DeliveryState.CANCELLED, _is_read())
    is_recent = Delivery.created_at > now - SHOWN
    return and_(own, among(Delivery.type, sorted(types)), is_recent, is_of_use)


def _is_read() -> ColumnElement[bool]:
    return exists().where(NoticeReading.delivery_id == Delivery.id)


def _is_read_by(subject: Subject) -> ColumnElement[bool]:
    return exists().where(
        NoticeReading.delivery_id == Delivery.id, NoticeReading.reader == subject.actor
    )


def _is_unread(subject: Subject) -> ColumnElement[bool]:
    """What this person has to read and has not, or has to have read and nobody has."""
    is_theirs = among(Delivery.type, sorted(acted_on_by(subject)))
    return or_(and_(is_theirs, ~_is_read_by(subject)), and_(~is_theirs, ~_is_read()))


def _views(session: Session, found: Sequence[Delivery], subject: Subject) -> list[NoticeView]:
    moment, theirs = moments(subject), acted_on_by(subject)
    pressing = pressing_for(subject)
    asked = select(NoticeReading).where(
        among(NoticeReading.delivery_id, [each.id for each in found])
    )
    mine: dict[UUID, datetime] = {}
    first: dict[UUID, datetime] = {}
    for read in session.scalars(asked.order_by(NoticeReading.read_at)):
        first.setdefault(read.delivery_id, moment(read.read_at))
        if read.reader == subject.actor:
            mine[read.delivery_id] = moment(read.read_at)
    return [
        NoticeView(
            id=each.id,
            type=each.type,
            subject=each.body["subject"],
            case_id=_id(each, "case_id"),
            referral_id=_id(each, "referral_id"),
            page=page_of(EventType(each.type), each.body["data"]),
            told_at=moment(each.created_at),
            is_urgent=each.type in pressing,
            is_yours=each.type in theirs,
            read_at=mine.get(each.id),
            first_read_at=first.get(each.id),
        )
        for each in found
    ]


def _id(delivery: Delivery, name: str) -> UUID | None:
    """An id as the organisation was told it, and nothing that it was not."""
    told = delivery.body["data"]
    return UUID(told[name]) if name in told else None
