"""The window in which the older law lets somebody apply, and what was applied for within it."""

from dataclasses import dataclass
from datetime import date, timedelta

from services.livelihood_support.policy.facts import Known, ToldFact
from shared.law import End

WARN_BEFORE = timedelta(days=30)
"""How long before the last day a case owner is told: time to visit the commune with the person."""
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Window:
    """When a window closes, and what was told of it.

    ``end`` is unset while the day of identification is not known, or the law sets no period.
    """

    end: End | None
    is_excepted: bool | None = None
    is_start_told: bool = False

    def look_on(self, today: date) -> date | None:
        """When to look again: some time before the last day, then the day after it, then never."""
        if self.end is None or self.is_excepted or today > self.end.last_day:
            return None
        warn_on = self.end.last_day - WARN_BEFORE
        return warn_on if today < warn_on else self.end.last_day + ONE_DAY

    def applied(self, on: date) -> Known | None:
        """Whether an application of this day is in time; ``None`` while that is not known.

        An exception counts whatever the days say. Without one, a day after the last is too late.
        """
        if self.is_excepted:
            return Known(holds=True, told=ToldFact.WINDOW_EXCEPTION)
        if self.end is None:
            return None
        told = ToldFact.IDENTIFIED if self.is_start_told else None
        return Known(holds=on <= self.end.last_day, told=told)
