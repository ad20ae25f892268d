"""Counts by row, and the cases of one row in pages; computed from what is open, never kept."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    SQLColumnExpression,
    String,
    Values,
    column,
    distinct,
    func,
    literal,
    select,
    values,
)
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from shared.access import Permission
from shared.contracts.vocabulary import Regime
from shared.kit.columns import TYPES
from shared.kit.subjects import Subject
from shared.law.entries import Entry, uncertain

Source = Callable[[Subject, Permission, datetime], Select[Any]]
"""What of a service is open and rests on a row that is not certain, as far as a permission of a
subject reaches: a line for each row and thing, made by ``resting``.
"""


class RestingThing(StrEnum):
    """What of a case rests on a row."""

    VERIFICATION = "verification"
    PROTECTION = "protection"
    PLAN = "plan"
    OFFER = "offer"


@dataclass(frozen=True)
class RestingRow:
    """A row that is not certain, and how many open cases rest on it."""

    entry: Entry
    cases: int


@dataclass(frozen=True)
class RestingCase:
    """An open case that rests on a row: which thing of it, since when, and its date."""

    case_id: UUID
    case_code: str | None
    subject: RestingThing
    object_id: UUID
    since: datetime
    due_at: datetime | None


def resting(
    row: tuple[SQLColumnExpression[Any], SQLColumnExpression[Any]],
    *,
    case_id: SQLColumnExpression[UUID],
    case_code: SQLColumnExpression[Any],
    subject: RestingThing,
    object_id: SQLColumnExpression[UUID],
    since: SQLColumnExpression[datetime],
    due_at: SQLColumnExpression[Any],
) -> Select[Any]:
    """One line of a source: ``row`` is the key and the law of the row; all have the same columns.

    ``since`` is when the thing began to rest on it, ``due_at`` the moment that hangs on it.
    """
    key, regime = row
    columns: list[ColumnElement[Any]] = [
        key.label("key"),
        regime.label("regime"),
        case_id.label("case_id"),
        case_code.label("case_code"),
        literal(str(subject), String).label("subject"),
        object_id.label("object_id"),
        since.label("since"),
        due_at.label("due_at"),
    ]
    return select(*columns)


def rows_of(name: str, columns: Iterable[str], data: Sequence[tuple[Any, ...]]) -> Values:
    """Rows of the law to be joined with; a table of texts that no line matches, if there are none.

    What is unset in a row is no text and matches nothing: ask for it with ``IS NULL``.
    """
    typed = [column(each, String) for each in columns]
    return values(*typed, name=name).data(data or [("",) * len(typed)])


def count_resting(
    session: Session, source: Source, *, subject: Subject, now: datetime
) -> Sequence[RestingRow]:
    """Each row on which something open rests, in the order of the law."""
    every = source(subject, Permission.LAW_READ, now).subquery()
    count = func.count(distinct(every.c.case_id))
    query = select(every.c.key, every.c.regime, count).group_by(every.c.key, every.c.regime)
    found = {(key, _law(regime)): cases for key, regime, cases in session.execute(query)}
    return [RestingRow(it, found[name]) for name, it in uncertain().items() if name in found]


def _law(regime: str | None) -> Regime | None:
    return Regime(regime) if regime else None


def find_resting(
    session: Session,
    source: Source,
    *,
    row: tuple[str, Regime | None],
    subject: Subject,
    now: datetime,
    after: UUID | None,
    size: int,
) -> Sequence[RestingCase]:
    """The open cases that rest on one row, each once, in the order of their ids."""
    every = source(subject, Permission.LAW_RESTING_READ, now).subquery()
    query = select(*(every.c[name] for name in RestingCase.__dataclass_fields__))
    query = query.ext(distinct_on(every.c.case_id)).where(_is_row(every.c, row))
    query = query.order_by(every.c.case_id, every.c.since, every.c.object_id).limit(size)
    if after is not None:
        query = query.where(every.c.case_id > after)
    return [_case(*found) for found in session.execute(query)]


def _case(case_id: UUID, case_code: str | None, subject: str, *rest: Any) -> RestingCase:
    return RestingCase(case_id, case_code, RestingThing(subject), *rest)


def _is_row(columns: Any, row: tuple[str, Regime | None]) -> ColumnElement[bool]:
    key, regime = row
    law = columns.regime.is_(None) if regime is None else columns.regime == str(regime)
    found: ColumnElement[bool] = (columns.key == key) & law
    return found


NEVER: SQLColumnExpression[Any] = literal(None, TYPES[datetime])
"""The date of what has none."""
