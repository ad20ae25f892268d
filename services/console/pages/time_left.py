"""How long somebody has, in words: in working days, as offices count."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from shared.law.calendar import work_calendar

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Said:
    """A text of the console and its facts."""

    code: str
    facts: Mapping[str, Any]


def time_left(last_day: date, today: date) -> Said:
    """From today to the last day of something, or since then.

    Days are counted as working days; where none lies between, as days, so that nobody reads of
    nought days on a Saturday.
    """
    if last_day == today:
        return Said("left-today", {})
    is_late = last_day < today
    first, last = sorted((last_day, today))
    between = [first + ONE_DAY * n for n in range(1, (last - first).days + 1)]
    working = sum(work_calendar().is_working(day) for day in between)
    name = "late" if is_late else "left"
    if working:
        return Said(f"{name}-working-days", {"days": working})
    return Said(f"{name}-days", {"days": len(between)})
