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

    def open_to(self, today: date) -> date | None:
        """The last day of a window that is open today; ``None`` if it closes nothing from now on.

        It does not while its last day is not known, nor under an exception, nor once it is closed.
        """
        if self.end is None or self.is_excepted or today > self.end.last_day:
            return None
        return self.end.last_day

    def closes_soon(self, today: date) -> date | None:
        """The last day of an open window, from some time before it on."""
        last_day = self.open_to(today)
        return last_day if last_day and today >= last_day - WARN_BEFORE else None

    def look_on(self, today: date) -> date | None:
        """When to look at it first: some time before the last day, at once if that has come."""
        last_day = self.open_to(today)
        return max(today, last_day - WARN_BEFORE) if last_day else None

    def look_after(self, today: date) -> date | None:
        """When to look again: some time before the last day, then the day after it, then never."""
        last_day = self.open_to(today)
        if last_day is None:
            return None
        return last_day + ONE_DAY if self.closes_soon(today) else last_day - WARN_BEFORE

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
