"""The one place that reads a clock; composition roots hand it on."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]

HAI_PHONG = ZoneInfo("Asia/Ho_Chi_Minh")
"""Dates (``*_on``) are the calendar days of Hải Phòng; instants (``*_at``) are UTC."""


def utc_now() -> datetime:
    """The current instant, aware, in UTC."""
    return datetime.now(UTC)


def minute_of(instant: datetime) -> datetime:
    """The minute an instant lies in: all that outsiders are told of when something happened.

    What happened to one person at one moment carries the same microsecond everywhere.
    """
    return instant.replace(second=0, microsecond=0)


def local_date(instant: datetime) -> date:
    """The calendar day in Hải Phòng at an instant."""
    return instant.astimezone(HAI_PHONG).date()


def start_of_day(day: date) -> datetime:
    """The instant at which a calendar day begins in Hải Phòng."""
    return datetime.combine(day, time.min, HAI_PHONG).astimezone(UTC)


LAST_SECOND = 253_402_300_799
"""The end of the year 9999: no later moment can be written as a date."""


def numeric_date(value: object) -> float | None:
    """A claim's NumericDate (RFC 7519 section 2) in seconds; ``None`` for what is none.

    No flag, no text, no number that is negative, infinite, not a number or beyond any calendar.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value <= LAST_SECOND else None
