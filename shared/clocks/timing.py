"""When a clock is warned of, and when it goes on to the next level: by rows, like all periods."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from shared.contracts.vocabulary import ClockLevel
from shared.kit.clock import local_date, start_of_day
from shared.law import End, Period, PeriodKey, Rules, Unit, end_of, work_calendar

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Running:
    """What of a clock that runs decides when it is next seen to."""

    started_at: datetime
    end: End | None
    due_at: datetime
    level: ClockLevel | None
    level_since: datetime | None


def next_of(clock: Running, rules: Rules) -> datetime:
    """When the next stage of a clock comes: its warning, the next level, or that it is late."""
    if clock.level is None:
        return min(warned_from(clock, rules), clock.due_at)
    if clock.level is ClockLevel.OFFICER and clock.level_since is not None:
        return min(_escalated_from(clock.level_since, rules), clock.due_at)
    return clock.due_at


def warned_from(clock: Running, rules: Rules) -> datetime:
    """When whoever must act is warned: so long before the last day as the row says.

    Never on the day on which it began: what was given today is read today.
    """
    end = clock.end
    if end is None:
        return clock.due_at
    in_hours = end.period.unit is Unit.HOUR
    key = PeriodKey.CLOCK_WARNING_IN_HOURS if in_hours else PeriodKey.CLOCK_WARNING
    row = rules.find(key, on=local_date(clock.started_at))
    if row.amount is None:
        return clock.due_at
    if in_hours:
        return max(clock.started_at, clock.due_at - timedelta(hours=row.amount))
    first = start_of_day(end.started_on + ONE_DAY)
    return max(first, start_of_day(_earlier(end.last_day, row, row.amount)))


def _earlier(day: date, row: Period, amount: int) -> date:
    """So many days, or days on which offices work, before a day."""
    left, calendar = amount, work_calendar()
    while left > 0:
        day -= ONE_DAY
        if row.unit is not Unit.WORKING_DAY or calendar.is_working(day):
            left -= 1
    return day


def _escalated_from(warned_at: datetime, rules: Rules) -> datetime:
    """When it goes on from those who act to whoever leads them; never while the row is unset."""
    row = rules.find(PeriodKey.CLOCK_ESCALATION, on=local_date(warned_at))
    end = end_of(row, warned_at)
    return end.at if end else datetime.max.replace(tzinfo=warned_at.tzinfo)
