"""Four weeks at a glance: what ends on each day, one's own and others', and who is closed then."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from shared.law.calendar import work_calendar

DAYS = 28
A_WEEK = timedelta(days=7)
MOST = 3
"""From so many on a day looks as full as it can."""


@dataclass(frozen=True)
class StripDay:
    """One day of the strip."""

    day: date
    count: int
    """How much of one's own ends then."""
    others: int
    """How many periods end then that somebody else has to keep."""
    is_today: bool
    is_past: bool
    is_off: bool
    """Whether offices are closed."""

    @property
    def label(self) -> str:
        """As short as it can be: the month stands where a week begins."""
        return f"{self.day:%d/%m}" if self.day.isoweekday() == 1 else str(self.day.day)

    @property
    def look(self) -> str:
        """What a day looks like: late, or fuller the more ends on it."""
        if not self.count and self.others:
            return "others-late" if self.is_past else "others"
        if not self.count:
            return "off" if self.is_off else "free"
        return "late" if self.is_past else f"full-{min(self.count, MOST)}"


def strip(
    counts: Mapping[date, int], others: Mapping[date, int], today: date
) -> Sequence[StripDay]:
    """Four weeks from the Monday of last week on."""
    monday = today - timedelta(days=today.isoweekday() - 1) - A_WEEK
    days = [monday + timedelta(days=n) for n in range(DAYS)]
    return [
        StripDay(
            day=day,
            count=counts.get(day, 0),
            others=others.get(day, 0),
            is_today=day == today,
            is_past=day < today,
            is_off=not work_calendar().is_working(day),
        )
        for day in days
    ]
