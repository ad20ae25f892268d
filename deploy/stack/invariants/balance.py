"""Every message counted at its sender and at its receiver (I3, I4)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from psycopg import Connection

from deploy.stack.invariants.reading import Urls, connect
from shared.contracts import Queue

Place = tuple[str, str, Any]
"""A sender, a receiver and an aggregate."""


@dataclass(frozen=True)
class Balance:
    """The messages of the whole exchange."""

    told: int = 0
    """Messages times destinations ever stored."""
    closed: int = 0
    """Of these: closed by receipts."""
    open: int = 0
    """Of these: outbox rows no receipt has closed."""
    taken: int = 0
    """Messages taken over by their receivers, in the order of their aggregates."""
    handled: int = 0
    """Of these: applied, or refused with a recorded reason; a number that was passed."""
    held: int = 0
    """Of these: waiting for their turn or their next try."""
    behind: int = 0
    """Of these: waiting behind a parked message of their aggregate."""
    parked: int = 0
    """Waiting for an operator; those under a passed number are not among the taken."""
    stale: int = 0
    """Messages that came under a passed number, whatever became of them."""
    lost: int = 0
    """Messages closed by their sender and unknown to their receiver, per aggregate."""
    twice: int = 0
    """Messages whose receiver counted more of an aggregate than its sender told."""
    gaps: int = 0
    """Aggregates whose applied messages are not numbered 1..n, each once."""
    vanished: int = 0
    """Inbox rows whose held or parked message is missing, and the other way round."""
    unbalanced: int = 0
    """Messages by which told differs from closed and open, or taken from its parts."""
    resent: int = 0
    """Sendings beyond the first."""

    @property
    def is_settled(self) -> bool:
        """Nothing is on its way."""
        return self.open == 0 and self.held == 0

    @property
    def is_sound(self) -> bool:
        """I3 and I4 hold: nothing lost, nothing twice, nothing out of order."""
        wrong = (self.lost, self.twice, self.gaps, self.vanished, self.unbalanced)
        return self.is_settled and not any(wrong)


def balance(urls: Urls, services: Iterable[Queue] = Queue) -> Balance:
    """Count every message at its sender and at its receiver.

    Senders are read before receivers, and once more after them: so nothing that moves meanwhile
    looks lost or doubled.
    """
    services = tuple(services)
    ends = {service: _read(urls(service), service) for service in services}
    seen = {service: _taken(urls(service), service) for service in services}
    told_by_now = {place: last for it in services for place, last in _told(urls(it), it).items()}
    totals = {name: sum(it.totals[name] for it in seen.values()) for name in _RECEIVED}
    taken = {place: count for it in seen.values() for place, count in it.places.items()}
    told = {place: last for it in ends.values() for place, last in it.told.items()}
    opened = {place: count for it in ends.values() for place, count in it.opened.items()}
    parts = totals["handled"] + totals["held"] + totals["behind"] + totals["parked_in_order"]
    uneven = sum(abs(it.uneven) for it in ends.values())
    return Balance(
        told=sum(told.values()),
        closed=sum(it.closed for it in ends.values()),
        open=sum(opened.values()),
        taken=sum(taken.values()),
        lost=sum(_missing(place, told, opened, taken, services) for place in told),
        twice=sum(max(count - told_by_now.get(place, 0), 0) for place, count in taken.items()),
        unbalanced=uneven + abs(sum(taken.values()) - parts),
        resent=sum(it.resent for it in ends.values()),
        **{name: totals[name] for name in _SHOWN},
    )


def _missing(
    place: Place,
    told: Mapping[Place, int],
    opened: Mapping[Place, int],
    taken: Mapping[Place, int],
    services: tuple[Queue, ...],
) -> int:
    if place[1] not in services:
        return 0
    return max(told[place] - opened.get(place, 0) - taken.get(place, 0), 0)


@dataclass(frozen=True)
class _Sent:
    """What a sender knows, at one moment."""

    told: dict[Place, int]
    opened: dict[Place, int]
    closed: int
    resent: int
    uneven: int
    """Told but for what is closed or open."""


@dataclass(frozen=True)
class _Seen:
    """What a receiver knows, at one moment."""

    places: dict[Place, int]
    totals: dict[str, int]


def _read(url: str, service: Queue) -> _Sent:
    with connect(url) as connection:
        told = _places(connection, service, _TOLD)
        opened = _places(connection, service, _OPEN)
        rows = connection.execute("SELECT destination, closed, resent FROM outbox_totals")
        totals = {row[0]: (int(row[1]), int(row[2])) for row in rows}
    closed = sum(closed for closed, _ in totals.values())
    return _Sent(
        told=told,
        opened=opened,
        closed=closed,
        resent=sum(resent for _, resent in totals.values()),
        uneven=sum(told.values()) - closed - sum(opened.values()),
    )


def _told(url: str, service: Queue) -> dict[Place, int]:
    with connect(url) as connection:
        return _places(connection, service, _TOLD)


def _places(
    connection: Connection[tuple[Any, ...]], service: Queue, statement: str
) -> dict[Place, int]:
    rows = connection.execute(statement)
    return {(str(service), destination, about): int(count) for destination, about, count in rows}


def _taken(url: str, service: Queue) -> _Seen:
    with connect(url) as connection:
        rows = connection.execute(_PLACES).fetchall()
        totals = {name: int(value) for name, value in connection.execute(_TOTALS)}
    totals["handled"] = sum(row[2] for row in rows)
    totals["gaps"] = sum(not row[4] for row in rows)
    places = {
        (source, str(service), about): last + waiting for source, about, last, waiting, _ in rows
    }
    return _Seen(places, totals)


_TOLD = "SELECT destination, aggregate_id, last_sequence FROM outbox_sequences"
_OPEN = "SELECT destination, aggregate_id, count(*) FROM outbox GROUP BY 1, 2"

_SHOWN = ("handled", "held", "behind", "parked", "stale", "gaps", "vanished")
_RECEIVED = (*_SHOWN, "parked_in_order")

# The cursor says how many were applied, for the inbox may have forgotten some of them: how many is
# noted beside it. Those still there must have different numbers, none above the cursor.
_PLACES = """
    WITH kept AS (
        SELECT source, aggregate_id,
               count(*) FILTER (WHERE state IN ('handled', 'refused')) AS applied,
               count(DISTINCT sequence) FILTER (WHERE state IN ('handled', 'refused')) AS numbers,
               max(sequence) FILTER (WHERE state IN ('handled', 'refused')) AS highest,
               min(sequence) FILTER (WHERE state IN ('handled', 'refused')) AS lowest,
               count(*) FILTER (WHERE state IN ('held', 'parked')) AS waiting
          FROM inbox WHERE state <> 'stale' GROUP BY 1, 2
    )
    SELECT source, aggregate_id, coalesce(last_sequence, 0), coalesce(waiting, 0),
           coalesce(applied, 0) + coalesce(pruned, 0) = coalesce(last_sequence, 0)
           AND coalesce(applied, 0) = coalesce(numbers, 0)
           AND coalesce(highest, 0) <= coalesce(last_sequence, 0)
           AND coalesce(lowest, 1) >= 1
      FROM inbox_cursors FULL JOIN kept USING (source, aggregate_id)
"""

_TOTALS = """
    WITH waits AS (
        SELECT held.message_id,
               next_at IS NULL AND EXISTS (
                   SELECT FROM parked_messages AS parked
                    WHERE parked.replayed_at IS NULL AND parked.reason <> 'stale_sequence'
                      AND (parked.source, parked.aggregate_id) = (held.source, held.aggregate_id)
               ) AS is_behind
          FROM held_messages AS held JOIN inbox USING (message_id) WHERE inbox.state <> 'stale'
    ), parked AS (
        SELECT message_id, reason FROM parked_messages WHERE replayed_at IS NULL
    )
    SELECT 'held', count(*) FROM waits WHERE NOT is_behind
    UNION ALL SELECT 'behind', count(*) FROM waits WHERE is_behind
    UNION ALL SELECT 'parked', count(*) FROM parked
    UNION ALL SELECT 'parked_in_order', count(*) FROM parked WHERE reason <> 'stale_sequence'
    UNION ALL SELECT 'stale', count(*) FROM inbox WHERE state = 'stale'
    UNION ALL SELECT 'vanished', count(*) FROM (
        (SELECT message_id FROM inbox WHERE state = 'held'
         EXCEPT SELECT message_id FROM held_messages)
        UNION ALL
        (SELECT message_id FROM inbox WHERE state = 'parked' EXCEPT SELECT message_id FROM parked)
        UNION ALL
        (SELECT message_id FROM inbox WHERE state = 'stale' AND outcome = 'stale_sequence'
         EXCEPT SELECT message_id FROM parked)
        UNION ALL
        (SELECT message_id FROM held_messages
         EXCEPT SELECT message_id FROM inbox WHERE state IN ('held', 'stale'))
        UNION ALL
        (SELECT message_id FROM parked
         EXCEPT SELECT message_id FROM inbox WHERE state IN ('parked', 'stale'))
    ) AS missing
"""
