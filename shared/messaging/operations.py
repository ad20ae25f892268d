"""How the work of a service goes: what waits, since when, and which of its processes are there.

Counted when it is asked for, from tables whose rows are open: a service with nothing to do has none
of them. No row of a case is looked at.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from shared.messaging.alerts import OF_CASE_OWNERS, AlertKind
from shared.messaging.presence import GONE

_OUTBOX = text(
    """
    SELECT destination, count(*) AS parcels, sum(cardinality(sequences)) AS messages,
           count(*) FILTER (WHERE sends = 0) AS unsent, min(created_at) AS oldest_at
      FROM outbox GROUP BY destination ORDER BY destination
    """,
)

_HELD = text(
    """
    SELECT reason, count(*) AS count, min(held_at) AS oldest_at
      FROM held_messages GROUP BY reason ORDER BY reason
    """,
)

_ALERTS = text(
    f"""
    SELECT kind, count(*) AS count, min(raised_at) AS oldest_at
      FROM operator_alerts
     WHERE settled_at IS NULL AND kind NOT IN ({", ".join(f"'{it}'" for it in OF_CASE_OWNERS)})
     GROUP BY kind ORDER BY kind
    """,  # noqa: S608 - made of our own words only
)

_SWEEPS = text(
    f"""
    SELECT subject AS name, raised_at AS since, times FROM operator_alerts
     WHERE settled_at IS NULL AND kind = '{AlertKind.SWEEP_FAILED}' ORDER BY subject
    """,  # noqa: S608 - made of our own words only
)

# A relay is there as long as its session is, and asks for work every few seconds.
_SIGNS = text(
    f"""
    SELECT now() AS at,
           (SELECT seen_at FROM heartbeats WHERE queue = :queue) AS worker_seen_at,
           (SELECT count(*) FROM workers WHERE NOT {GONE}) AS workers,
           (SELECT max(state_change) FROM pg_stat_activity
             WHERE datname = current_database() AND application_name = 'relay') AS relay_seen_at,
           (SELECT count(*) FROM parked_messages WHERE replayed_at IS NULL) AS parked,
           (SELECT min(parked_at) FROM parked_messages WHERE replayed_at IS NULL)
               AS oldest_parked_at,
           (SELECT last_archived_time FROM pg_stat_archiver) AS archived_at
    """,  # noqa: S608 - made of our own words only
)


HOURS = 24
_HOUR = timedelta(hours=1)

# A parcel grows older in every hour from when it was told until its receiver has committed it; what
# is closed stays long enough to tell of a day.
_AGES = text(
    f"""
    WITH day AS (
        SELECT date_trunc('hour', now()) - interval '{HOURS - 1} hours' AS since
    ), told AS (
        SELECT destination, created_at, closed_at FROM closed_outbox, day WHERE closed_at >= since
         UNION ALL
        SELECT destination, created_at, now() FROM outbox
    )
    SELECT day.since, destination, hour,
           max(least(closed_at, hour + interval '1 hour') - created_at) AS age
      FROM day LEFT JOIN told ON true
      LEFT JOIN LATERAL generate_series(
           greatest(date_trunc('hour', created_at), since), closed_at, interval '1 hour'
           ) AS hour ON true
     GROUP BY day.since, destination, hour
    """,  # noqa: S608 - made of our own words only
)


@dataclass(frozen=True)
class Ages:
    """How old the oldest message to each service grew, hour by hour."""

    since: datetime
    """The beginning of the first hour."""
    seconds: Mapping[str, Sequence[int]]
    """By destination, the greatest age in each hour; none where nothing waited."""


@dataclass(frozen=True)
class State:
    """What was counted."""

    signs: Row[Any]
    outbox: Sequence[Row[Any]]
    held: Sequence[Row[Any]]
    alerts: Sequence[Row[Any]]
    sweeps: Sequence[Row[Any]]

    @property
    def at(self) -> datetime:
        """When, by the database's clock."""
        found: datetime = self.signs.at
        return found


def state_of(session: Session, queue: str) -> State:
    """How it stands now in the service of this queue."""
    return State(
        signs=session.execute(_SIGNS, {"queue": queue}).one(),
        outbox=session.execute(_OUTBOX).all(),
        held=session.execute(_HELD).all(),
        alerts=session.execute(_ALERTS).all(),
        sweeps=session.execute(_SWEEPS).all(),
    )


def ages_of(session: Session) -> Ages:
    """How old what this service tells has grown within the last day, up to now."""
    rows = session.execute(_AGES).all()
    since: datetime = rows[0].since
    seconds: dict[str, list[int]] = {}
    for row in rows:
        if row.hour is not None:
            hours = seconds.setdefault(row.destination, [0] * HOURS)
            hours[(row.hour - since) // _HOUR] = int(row.age.total_seconds())
    return Ages(since, dict(sorted(seconds.items())))
