"""Held messages that have waited too long: the operator is told until they are done.

Nobody has to act on what is held: it is tried again, or waits for the message before it. After an
hour somebody must look. Messages that wait behind another of their aggregate pass when it does;
only the first of them alerts, unless it is parked and has alerted already. Messages that an earlier
release parked without an alert are told here as well.
"""

from collections import defaultdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from shared.messaging import alerts
from shared.messaging.alerts import AlertKind
from shared.messaging.inbox import HeldReason
from shared.messaging.parking import ParkedReason
from shared.messaging.sweeps import Sweep

LATE_SECONDS = 3600
"""Longer than a roll-out, a restart or an emptied broker takes; soon enough to act that day."""
MOST_AT_ONCE = 100

_LATE = text(
    """
    SELECT message_id, envelope ->> 'type' AS type, reason, source, aggregate_id, sequence
      FROM held_messages AS held
     WHERE held_at < now() - make_interval(secs => :late)
       AND (reason <> :early OR (
            NOT EXISTS (SELECT FROM held_messages AS before
                         WHERE before.aggregate_id = held.aggregate_id
                           AND before.source = held.source AND before.sequence < held.sequence)
            AND NOT EXISTS (SELECT FROM parked_messages AS before
                             WHERE before.replayed_at IS NULL
                               AND before.aggregate_id = held.aggregate_id
                               AND before.source = held.source
                               AND before.sequence < held.sequence)))
       AND NOT EXISTS (SELECT FROM operator_alerts
                        WHERE kind = :kind AND object_id = message_id AND settled_at IS NULL)
     ORDER BY held_at LIMIT :most
    """,
)

# Parked by a release that did not alert yet; what is stale is told where it is parked.
_UNTOLD = text(
    """
    SELECT message_id, type, reason, source, aggregate_id
      FROM parked_messages
     WHERE replayed_at IS NULL AND reason <> :stale
       AND NOT EXISTS (SELECT FROM operator_alerts
                        WHERE object_id = message_id AND settled_at IS NULL)
     LIMIT :most
    """,
)

_DONE = text(
    """
    SELECT object_id, subject FROM operator_alerts
     WHERE kind = :kind AND settled_at IS NULL
       AND NOT EXISTS (SELECT FROM held_messages WHERE message_id = object_id)
    """,
)


def tell_late(session: Session, now: datetime) -> int:
    """Alert for what has become late, and settle what is held no more; returns how many alerts."""
    _settle_done(session, now)
    asked = {
        "late": LATE_SECONDS,
        "early": HeldReason.EARLY,
        "kind": AlertKind.MESSAGE_LATE,
        "most": MOST_AT_ONCE,
    }
    rows = session.execute(_LATE, asked).all()
    for row in rows:
        _raise(session, AlertKind.MESSAGE_LATE, row, now, sequence=row.sequence)
    return len(rows) + _tell_parked(session, now)


def _tell_parked(session: Session, now: datetime) -> int:
    asked = {"stale": ParkedReason.STALE_SEQUENCE, "most": MOST_AT_ONCE}
    rows = session.execute(_UNTOLD, asked).all()
    for row in rows:
        _raise(session, AlertKind.MESSAGE_PARKED, row, now)
    return len(rows)


def _raise(session: Session, kind: AlertKind, row: Row[Any], now: datetime, **facts: int) -> None:
    alerts.raise_alert(
        session,
        kind,
        subject=row.type,
        object_id=row.message_id,
        now=now,
        reason=row.reason,
        source=row.source,
        aggregate_id=str(row.aggregate_id),
        **facts,
    )


def _settle_done(session: Session, now: datetime) -> None:
    done: dict[str, list[UUID]] = defaultdict(list)
    for row in session.execute(_DONE, {"kind": AlertKind.MESSAGE_LATE}):
        done[row.subject].append(row.object_id)
    for subject, found in sorted(done.items()):
        alerts.settle(session, AlertKind.MESSAGE_LATE, subject=subject, object_ids=found, now=now)


LATENESS = Sweep("late_messages", tell_late, every=60.0)
