"""What the relay does with the outbox: lease what is due, close what was received, start over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.kit.documents import ids
from shared.kit.round_trips import later
from shared.messaging.outbox import Parcel
from shared.messaging.presence import GONE

LONGEST_LEASE = 600.0
"""Seconds between two sendings at most, however often a parcel was sent."""
OVERDUE = 20.0
"""Leases after which a parcel is sent again even though its queue is not empty."""

# A parcel that was sent before may still be waiting in the queue. So it is sent again only when the
# queue is nearly empty, or when its lease ended long ago. The lease grows with every sending.
_LEASE = text(
    """
    WITH due AS (
        SELECT parcel_id FROM outbox
         WHERE destination = :destination AND next_at <= now()
           AND (sends = 0 OR :may_resend
                OR next_at <= now() - make_interval(secs => :lease * :overdue))
         ORDER BY next_at, parcel_id
         LIMIT :most
           FOR UPDATE SKIP LOCKED
    )
    UPDATE outbox
       SET sends = sends + 1,
           next_at = now() + make_interval(secs => least(
               :lease * power(1.5, least(sends, 20)) * (0.9 + 0.2 * random()), :longest))
      FROM due
     WHERE outbox.parcel_id = due.parcel_id
    RETURNING CAST(outbox.parcel_id AS text), destination, CAST(aggregates AS text[]),
              CAST(messages AS text), sequences, sends
    """,
)


def lease_due(
    session: Session,
    *,
    destination: str,
    lease_seconds: float,
    may_resend: bool,
    most: int,
) -> tuple[list[Parcel], int]:
    """Lease due parcels of one destination; with them, how many messages were sent before.

    The lease must be committed before anything is sent: a crash in between costs one lease.
    """
    rows = session.execute(
        _LEASE,
        {
            "destination": destination,
            "lease": lease_seconds,
            "overdue": OVERDUE,
            "longest": LONGEST_LEASE,
            "may_resend": may_resend,
            "most": most,
        },
    ).all()
    resent = sum(len(row.sequences) for row in rows if row.sends > 1)
    # By their ids they are in the order in which they were told.
    return sorted((Parcel(*row[:-1]) for row in rows), key=lambda it: it.parcel_id), resent


@dataclass(frozen=True)
class Due:
    """What a relay has to see to now."""

    destinations: Sequence[str]
    """Where something is to be sent."""
    is_holding: bool
    """Whether the worker holds messages."""
    has_held_due: bool
    """Whether some of those are to be tried."""
    misses_workers: bool
    """Whether a worker has ended without a word."""


# Asked together: a relay at rest asks nothing else, and each question by itself is a transaction.
_DUE = text(
    f"""
    SELECT array(SELECT DISTINCT destination FROM outbox WHERE next_at <= now()
                  ORDER BY destination) AS destinations,
           EXISTS (SELECT FROM held_messages) AS is_holding,
           EXISTS (SELECT FROM held_messages WHERE next_at <= now()) AS has_held_due,
           EXISTS (SELECT FROM workers WHERE {GONE}) AS misses_workers
    """,  # noqa: S608 - made of our own words only
)


def look(session: Session) -> Due:
    """What is due now."""
    return Due(*session.execute(_DUE).one())


# Locked in one order before anything is deleted: two relays may hold receipts of one parcel. What
# is counted are messages.
_CLOSE = text(
    """
    WITH received AS MATERIALIZED (
        SELECT parcel_id FROM outbox
         WHERE destination = :destination AND parcel_id = ANY(CAST(:ids AS uuid[]))
         ORDER BY parcel_id FOR UPDATE
    ), closed AS (
        DELETE FROM outbox WHERE parcel_id IN (SELECT parcel_id FROM received) RETURNING *
    ), kept AS (
        INSERT INTO closed_outbox (parcel_id, destination, aggregates, sequences, messages,
                                   created_at)
        SELECT parcel_id, destination, aggregates, sequences, messages, created_at FROM closed
    )
    INSERT INTO outbox_totals AS kept (destination, closed, resent)
    SELECT :destination, coalesce(sum(cardinality(sequences)), 0),
           coalesce(sum(greatest(sends - 1, 0) * cardinality(sequences)), 0)
      FROM closed
        ON CONFLICT (destination) DO UPDATE
        SET closed = kept.closed + excluded.closed, resent = kept.resent + excluded.resent
    """,
)


def close(session: Session, *, destination: str, parcel_ids: Sequence[str]) -> None:
    """Put away parcels their receiver has committed; a second receipt for one does nothing.

    They are kept for some days (see ``retention``), because the receiver may lose what it has.
    """
    session.execute(_CLOSE, {"destination": destination, "ids": ids(parcel_ids)})


AGAIN_AT_ONCE = 2
"""Sendings of a parcel after which its receiver may still ask for it at once. Whatever it was that
ended the receiver's worker, the third sending comes when its lease ends."""
MOST_AGAIN = 1024
"""Parcels that are sent again at once at most: more than a worker and its fellows have in hand."""

# What a worker had in hand lay at the front of its queue, so it is among the oldest. It is in no
# queue any more, so it is overdue, however long the queue is.
_AGAIN = text(
    """
    UPDATE outbox SET next_at = now() - make_interval(secs => :lease * :overdue)
     WHERE ctid = ANY(ARRAY(
           SELECT ctid FROM outbox
            WHERE destination = :destination AND created_at < :before
              AND sends BETWEEN 1 AND :at_once
            ORDER BY created_at LIMIT :most FOR UPDATE SKIP LOCKED))
    """,
)


def send_again(
    session: Session, *, destination: str, before: datetime, lease_seconds: float
) -> None:
    """Make due what this destination was sent before that moment, and may have lost."""
    session.execute(
        _AGAIN,
        {
            "destination": destination,
            "before": before,
            "lease": lease_seconds,
            "overdue": OVERDUE,
            "at_once": AGAIN_AT_ONCE,
            "most": MOST_AGAIN,
        },
    )


LAST_WORDS = 10.0
"""Seconds before a worker is missed in which it may have committed what it never sent."""

_UNSENT = text(
    """
    UPDATE outbox SET next_at = now()
     WHERE ctid = ANY(ARRAY(
           SELECT ctid FROM outbox
            WHERE created_at > now() - make_interval(secs => :seconds)
              AND sends = 1 AND next_at > now()
              FOR UPDATE SKIP LOCKED))
    """,
)


def send_last_words(session: Session) -> None:
    """Make due what a worker of this service may have committed and not sent when it ended."""
    session.execute(_UNSENT, {"seconds": LAST_WORDS})


_EPOCH = text("SELECT epoch FROM broker_epochs WHERE service = :service")

_NEW_EPOCH = text(
    """
    INSERT INTO broker_epochs (service, epoch) VALUES (:service, :epoch)
        ON CONFLICT (service) DO UPDATE SET epoch = excluded.epoch
    """,
)

_ALL_DUE = text(
    """
    WITH opened AS MATERIALIZED (
        SELECT parcel_id FROM outbox ORDER BY parcel_id FOR UPDATE
    )
    UPDATE outbox SET next_at = now(), sends = 0 FROM opened
     WHERE outbox.parcel_id = opened.parcel_id
    """,
)


def known_epoch(session: Session, service: str) -> str | None:
    """Which life of the broker this service last published in; losing everything begins another."""
    epoch: str | None = session.scalar(_EPOCH, {"service": service})
    return epoch


def begin_epoch(session: Session, service: str, epoch: str) -> int:
    """The broker lost everything: make every open parcel due at once; returns how many."""
    session.execute(_NEW_EPOCH, {"service": service, "epoch": epoch})
    result: Any = session.execute(_ALL_DUE)
    return int(result.rowcount)


# Two workers may take over neighbours of one aggregate at the same moment: the one that applies the
# earlier message cannot see yet that the other is holding the later one. Here its turn is noticed;
# and so is what was overtaken by another message under its own number. What a worker holds is left
# to it, or to the next round.
_WAKE_MISSED = text(
    """
    UPDATE held_messages SET next_at = now()
     WHERE message_id IN (
           SELECT message_id FROM held_messages AS held
             JOIN inbox_cursors AS cursor USING (source, aggregate_id)
            WHERE held.next_at IS NULL AND held.sequence <= cursor.last_sequence + 1
              FOR UPDATE OF held SKIP LOCKED)
    """,
)


def wake_missed(session: Session) -> None:
    """Make held messages due whose turn has come and was not noticed."""
    later(session, _WAKE_MISSED, {})
