"""Every message counted at its sender and at its receiver (I3, I4)."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from psycopg import Connection

from deploy.stack.invariants.reading import Urls, connect
from shared.contracts import Queue

Pair = tuple[str, str]
"""A sender and a receiver."""

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
    """Of these: in parcels that no receipt has closed."""
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
    """Count every message at its sender and at its receiver."""
    ends = read_ends(urls, services)
    totals = {name: sum(it.totals[name] for it in ends.seen) for name in _RECEIVED}
    taken = sum(count for it in ends.seen for count in it.places.values())
    parts = totals["handled"] + totals["held"] + totals["behind"] + totals["parked_in_order"]
    return Balance(
        told=sum(count for it in ends.sent for count in it.told.values()),
        closed=sum(count for it in ends.sent for count in it.closed.values()),
        open=sum(count for it in ends.sent for count in it.opened.values()),
        taken=taken,
        lost=sum(ends.lost.values()),
        twice=sum(ends.twice.values()),
        gaps=len(ends.gaps),
        vanished=len(ends.vanished),
        unbalanced=sum(map(abs, ends.uneven.values())) + abs(taken - parts),
        resent=sum(it.resent for it in ends.sent),
        **{name: totals[name] for name in _SHOWN},
    )


@dataclass(frozen=True)
class Sent:
    """What a sender knows, at one moment."""

    told: dict[Place, int]
    opened: dict[Place, int]
    closed: dict[Pair, int]
    resent: int

    @property
    def uneven(self) -> dict[Pair, int]:
        """By how many messages told differs from closed and open, where it does."""
        parts = Counter[Pair]()
        for place, count in self.told.items():
            parts[place[:2]] += count
        for place, count in self.opened.items():
            parts[place[:2]] -= count
        parts.subtract(self.closed)
        return {pair: count for pair, count in parts.items() if count}


@dataclass(frozen=True)
class Seen:
    """What a receiver knows, at one moment."""

    places: dict[Place, int]
    totals: dict[str, int]
    gaps: frozenset[Place]
    vanished: frozenset[str]
    """The ids of messages, each with its receiver before it."""


@dataclass(frozen=True)
class Ends:
    """Senders and receivers, and where they disagree."""

    services: frozenset[Queue]
    sent: tuple[Sent, ...]
    seen: tuple[Seen, ...]
    told_by_now: dict[Place, int]

    @property
    def lost(self) -> dict[Place, int]:
        """Messages that are closed at their sender and were never taken."""
        taken = self._taken
        missing = {
            place: count - it.opened.get(place, 0) - taken.get(place, 0)
            for it in self.sent
            for place, count in it.told.items()
            if place[1] in self.services
        }
        return {place: count for place, count in missing.items() if count > 0}

    @property
    def twice(self) -> dict[Place, int]:
        """Messages that were taken and never told."""
        more = {
            place: count - self.told_by_now.get(place, 0) for place, count in self._taken.items()
        }
        return {place: count for place, count in more.items() if count > 0}

    @property
    def gaps(self) -> frozenset[Place]:
        """Aggregates whose applied messages are not numbered 1..n, each once."""
        return frozenset(place for it in self.seen for place in it.gaps)

    @property
    def vanished(self) -> frozenset[str]:
        """Messages of which an inbox knows that they wait, and nothing waits; or the reverse."""
        return frozenset(message for it in self.seen for message in it.vanished)

    @property
    def uneven(self) -> dict[Pair, int]:
        """Pairs whose messages told are not those closed and open."""
        return {pair: count for it in self.sent for pair, count in it.uneven.items()}

    @property
    def _taken(self) -> dict[Place, int]:
        return {place: count for it in self.seen for place, count in it.places.items()}


def read_ends(urls: Urls, services: Iterable[Queue] = Queue) -> Ends:
    """Read every sender, then every receiver, then once more what was told.

    In this order nothing that moves meanwhile looks lost or doubled.
    """
    services = tuple(services)
    sent = tuple(_sent(urls(service), service) for service in services)
    seen = tuple(_seen(urls(service), service) for service in services)
    told = {place: last for it in services for place, last in _told(urls(it), it).items()}
    return Ends(frozenset(services), sent, seen, told)


def _sent(url: str, service: Queue) -> Sent:
    with connect(url) as connection:
        told = _places(connection, service, _TOLD)
        opened = _places(connection, service, _OPEN)
        rows = connection.execute("SELECT destination, closed, resent FROM outbox_totals")
        totals = {row[0]: (int(row[1]), int(row[2])) for row in rows}
    closed = {(str(service), destination): closed for destination, (closed, _) in totals.items()}
    return Sent(told, opened, closed, resent=sum(resent for _, resent in totals.values()))


def _told(url: str, service: Queue) -> dict[Place, int]:
    with connect(url) as connection:
        return _places(connection, service, _TOLD)


def _places(
    connection: Connection[tuple[Any, ...]], service: Queue, statement: str
) -> dict[Place, int]:
    rows = connection.execute(statement)
    return {(str(service), destination, about): int(count) for destination, about, count in rows}


def _seen(url: str, service: Queue) -> Seen:
    with connect(url) as connection:
        rows = connection.execute(_PLACES).fetchall()
        totals = {name: int(value) for name, value in connection.execute(_TOTALS)}
        vanished = connection.execute(_VANISHED).fetchall()
    totals["handled"] = sum(row[2] for row in rows)
    places = {(row[0], str(service), row[1]): row[2] + row[3] for row in rows}
    return Seen(
        places,
        totals,
        gaps=frozenset((row[0], str(service), row[1]) for row in rows if not row[4]),
        vanished=frozenset(f"{service} {row[0]}" for row in vanished),
    )


_TOLD = """
    SELECT destination, aggregate_id, last
      FROM outbox_sequences, jsonb_each_text(last_sequences) AS told(destination, last)
"""
_OPEN = """
    SELECT destination, aggregate_id, count(*)
      FROM outbox, unnest(aggregates) AS told(aggregate_id) GROUP BY 1, 2
"""

_SHOWN = ("handled", "held", "behind", "parked", "stale")
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
"""

_VANISHED = """
    WITH parked AS (SELECT message_id FROM parked_messages WHERE replayed_at IS NULL)
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
"""
