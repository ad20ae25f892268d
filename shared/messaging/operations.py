"""How the work of a service goes: what waits, since when, and which of its processes are there.

Counted when it is asked for, from tables whose rows are open: a service with nothing to do has none
of them. No row of a case is looked at.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
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
