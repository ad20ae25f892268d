"""What runs is moved where a row was published that applies to it; nothing else ever is."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from shared.clocks.clock import Clock
from shared.clocks.keeping import find_free, keep, read_all
from shared.clocks.tables import CLOCKS
from shared.contracts.law import PeriodKey
from shared.kit import audit
from shared.kit.clock import start_of_day
from shared.law import Period, Rules, Superseding, supersede
from shared.rulebook import Reach, moving_rows, rules_of

FOLLOW = "follow_clocks"
BATCH = 64
_ONE_DAY = timedelta(days=1)


def follow(session: Session, now: datetime) -> int:
    """Move clocks to the rows that apply to them; returns how many were moved.

    A row that leaves alone what runs is never asked here. Locks clocks alone, and passes over what
    somebody holds until the next round.
    """
    moving = moving_rows(session)
    return sum(_follow(session, row, now) for row in _holding(rules_of(session), moving))


def _holding(rules: Rules, moving: Collection[UUID]) -> Iterator[Period]:
    """Of these rows those that hold on some day."""
    return (it for it in rules.periods if it.row_id in moving and not it.is_replaced)


def _follow(session: Session, row: Period, now: datetime) -> int:
    c = CLOCKS.c
    is_elsewhere = and_(
        _runs_by(row), _began_on_days_of(row), c.row_id.is_distinct_from(row.row_id)
    )
    clocks = find_free(session, is_elsewhere, BATCH)
    for clock in clocks:
        moved = clock.on_row(row)
        keep(session, moved)
        _record(session, moved, now)
    return len(clocks)


def _runs_by(row: Period) -> ColumnElement[bool]:
    """Runs, paused or not, by a row of this name and law."""
    c = CLOCKS.c
    return and_(c.key == row.key, c.regime.is_not_distinct_from(row.regime), c.ended_at.is_(None))


def _began_on_days_of(row: Period) -> ColumnElement[bool]:
    began = CLOCKS.c.started_at
    since = began >= start_of_day(row.valid_from) if row.valid_from else None
    until = began < start_of_day(row.valid_to + _ONE_DAY) if row.valid_to else None
    return and_(True, *(each for each in (since, until) if each is not None))


def _record(session: Session, clock: Clock, now: datetime) -> None:
    audit.record(
        session,
        actor=f"sweep:{FOLLOW}",
        action="clock.date_moved",
        object_id=clock.object_id,
        now=now,
        case_id=str(clock.case_id) if clock.case_id else None,
        key=clock.key,
        rule_id=str(clock.row_id),
        clock_id=str(clock.id),
        due_at=clock.due_at.isoformat() if clock.due_at else None,
    )


def rehearse(session: Session, proposed: Superseding, keys: Collection[PeriodKey]) -> Reach:
    """How far a row would reach if it were published now; nothing is changed.

    ``keys`` are the periods of which there are clocks. A row that leaves alone what runs is asked
    all the same: its first day says that it moves none.
    """
    after = supersede(rules_of(session), [proposed])
    row = next((each for each in after.periods if each.row_id == proposed.id), None)
    if row is None or row.key not in keys:
        return Reach(None, 0)
    running = session.scalar(select(func.count()).select_from(CLOCKS).where(_runs_by(row)))
    reached = select(CLOCKS).where(_runs_by(row), _began_on_days_of(row))
    counted = [replace(each, rules=after) for each in read_all(session, reached)]
    return Reach(running, sum(each.on_row(row).due_at != each.due_at for each in counted))
