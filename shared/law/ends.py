"""When a period ends, and why then.

A period counted in days, months or years begins on the day after its event and ends with the last
moment of its last day (Civil Code 91/2015/QH13 Arts 147-148), by the calendar of Hải Phòng; one
counted in hours begins at once and ends to the minute, at night and on a Sunday too.

- *A calendar period that would end on a day off* ends with the next working day. That this holds is
  itself a dated row, ``civil_code.day_off`` (Art. 148(5)), and an end that it moved names it.
- *A period of working days* leaves every day off out, so it never ends on one.
- *A pause* moves the end. A period in hours is longer by as long as the pause was. Every other
  period leaves out whole days: those during which, when they began (00:00), the work was paused. A
  pause from Monday noon to Thursday noon leaves out Tuesday, Wednesday and Thursday; one that ends
  on the day it began leaves out none; two that overlap leave out no day twice. A day off within a
  pause lengthens a period of calendar days, and not one of working days, which did not count it.
"""

from calendar import monthrange
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from shared.contracts.law import Unit
from shared.kit.clock import local_date, start_of_day
from shared.law.calendar import Skipped, SkipReason, WorkCalendar, work_calendar
from shared.law.periods import Counting, CountingKey, Period
from shared.law.rows import Rules, rules

ONE_DAY = timedelta(days=1)
_MONTHS = {Unit.MONTH: 1, Unit.YEAR: 12}


@dataclass(frozen=True)
class Pause:
    """From when until before when the work was paused, and for which reason."""

    since: datetime
    until: datetime
    reason: str | None = None


@dataclass(frozen=True)
class Moved:
    """The day off on which a period would have ended, and the rule that moved its end."""

    day: date
    by: Counting


@dataclass(frozen=True)
class End:
    """When a period ends, and everything that decided it."""

    period: Period
    started_on: date
    """The day of the event; it does not count."""
    last_day: date
    at: datetime
    """The first moment after it."""
    skipped: tuple[Skipped, ...]
    """The days that were left out, in order."""
    moved: Moved | None
    """Set if it would have ended on a day off."""
    pauses: tuple[Pause, ...]
    """Those that lie in the period, also where they left out nothing."""


def end_of(
    period: Period,
    start: date | datetime,
    *,
    pauses: Collection[Pause] = (),
    calendar: WorkCalendar | None = None,
    countings: Rules | None = None,
) -> End | None:
    """When a period that began at ``start`` ends; ``None`` while its amount is unset.

    A period in hours needs the moment it began at: a day alone is a ``ValueError``. ``pauses`` are
    those that are over; one that still lasts moves the end when it is over.
    """
    if period.amount is None:
        return None
    stops = tuple(sorted(pauses, key=lambda each: (each.since, each.until)))
    if period.unit is Unit.HOUR:
        return _end_in_hours(period, period.amount, start, stops)
    began = local_date(start) if isinstance(start, datetime) else start
    days = calendar or work_calendar()
    left_out = _Days(days, _paused_days(stops), counts_days_off=period.unit is not Unit.WORKING_DAY)
    last, skipped = left_out.walk(began, _length(period.unit, period.amount, began))
    rule = (countings or rules()).counting(CountingKey.DAY_OFF, on=began)
    moved = None
    if rule is not None and not days.is_working(last):
        moved = Moved(last, rule)
        last, more = left_out.next_working(last)
        skipped += more
    at = start_of_day(last + ONE_DAY)
    within = _within(stops, start_of_day(began + ONE_DAY), at)
    return End(period, began, last, at, tuple(skipped), moved, within)


def _within(pauses: Sequence[Pause], first: datetime, end: datetime) -> tuple[Pause, ...]:
    return tuple(each for each in pauses if each.until > first and each.since < end)


@dataclass(frozen=True)
class _Days:
    """Which days count."""

    calendar: WorkCalendar
    paused: frozenset[date]
    counts_days_off: bool

    def walk(self, start: date, length: int) -> tuple[date, list[Skipped]]:
        """The last of so many days that count, after ``start``, and those left out before it."""
        day, left, skipped = start, length, list[Skipped]()
        while left > 0:
            day += ONE_DAY
            why = self._left_out(day)
            if why is None:
                left -= 1
            else:
                skipped.append(why)
        return day, skipped

    def _left_out(self, day: date) -> Skipped | None:
        off = None if self.counts_days_off else self.calendar.skipped(day)
        return off or (Skipped(day, SkipReason.PAUSED) if day in self.paused else None)

    def next_working(self, day: date) -> tuple[date, list[Skipped]]:
        """The next day on which offices work and the work is not paused, and those until then."""
        only_working = _Days(self.calendar, self.paused, counts_days_off=False)
        last, between = only_working.walk(day, 1)
        off = self.calendar.skipped(day)
        return last, [off, *between] if off else between


def _length(unit: Unit, amount: int, start: date) -> int:
    """How many days count; months and years reach to the corresponding day, or the month's last."""
    if unit not in _MONTHS:
        return amount
    years, month = divmod(start.month - 1 + amount * _MONTHS[unit], 12)
    year = start.year + years
    last = date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))
    return (last - start).days


def _paused_days(pauses: Sequence[Pause]) -> frozenset[date]:
    """The days that began during a pause."""
    return frozenset(
        day
        for pause in pauses
        for day in _days_between(_next_morning(pause.since), _next_morning(pause.until))
    )


def _next_morning(moment: datetime) -> date:
    """The first day that begins at this moment or later."""
    day = local_date(moment)
    return day if start_of_day(day) == moment else day + ONE_DAY


def _days_between(first: date, end: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((end - first).days)]


def _end_in_hours(
    period: Period,
    amount: int,
    start: date | datetime,
    pauses: tuple[Pause, ...],
) -> End:
    if not isinstance(start, datetime):
        raise ValueError("a period in hours begins at a moment")  # noqa: TRY004 - a value's lack
    end, reached = start + timedelta(hours=amount), start
    for pause in pauses:
        since, until = max(pause.since, reached), max(pause.until, reached)
        if since < end:
            end += until - since
            reached = until
    at = end.astimezone(UTC)
    within = _within(pauses, start, end)
    return End(period, local_date(start), local_date(end), at, (), None, within)
