"""The clocks that a subject reads: what runs in their cases, and what of it is theirs to do."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Select,
    SQLColumnExpression,
    String,
    Subquery,
    Uuid,
    and_,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    text,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from shared import clocks
from shared.clocks import CLOCKS, Clock
from shared.duties.sources import NO_CASE, About, Source
from shared.duties.urgency import Span, last_day_of
from shared.kit.subjects import Subject

Reading = Callable[[Session, Subject, datetime], Select[Any]]
"""The things of one kind whose clocks a subject reads, as ``in_reach`` makes it."""


@dataclass(frozen=True)
class Beside:
    """Things of one kind whose table keeps their day, so that they are on no clock of their own."""

    reading: Reading
    """Those that a subject reads, as ``in_reach`` makes it, each with its ``due_at``."""
    shown: Callable[[Session, Collection[UUID]], Mapping[UUID, Clock]]
    """What a clock of each would be, by the thing, under whose id it is listed."""


@dataclass(frozen=True)
class Running:
    """What a service gives: whose clocks somebody reads, and what there is to do about them."""

    readings: Sequence[Reading]
    duties: Sequence[Source]
    beside: Sequence[Beside] = ()


@dataclass(frozen=True)
class RunningPlace:
    """Where a clock stands in the list."""

    due_at: datetime | None
    clock_id: UUID


@dataclass(frozen=True)
class RunningRow:
    """A clock that runs, or stands still for a while, as one of its readers may know it."""

    clock: Clock
    case_id: UUID | None
    case_code: str | None
    code: str | None
    link: str
    duty: str | None
    """What the reader must do about it, as a code; unset where it is somebody else's turn."""

    @property
    def place(self) -> RunningPlace:
        """Where it stands in the list."""
        return RunningPlace(self.clock.due_at, self.clock.id)


@dataclass(frozen=True)
class RunningWanted:
    """Which clocks a list shows; what is unset leaves none out."""

    case_id: UUID | None = None
    object_id: UUID | None = None
    last_day: date | None = None
    is_late: bool | None = None


@dataclass(frozen=True)
class RunningCounted:
    """How many there are in all, whatever a list shows."""

    late: int
    undated: int
    others_by_day: Mapping[date, int]
    """By their last day, of those that are somebody else's to keep."""


def in_reach(
    *,
    subject: str,
    object_id: SQLColumnExpression[UUID],
    link: SQLColumnExpression[str],
    about: About = NO_CASE,
    code: SQLColumnExpression[str] | None = None,
) -> Select[Any]:
    """The columns of a thing with clocks, as one of its readers may know it.

    ``link`` is an address under the service's own, without a slash.
    """
    return select(
        literal(subject).label("subject"),
        object_id.label("object_id"),
        cast(null() if about.case_id is None else about.case_id, Uuid).label("case_id"),
        cast(null() if about.case_code is None else about.case_code, String).label("case_code"),
        cast(null() if code is None else code, String).label("code"),
        link.label("link"),
    )


def find_running(
    session: Session,
    running: Running,
    *,
    subject: Subject,
    now: datetime,
    after: RunningPlace | None,
    size: int,
    wanted: RunningWanted,
) -> tuple[Sequence[RunningRow], RunningCounted]:
    """The clocks that a subject reads: first due first, undated last; and how many there are.

    Few statements, however many clocks: the page, the clocks on it, the rows of law, the counts.
    """
    every = _every(session, running, subject, now)
    found = every.c
    due_at = func.coalesce(found.due_at, _NEVER)
    asked = select(every).where(*_which(every, wanted)).order_by(due_at, found.id).limit(size)
    if after is not None:
        ended = _NEVER if after.due_at is None else literal(after.due_at, _MOMENT)
        asked = asked.where(tuple_(due_at, found.id) > tuple_(ended, literal(after.clock_id)))
    rows = session.execute(asked).all()
    these = dict(clocks.find_these(session, [row.id for row in rows]))
    for each in running.beside:
        left = [row.id for row in rows if row.id not in these]
        these.update(each.shown(session, left) if left else {})
    read = [
        RunningRow(these[row.id], row.case_id, row.case_code, row.code, row.link, row.duty)
        for row in rows
        if row.id in these
    ]
    return read, _counted(session, every)


_MOMENT = DateTime(timezone=True)
_NEVER = text("CAST('infinity' AS timestamptz)")
_C = CLOCKS.c


def _every(session: Session, running: Running, subject: Subject, now: datetime) -> Subquery:
    """Each clock once: who reads it for two reasons reads it for the one that names the case."""
    things = union_all(*(each(session, subject, now) for each in running.readings)).subquery()
    todo = _to_do(session, running, subject, now)
    t, d = things.c, todo.c
    is_for_it = and_(
        d.object_id == _C.object_id,
        or_(_C.paused_at.is_not(None), d.due_at.is_not_distinct_from(_C.due_at)),
    )
    on_clocks = (
        select(
            _C.id,
            _C.object_id,
            _C.due_at,
            _C.paused_at,
            _C.breached_at,
            t.case_id,
            t.case_code,
            t.code,
            t.link,
            d.what.label("duty"),
        )
        .join_from(CLOCKS, things, and_(t.subject == _C.subject, t.object_id == _C.object_id))
        .outerjoin(todo, is_for_it)
        .where(_C.ended_at.is_(None))
    )
    others = (_beside(each, session, subject, now) for each in running.beside)
    every = union_all(on_clocks, *others).subquery()
    return (
        select(every)
        .ext(distinct_on(every.c.id))
        .order_by(every.c.id, every.c.case_id.nulls_last(), every.c.duty.nulls_last())
        .subquery()
    )


def _beside(each: Beside, session: Session, subject: Subject, now: datetime) -> Select[Any]:
    """The same columns; it stands still for nobody, is late for nobody, and asks nothing."""
    found = each.reading(session, subject, now).subquery().c
    return select(
        found.object_id.label("id"),
        found.object_id,
        found.due_at,
        cast(null(), _MOMENT).label("paused_at"),
        cast(null(), _MOMENT).label("breached_at"),
        found.case_id,
        found.case_code,
        found.code,
        found.link,
        cast(null(), String).label("duty"),
    )


def _to_do(session: Session, running: Running, subject: Subject, now: datetime) -> Subquery:
    """What the subject must do, by its thing and the end of its time."""
    duties = union_all(*(each(session, subject, now) for each in running.duties)).subquery().c
    return select(duties.object_id, duties.due_at, duties.what).subquery()


def _which(every: Subquery, wanted: RunningWanted) -> Sequence[ColumnElement[bool]]:
    found, which = every.c, []
    if wanted.case_id is not None:
        which.append(found.case_id == wanted.case_id)
    if wanted.object_id is not None:
        which.append(found.object_id == wanted.object_id)
    if wanted.last_day is not None:
        day = Span(wanted.last_day, wanted.last_day)
        ends = and_(
            found.due_at > literal(day.after, _MOMENT), found.due_at <= literal(day.until, _MOMENT)
        )
        which.append(and_(ends, found.paused_at.is_(None)))
    if wanted.is_late is not None:
        which.append(found.breached_at.is_not(None) == wanted.is_late)
    return which


def _counted(session: Session, every: Subquery) -> RunningCounted:
    """Grouped by date, of which there are few; what stands still ends on no day yet."""
    found = every.c
    columns = (
        found.due_at,
        found.duty.is_not(None).label("is_own"),
        found.breached_at.is_not(None).label("is_late"),
        found.paused_at.is_not(None).label("is_paused"),
    )
    late, undated, by_day = 0, 0, dict[date, int]()
    for row in session.execute(select(*columns, func.count().label("many")).group_by(*columns)):
        late += row.many if row.is_late else 0
        undated += row.many if row.due_at is None else 0
        if row.due_at is not None and not row.is_own and not row.is_paused:
            day = last_day_of(row.due_at)
            by_day[day] = by_day.get(day, 0) + row.many
    return RunningCounted(late, undated, by_day)
