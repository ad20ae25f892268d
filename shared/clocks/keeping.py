"""Clocks in the database: started, paused, resumed, extended and ended with what they are of.

Every use case is part of the transaction of the change that it belongs to. Whoever changes a thing
has locked the thing before its clock; the sweep locks clocks alone, and waits for none.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select, update
from sqlalchemy.orm import Session

from shared.clocks.clock import Clock, read, written
from shared.clocks.tables import CLOCKS
from shared.kit.arrays import among
from shared.kit.documents import ON_CONFLICT_DO_NOTHING, insert_rows
from shared.rulebook import rules_of

_IN_TURN = (CLOCKS.c.started_at, CLOCKS.c.id)
"""The newest clock of a thing is the one that began last."""


def start(session: Session, clocks: Sequence[Clock]) -> None:
    """Start these; one statement, which leaves with the next that is read."""
    insert_rows(session, CLOCKS, [written(each) for each in clocks])


def start_once(session: Session, clocks: Sequence[Clock]) -> None:
    """The same of those that nobody else starts at this moment."""
    rows = [written(each) for each in clocks]
    insert_rows(session, CLOCKS, rows, conflict=ON_CONFLICT_DO_NOTHING)


def find(session: Session, fact: str, object_ids: Collection[UUID]) -> Mapping[UUID, Clock]:
    """Of each of these things the newest clock that such a fact started; one statement."""
    if not object_ids:
        return {}
    of_these = (CLOCKS.c.fact == fact, among(CLOCKS.c.object_id, object_ids))
    return _read(session, select(CLOCKS).where(*of_these).order_by(*_IN_TURN))


def find_these(session: Session, clock_ids: Collection[UUID]) -> Mapping[UUID, Clock]:
    """These clocks, by their ids; one statement."""
    if not clock_ids:
        return {}
    asked = select(CLOCKS).where(among(CLOCKS.c.id, clock_ids))
    return {each.id: each for each in read_all(session, asked)}


def find_locked(session: Session, fact: str, object_id: UUID) -> Clock | None:
    """The newest clock of one thing, which nobody else changes until the transaction ends."""
    rows = select(CLOCKS).where(CLOCKS.c.fact == fact, CLOCKS.c.object_id == object_id)
    newest = rows.order_by(*(each.desc() for each in _IN_TURN)).limit(1).with_for_update()
    return _read(session, newest).get(object_id)


def find_free(session: Session, which: ColumnElement[bool], most: int) -> list[Clock]:
    """So many clocks of which this is so, which nobody else changes until the transaction ends.

    Those that somebody holds at this moment are passed over.
    """
    some = select(CLOCKS).where(which).order_by(CLOCKS.c.id).limit(most)
    return read_all(session, some.with_for_update(skip_locked=True))


def _read(session: Session, asked: Select[Any]) -> Mapping[UUID, Clock]:
    """By the thing; of several the last."""
    return {each.object_id: each for each in read_all(session, asked)}


def read_all(session: Session, asked: Select[Any]) -> list[Clock]:
    """Clocks, by the rows of law that hold now; where there are none, these are not asked for."""
    rows = session.execute(asked).mappings().all()
    return [read(each, rules_of(session)) for each in rows]


def keep(session: Session, clock: Clock) -> None:
    """Store what has become of a clock that is locked, or of one that nobody knows yet."""
    row = written(clock)
    changed = {name: row[name] for name in row if name not in _FIXED}
    session.execute(update(CLOCKS).where(CLOCKS.c.id == clock.id).values(changed))


_FIXED = frozenset({"id", "subject", "object_id", "case_id", "fact", "fact_id", "started_at"})
