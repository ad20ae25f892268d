"""The days of a scene."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from deploy.deadlines.exchange import Case, Exchange
from shared.contracts.vocabulary import ClockLevel
from shared.kit.clock import local_date, start_of_day

DAY = timedelta(days=1)
MORNING = timedelta(hours=8)
A_WHILE = timedelta(minutes=10)
BEFORE_THE_NEW_LAW = {"received_at": "2025-06-20T09:00:00+07:00", "late_reason": "paper_record"}
"""Who was received then has the former law, whose periods of a verification are known."""
WARNED, BREACHED = "clock_warned", "clock_breached"
SOON = 4.0
"""Seconds in which what a morning brings is mostly there; what is slower is found the next one."""


def morning_of(instant: datetime, later: int = 0) -> datetime:
    """Eight o'clock in Hải Phòng on a day, or so many days later."""
    return start_of_day(local_date(instant) + later * DAY) + MORNING


def come_to(
    exchange: Exchange, case: Case, level: ClockLevel, until: datetime
) -> Iterator[datetime]:
    """Let mornings pass until the story of a case says that a period has come to a level."""
    at = exchange.dial.now
    while exchange.soon(lambda: exchange.told(case, WARNED, level), SOON) is None:
        at = morning_of(at, 1)
        if at > until:
            exchange.until(f"{WARNED}: {level}", lambda: exchange.told(case, WARNED, level))
            return
        yield at
