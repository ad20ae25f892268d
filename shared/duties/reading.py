"""The list: what presses most first, in pages, with how many there are by urgency."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Row,
    Subquery,
    and_,
    func,
    literal,
    select,
    text,
    tuple_,
    union_all,
)
from sqlalchemy.orm import Session

from shared.duties.sources import Source
from shared.duties.urgency import Span, Urgency, last_day_of, span_of, urgency_of
from shared.kit.arrays import among
from shared.kit.clock import local_date
from shared.kit.subjects import Subject
from shared.law import End, Period


@dataclass(frozen=True)
class Due:
    """The rule that says when something is due, and the end it gives; unset while it gives none."""

    rule: Period
    end: End | None


@dataclass(frozen=True)
class Place:
    """Where a duty stands in the list."""

    due_at: datetime | None
    is_waiting: bool
    since: datetime
    object_id: UUID
    what: str


@dataclass(frozen=True)
class DutyRow:
    """What somebody must do, and by which rule it is due."""

    what: str
    case_id: UUID | None
    case_code: str | None
    age_band: str | None
    sex: str | None
    area_code: str | None
    area_on: date | None
    code: str | None
    subject: str
    object_id: UUID
    since: datetime
    due_at: datetime | None
    link: str
    urgency: Urgency
    is_waiting: bool
    rule: Period | None
    why: End | None

    @property
    def place(self) -> Place:
        """Where it stands in the list."""
        return Place(self.due_at, self.is_waiting, self.since, self.object_id, self.what)


Named = tuple[str, UUID]
"""What is to be done, and with which thing: of one thing there may be two duties."""
Explain = Callable[[Session, Sequence[Named]], Mapping[Named, Due]]
"""Of these duties the rules by which they are due; what no rule of law dates is left out."""


@dataclass(frozen=True)
class Duties:
    """What a service gives: its sources, and the rules behind their dates."""

    sources: Sequence[Source]
    explain: Explain
    waiting: frozenset[str] = frozenset()
    """Duties whose next step is somebody else's, or takes its time: one looks after them."""


@dataclass(frozen=True)
class Wanted:
    """Which duties a list shows; what is unset leaves none out."""

    object_id: UUID | None = None
    urgency: Urgency | None = None
    last_day: date | None = None
    is_waiting: bool | None = None


EVERY = Wanted()


@dataclass(frozen=True)
class Counted:
    """How many there are in all, whatever a list shows."""

    by_urgency: Mapping[Urgency, int]
    by_day: Mapping[date, int]
    """By their last day."""
    waiting: int

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.by_urgency.values())


def find_duties(
    session: Session,
    duties: Duties,
    *,
    subject: Subject,
    now: datetime,
    after: Place | None,
    size: int,
    wanted: Wanted = EVERY,
) -> tuple[Sequence[DutyRow], Counted]:
    """What a subject must do: the latest first, then what came first; and how many there are.

    Of what ends at once, or never, what waits for somebody else comes last.
    Few statements, however many duties: the page, the counts, the rules, and what a source asks.
    """
    every = union_all(*(source(session, subject, now) for source in duties.sources)).subquery()
    page = _page(every, duties, after).where(*_which(every, wanted, duties, now))
    rows = session.execute(page.limit(size)).all()
    named = [(row.what, row.object_id) for row in rows]
    due = duties.explain(session, named) if rows else {}
    found = [_read(row, due.get(name), duties, now) for row, name in zip(rows, named, strict=True)]
    return found, _counts(session, every, duties, now)


def _which(
    every: Subquery, wanted: Wanted, duties: Duties, now: datetime
) -> Iterator[ColumnElement[bool]]:
    found = every.c
    if wanted.object_id is not None:
        yield found.object_id == wanted.object_id
    if wanted.urgency is not None:
        span = span_of(wanted.urgency, local_date(now))
        yield found.due_at.is_(None) if span is None else _lies_in(found.due_at, span)
    if wanted.last_day is not None:
        yield _lies_in(found.due_at, Span(wanted.last_day, wanted.last_day))
    if wanted.is_waiting is not None:
        yield _waits(every, duties) == wanted.is_waiting


def _lies_in(due_at: Any, span: Span) -> ColumnElement[bool]:
    sides = []
    if span.after is not None:
        sides.append(due_at > literal(span.after, _MOMENT))
    if span.until is not None:
        sides.append(due_at <= literal(span.until, _MOMENT))
    return and_(*sides)


def _waits(every: Subquery, duties: Duties) -> ColumnElement[bool]:
    return among(every.c.what, sorted(duties.waiting))


_MOMENT = DateTime(timezone=True)
_NEVER = text("CAST('infinity' AS timestamptz)")


def _page(every: Subquery, duties: Duties, after: Place | None) -> Any:
    found = every.c
    due_at = func.coalesce(found.due_at, _NEVER)
    key = (due_at, _waits(every, duties), found.since, found.object_id, found.what)
    asked = select(every).order_by(*key)
    if after is None:
        return asked
    ended = _NEVER if after.due_at is None else literal(after.due_at, _MOMENT)
    rest = (literal(after.since, _MOMENT), literal(after.object_id), literal(after.what))
    return asked.where(tuple_(*key) > tuple_(ended, literal(after.is_waiting), *rest))


def _read(row: Row[Any], due: Due | None, duties: Duties, now: datetime) -> DutyRow:
    return DutyRow(
        **row._mapping,  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
        urgency=urgency_of(row.due_at, local_date(now)),
        is_waiting=row.what in duties.waiting,
        rule=due.rule if due else None,
        why=due.end if due and row.due_at is not None else None,
    )


def _counts(session: Session, every: Subquery, duties: Duties, now: datetime) -> Counted:
    """Grouped by date, of which there are few, so that what urgency means stands once."""
    by_urgency = Counter[Urgency](dict.fromkeys(Urgency, 0))
    by_day, waiting = Counter[date](), 0
    waits = _waits(every, duties).label("waits")
    asked = select(every.c.due_at, waits, func.count()).group_by(every.c.due_at, waits)
    for due_at, is_waiting, count in session.execute(asked):
        by_urgency[urgency_of(due_at, local_date(now))] += count
        waiting += count if is_waiting else 0
        if due_at is not None:
            by_day[last_day_of(due_at)] += count
    return Counted(by_urgency, by_day, waiting)
