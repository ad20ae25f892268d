"""What operators see first: what waits and how old it is, out of what each service counts."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.console.pages.ages import DANGER, GOOD, MUTED, OLD, SOON, seconds_between, tone_of
from services.console.pages.channel_health import Shown, channels_of
from services.console.pages.recipients import is_down, recipients_of
from services.console.pages.visit import Panel, Visit
from shared.contracts import Queue

SILENT = 60
"""Seconds without a sign of life; canaries come every few seconds."""


@dataclass(frozen=True)
class Tile:
    """One figure: how many, how old the oldest is, and where to look."""

    code: str
    count: int | None
    """Unset where it is not known."""
    oldest: int | None
    """Seconds."""
    tone: str
    link: str | None = None


@dataclass(frozen=True)
class Lane:
    """One queue: what is told to its service, and what this has taken over and not handled."""

    queue: Queue
    waiting: int
    oldest: int | None
    """Seconds since the oldest of them was told or taken over."""
    is_missing: bool
    """Whether its service did not say how it goes."""
    has_worker: bool
    has_relay: bool

    @property
    def tone(self) -> str:
        """As the word says that comes with it."""
        if self.is_missing or not (self.has_worker and self.has_relay):
            return DANGER
        return tone_of(self.oldest)

    @property
    def share(self) -> int:
        """How much of an hour it is old, of a hundred."""
        return min(100, max(1, (self.oldest or 0) * 100 // OLD)) if self.oldest else 0


@dataclass(frozen=True)
class Board:
    """All of it, and which services did not answer."""

    tiles: Sequence[Tile]
    lanes: Sequence[Lane]
    missing: Sequence[Queue]
    at: str | None
    """When the first of them counted."""


async def counted(visit: Visit) -> dict[Queue, Panel]:
    """What each service counts, asked of all at once."""
    panels = await asyncio.gather(*(visit.panel(it, "/operations") for it in Queue))
    return dict(zip(Queue, panels, strict=True))


async def board_of(visit: Visit) -> Board:
    """The board as it is now."""
    panels, recipients, channels = await asyncio.gather(
        counted(visit), recipients_of(visit), channels_of(visit)
    )
    told = {queue: panel.told for queue, panel in panels.items() if panel.told is not None}
    return Board(
        tiles=[
            *_tiles(told),
            _endpoints(recipients.told),
            _channels(channels),
            _archive(told.values()),
        ],
        lanes=[lane_of(queue, told) for queue in panels],
        missing=[queue for queue, panel in panels.items() if panel.is_missing],
        at=min((each["at"] for each in told.values()), default=None),
    )


def lane_of(queue: Queue, told: Mapping[Queue, Any]) -> Lane:
    """A queue: every sender's outbox for it, and what its service holds."""
    own = told.get(queue)
    ages = [
        (each["messages"], seconds_between(each["oldest_at"], it["at"]))
        for it in told.values()
        for each in it["outbox"]
        if each["destination"] == queue
    ]
    if own is not None:
        ages += [(it["count"], seconds_between(it["oldest_at"], own["at"])) for it in own["held"]]
    return Lane(
        queue=queue,
        waiting=sum(count for count, _ in ages),
        oldest=_oldest(age for _, age in ages),
        is_missing=own is None,
        has_worker=own is not None and _is_seen(own["worker_seen_at"], own["at"]),
        has_relay=own is not None and _is_seen(own["relay_seen_at"], own["at"]),
    )


def _is_seen(seen: str | None, at: str) -> bool:
    age = seconds_between(seen, at)
    return age is not None and age <= SILENT


def _oldest(ages: Iterable[int | None]) -> int | None:
    return max((age for age in ages if age is not None), default=None)


def _tiles(told: Mapping[Queue, Any]) -> list[Tile]:
    sent = [(it["at"], each) for it in told.values() for each in it["outbox"]]
    open_for = _oldest(seconds_between(each["oldest_at"], at) for at, each in sent)
    parked = [(it["at"], it["parked"]) for it in told.values()]
    parked_for = _oldest(seconds_between(each["oldest_at"], at) for at, each in parked)
    sweeps = [(it["at"], each) for it in told.values() for each in it["failing_sweeps"]]
    late_for = _oldest(seconds_between(each["since"], at) for at, each in sweeps)
    many = sum(each["count"] for _, each in parked)
    return [
        Tile("outbox", sum(it["messages"] for _, it in sent), open_for, tone_of(open_for)),
        Tile("parked", many, parked_for, DANGER if many else GOOD, "/operations/parked"),
        Tile("sweeps", len(sweeps), late_for, DANGER if sweeps else GOOD),
    ]


def _endpoints(recipients: Any) -> Tile:
    if recipients is None:
        return Tile("endpoints", None, None, MUTED, "/deliveries")
    down = [each for each in recipients if is_down(each)]
    return Tile("endpoints", len(down), None, DANGER if down else GOOD, "/deliveries")


def _channels(channels: Sequence[Shown] | None) -> Tile:
    if channels is None:
        return Tile("channels", None, None, MUTED, "/deliveries/channels")
    down = [each for each in channels if each.is_down]
    oldest = _oldest(each.age for each in channels)
    return Tile("channels", len(down), oldest, DANGER if down else GOOD, "/deliveries/channels")


def _archive(told: Iterable[Any]) -> Tile:
    ages = [seconds_between(each["archived_at"], each["at"]) for each in told]
    known = [age for age in ages if age is not None]
    if not known:
        return Tile("archive", None, None, SOON)
    return Tile("archive", None, max(known), tone_of(max(known) // 24))
