"""How old each queue grew within the last day, hour by hour: as drawn, and in words."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.console.pages.ages import OLD, tone_of
from services.console.pages.visit import Visit
from shared.contracts import Queue
from shared.kit.clock import HAI_PHONG

HEIGHT = 24
"""Of the drawing; an hour of waiting fills it."""
AN_HOUR = timedelta(hours=1)
HOURS = 24


@dataclass(frozen=True)
class Hour:
    """One hour of a queue."""

    begins: datetime
    seconds: int
    """How old the oldest message to it grew."""

    @property
    def height(self) -> int:
        """Of its bar: whatever waited at all can be seen."""
        return min(HEIGHT, max(1, self.seconds * HEIGHT // OLD)) if self.seconds else 0

    @property
    def tone(self) -> str:
        """What its age means."""
        return tone_of(self.seconds)

    @property
    def since(self) -> str:
        """When it began, as it is read here."""
        return f"{self.begins.astimezone(HAI_PHONG):%H:%M}"

    @property
    def until(self) -> str:
        """When it ended, as it is read here."""
        return f"{(self.begins + AN_HOUR).astimezone(HAI_PHONG):%H:%M}"


@dataclass(frozen=True)
class QueueOfDay:
    """A day of one queue."""

    queue: Queue
    hours: Sequence[Hour]
    is_missing: bool
    """Whether no service said how old what it tells has grown."""

    @property
    def most(self) -> Hour | None:
        """The hour in which it grew oldest; unset if everything went through at once."""
        found = max(self.hours, key=lambda hour: hour.seconds, default=None)
        return found if found and found.seconds else None

    @property
    def tone(self) -> str:
        """What that age means."""
        return self.most.tone if self.most else tone_of(None)


@dataclass(frozen=True)
class Day:
    """A day of all queues."""

    queues: Sequence[QueueOfDay]

    def of(self, queue: Queue) -> QueueOfDay:
        """The day of one of them."""
        return next(each for each in self.queues if each.queue == queue)


async def day_of(visit: Visit) -> Day:
    """Ask every service how old what it tells has grown, and take of each queue the oldest."""
    panels = await asyncio.gather(*(visit.panel(it, "/operations/day") for it in Queue))
    told = [panel.told for panel in panels if panel.told is not None]
    return Day([QueueOfDay(queue, _hours(queue, told), not told) for queue in Queue])


def _hours(queue: Queue, told: Sequence[Any]) -> list[Hour]:
    """By the hour, for services may have answered before and after it ended."""
    ages: dict[datetime, int] = {}
    for each in told:
        since = datetime.fromisoformat(each["since"])
        empty = {"destination": queue, "seconds": [0] * HOURS}
        for own in [empty, *each["outbox"]]:
            if own["destination"] == queue:
                for place, seconds in enumerate(own["seconds"]):
                    begins = since + place * AN_HOUR
                    ages[begins] = max(seconds, ages.get(begins, 0))
    return [Hour(begins, ages[begins]) for begins in sorted(ages)[-HOURS:]]
