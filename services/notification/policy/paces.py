"""How fast what waits is sent again: so many a minute, never more in any minute."""

from dataclasses import dataclass
from datetime import datetime, timedelta

A_MINUTE = 60.0
SLACK = 5.0
"""Seconds of lateness that are made up for: whoever paces looks every second or two. After a longer
silence, as of a sender that was killed, the pace begins anew instead of all at once.
"""
FASTEST = 6_000
"""Deliveries a minute that may be asked for: more than one sender sends."""

MOST_AT_ONCE = 10_000
"""Deliveries that may be chosen for one replay."""


@dataclass(frozen=True)
class Step:
    """How many may go now."""

    count: int
    since: datetime
    gap: float

    def next_at(self, went: int) -> datetime:
        """When the next may go, after so many of these went."""
        return self.since + timedelta(seconds=self.gap * went)


def step_of(per_minute: int, *, next_at: datetime, now: datetime, within_last_minute: int) -> Step:
    """How many may go now, if one may from ``next_at`` on and so many went within a minute.

    Both bounds hold whoever is killed when, for both are read from what was committed: the first
    spreads a minute's number over it, the second makes it the most of any minute.
    """
    gap = A_MINUTE / per_minute
    since = max(next_at, now - timedelta(seconds=SLACK))
    late = (now - since).total_seconds()
    may_go = int(late / gap) + 1 if late >= 0 else 0
    return Step(min(may_go, max(0, per_minute - within_last_minute)), since, gap)
