"""What a relay does again and again: each sweep with a name, a period and a deadline.

A sweep moves what time has made due, a bounded batch in one transaction. A row that cannot be moved
must not stop the others: it is told to the operator and rests, longer each time.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Select, func, select, text
from sqlalchemy.orm import Session

from shared.kit.database import is_database_down, is_worth_repeating, savepoint
from shared.kit.logging import describe, logger
from shared.messaging import alerts
from shared.messaging.alerts import AlertKind
from shared.messaging.tables import OPERATOR_ALERTS

Row = TypeVar("Row")

Run = Callable[[Session, datetime], int]
"""Moves rows that are due, in one bounded transaction; returns how many it moved."""

Act = Callable[[Sequence[Row]], object]
"""Moves these rows, reading them again under their locks."""


@dataclass(frozen=True)
class Sweep:
    """One thing a relay does again and again."""

    name: str
    run: Run
    every: float = 5.0
    """Seconds between two runs. What somebody waits for is not left to a sweep: it moves what time
    has made due, or what could not be moved at once."""
    deadline: float = 30.0
    """Seconds after which one transaction of it is interrupted, and counts as failed."""


def each_alone(
    session: Session,
    name: str,
    rows: Sequence[Row],
    act: Act[Row],
    *,
    key: Callable[[Row], UUID],
    now: datetime,
) -> int:
    """Act on all rows together; if that fails, on each alone. Returns how many were acted on.

    A row that fails alone raises an alert, and ``resting`` leaves it out for a while.
    """
    if len(rows) > 1 and _fault_of(session, act, rows) is None:
        done = list(rows)
    else:
        done = [row for row in rows if _is_moved(session, name, row, act, key=key, now=now)]
    moved = [key(row) for row in done]
    alerts.settle(session, AlertKind.SWEEP_ROW_FAILED, subject=name, object_ids=moved, now=now)
    return len(done)


def _is_moved(
    session: Session,
    name: str,
    row: Row,
    act: Act[Row],
    *,
    key: Callable[[Row], UUID],
    now: datetime,
) -> bool:
    fault = _fault_of(session, act, [row])
    if fault is None:
        return True
    told = describe(fault)
    logger().error("sweep_row_failed", code=name, **told)
    alerts.raise_alert(
        session, AlertKind.SWEEP_ROW_FAILED, subject=name, object_id=key(row), now=now, **told
    )
    return False


def _fault_of(session: Session, act: Act[Row], rows: Sequence[Row]) -> Exception | None:
    """The fault that kept these rows from being moved, if any; then nothing has changed."""
    try:
        with savepoint(session):
            act(rows)
            session.flush()
    except Exception as fault:
        # What is wrong with the database, or lost against another, is not the fault of a row.
        if is_database_down(fault) or is_worth_repeating(fault):
            raise
        return fault
    return None


def resting(name: str) -> Select[tuple[UUID]]:
    """Ids of rows that this sweep could not move and does not try again yet."""
    return select(OPERATOR_ALERTS.c.object_id).where(
        OPERATOR_ALERTS.c.kind == AlertKind.SWEEP_ROW_FAILED,
        OPERATOR_ALERTS.c.subject == name,
        OPERATOR_ALERTS.c.settled_at.is_(None),
        OPERATOR_ALERTS.c.rests_until > func.now(),
    )


RESTING = f"""
    SELECT object_id FROM operator_alerts
     WHERE kind = '{AlertKind.SWEEP_ROW_FAILED}' AND subject = :sweep
       AND settled_at IS NULL AND rests_until > now()
"""  # noqa: S608 - made of our own words only
"""The same for a statement that is written as text."""


_SETTLE_UNSEEN = text(
    f"""
    WITH unseen AS MATERIALIZED (
        SELECT id FROM operator_alerts
         WHERE kind = '{AlertKind.SWEEP_ROW_FAILED}' AND subject = :sweep AND settled_at IS NULL
           AND rests_until < now() - interval '10 minutes'
         ORDER BY object_id FOR UPDATE
    )
    UPDATE operator_alerts SET settled_at = :now WHERE id IN (SELECT id FROM unseen)
    """,  # noqa: S608 - made of our own words only
)


def settle_unseen(session: Session, name: str, now: datetime) -> None:
    """Close the alerts of rows that are no longer due: something else has moved them."""
    session.execute(_SETTLE_UNSEEN, {"sweep": name, "now": now})
