"""What must hold when the system is quiet, read from the databases of all services.

I1  every referral is at an end or waits with a live clock or a visible alert
I3  messages times destinations = handled + parked, nothing open
I4  per aggregate and sender, what was applied is 1..n without a gap
I5  every state change has its audit entry
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import psycopg

from shared.contracts import Queue

Urls = Callable[[str], str]
"""The psycopg address of a service's database."""


@dataclass(frozen=True)
class Balance:
    """The messages of the whole exchange."""

    told: int
    """Messages times destinations ever stored."""
    open: int
    """Outbox rows no receipt has closed."""
    taken: int
    """Messages taken over by their receivers."""
    handled: int
    """Of these: applied, or refused with a recorded reason."""
    held: int
    """Of these: waiting for their turn or their next try."""
    parked: int
    """Of these: waiting for a person."""
    twice: int
    """Messages whose receiver counted more of an aggregate than its sender told."""
    gaps: int
    """Aggregates whose applied messages are not 1..n."""
    resent: int
    """Sendings beyond the first."""

    @property
    def lost(self) -> int:
        """Messages closed by their sender and unknown to their receiver."""
        return max(self.told - self.open - self.taken, 0)

    @property
    def is_settled(self) -> bool:
        """Nothing is on its way."""
        return self.open == 0 and self.held == 0

    @property
    def is_sound(self) -> bool:
        """I3 and I4 hold: nothing lost, nothing twice, nothing out of order."""
        return self.is_settled and not (self.lost or self.twice or self.gaps)


def balance(urls: Urls, services: Iterable[Queue] = Queue) -> Balance:
    """Count every message at its sender and at its receiver."""
    sent: dict[tuple[str, str, Any], int] = {}
    seen: dict[tuple[str, str, Any], int] = {}
    totals = dict.fromkeys(("open", "taken", "handled", "held", "parked", "gaps", "resent"), 0)
    for service in services:
        with psycopg.connect(urls(service)) as connection:
            sent |= {
                (service, destination, aggregate): last
                for destination, aggregate, last in connection.execute(_SENT)
            }
            seen |= {
                (source, service, aggregate): count
                for source, aggregate, count in connection.execute(_SEEN)
            }
            for name, value in connection.execute(_TOTALS):
                totals[name] += int(value)
    twice = sum(max(count - sent.get(place, 0), 0) for place, count in seen.items())
    return Balance(told=sum(sent.values()), twice=twice, **totals)


_SENT = "SELECT destination, aggregate_id, last_sequence FROM outbox_sequences"
_SEEN = "SELECT source, aggregate_id, count(*) FROM inbox GROUP BY 1, 2"
_TOTALS = """
    SELECT 'open', count(*) FROM outbox
    UNION ALL SELECT 'taken', count(*) FROM inbox
    UNION ALL SELECT 'handled', count(*) FROM inbox WHERE state IN ('handled', 'refused')
    UNION ALL SELECT 'held', count(*) FROM held_messages h
               WHERE next_at IS NOT NULL OR NOT EXISTS (
                     SELECT FROM parked_messages p
                      WHERE p.replayed_at IS NULL
                        AND (p.source, p.aggregate_id) = (h.source, h.aggregate_id))
    UNION ALL SELECT 'parked', count(*) FROM parked_messages WHERE replayed_at IS NULL
    UNION ALL SELECT 'resent', coalesce(sum(resent), 0)::bigint FROM outbox_totals
    UNION ALL SELECT 'gaps', count(*) FROM (
        SELECT c.source, c.aggregate_id
          FROM inbox_cursors c
          LEFT JOIN inbox i ON (i.source, i.aggregate_id) = (c.source, c.aggregate_id)
                           AND i.state IN ('handled', 'refused')
         GROUP BY c.source, c.aggregate_id, c.last_sequence
        HAVING count(i.*) <> c.last_sequence
            OR coalesce(min(i.sequence), 1) <> 1
            OR coalesce(max(i.sequence), 0) <> c.last_sequence) AS broken
"""
