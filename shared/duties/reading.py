"""The list: what presses most first, in pages, with how many there are by urgency."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    DateTime,
    Row,
    Subquery,
    func,
    literal,
    select,
    text,
    tuple_,
    union_all,
)
from sqlalchemy.orm import Session

from shared.duties.sources import Source
from shared.duties.urgency import Urgency, urgency_of
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
    subject: str
    object_id: UUID
    since: datetime
    due_at: datetime | None
    link: str
    urgency: Urgency
    rule: Period | None
    why: End | None

    @property
    def place(self) -> Place:
        """Where it stands in the list."""
        return Place(self.due_at, self.since, self.object_id, self.what)


Named = tuple[str, UUID]
"""What is to be done, and with which thing: of one thing there may be two duties."""
Explain = Callable[[Session, Sequence[Named]], Mapping[Named, Due]]
"""Of these duties the rules by which they are due; what no rule of law dates is left out."""


@dataclass(frozen=True)
class Duties:
    """What a service gives: its sources, and the rules behind their dates."""

    sources: Sequence[Source]
    explain: Explain


def find_duties(
    session: Session,
    duties: Duties,
    *,
    subject: Subject,
    now: datetime,
    after: Place | None,
    size: int,
    object_id: UUID | None = None,
) -> tuple[Sequence[DutyRow], Mapping[Urgency, int]]:
    """What a subject must do: the latest first, then what came first; and how many by urgency.

    ``object_id`` asks for what is to be done with one thing alone.

    Few statements, however many duties: the page, the counts, the rules, and what a source asks.
    """
    every = union_all(*(source(session, subject, now) for source in duties.sources)).subquery()
    if object_id is not None:
        every = select(every).where(every.c.object_id == object_id).subquery()
    rows = session.execute(_page(every, after).limit(size)).all()
    named = [(row.what, row.object_id) for row in rows]
    due = duties.explain(session, named) if rows else {}
    found = [_read(row, due.get(name), now) for row, name in zip(rows, named, strict=True)]
    return found, _counts(session, every, now)


_NEVER = text("CAST('infinity' AS timestamptz)")


def _page(every: Subquery, after: Place | None) -> Any:
    found = every.c
    key = (func.coalesce(found.due_at, _NEVER), found.since, found.object_id, found.what)
    asked = select(every).order_by(*key)
    if after is None:
        return asked
    moment = DateTime(timezone=True)
    due_at = _NEVER if after.due_at is None else literal(after.due_at, moment)
    rest = (literal(after.since, moment), literal(after.object_id), literal(after.what))
    return asked.where(tuple_(*key) > tuple_(due_at, *rest))


def _read(row: Row[Any], due: Due | None, now: datetime) -> DutyRow:
    return DutyRow(
        **row._mapping,  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
        urgency=urgency_of(row.due_at, local_date(now)),
        rule=due.rule if due else None,
        why=due.end if due and row.due_at is not None else None,
    )


def _counts(session: Session, every: Subquery, now: datetime) -> Mapping[Urgency, int]:
    """Grouped by date, of which there are few, so that what urgency means stands once."""
    counted = Counter[Urgency](dict.fromkeys(Urgency, 0))
    asked = select(every.c.due_at, func.count()).group_by(every.c.due_at)
    for due_at, count in session.execute(asked):
        counted[urgency_of(due_at, local_date(now))] += count
    return counted
