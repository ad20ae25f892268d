"""Clocks of made-up rows under a made-up calendar; what the tests of the room stand on."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from unittest.mock import patch
from uuid import UUID

from shared.clocks import Beginning, Clock, begun
from shared.kit.clock import HAI_PHONG
from shared.law import (
    Certainty,
    Override,
    OwnerRole,
    Period,
    PeriodKey,
    Rules,
    Unit,
    WorkCalendar,
    rules,
)

THING = UUID("01946f2e-6a00-7001-8b4d-5f3e2a1c0001")
FACT = UUID("01946f2e-6a00-7001-8b4d-5f3e2a1c0002")
MONDAY = date(2026, 3, 2)


def at(day: date, hour: int = 12, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), tzinfo=HAI_PHONG)


def row(amount: int | None, unit: Unit, key: PeriodKey = PeriodKey.PROTECTION_DECISION) -> Period:
    return Period(
        key=key,
        regime=None,
        amount=amount,
        unit=unit,
        owner_role=OwnerRole.PROTECTOR,
        legal_ref="none",
        status=Certainty.ASSUMED,
        starts_with="test.began",
    )


def longer(amount: int, unit: Unit) -> Period:
    return row(amount, unit, PeriodKey.STAY_MAXIMUM)


def swapped(day: date, *, is_working: bool) -> Override:
    return Override(day, is_working, "none", Certainty.ASSUMED)


BOOK: ContextVar[Rules] = ContextVar("BOOK")
"""The rows that a test goes by."""


@contextmanager
def law(*periods: Period, calendar: WorkCalendar | None = None) -> Iterator[None]:
    """These rows in the place of those of their names, and this calendar."""
    named = {each.key for each in periods}
    others = tuple(each for each in rules().periods if each.key not in named)
    with ExitStack() as stack:
        before = BOOK.set(Rules((*periods, *others), rules().countings))
        stack.callback(BOOK.reset, before)
        if calendar is not None:
            for place in ("shared.law.ends", "shared.clocks.timing"):
                stack.enter_context(patch(f"{place}.work_calendar", lambda: calendar))
        yield


def started(period: Period, moment: datetime) -> Clock:
    return begun(BOOK.get(rules()), period, Beginning("test", THING, FACT, moment))


def warning(amount: int | None, unit: Unit = Unit.WORKING_DAY) -> Period:
    (shipped,) = (it for it in rules().periods if it.key is PeriodKey.CLOCK_WARNING)
    return replace(shipped, amount=amount, unit=unit)


def escalation(amount: int | None, unit: Unit = Unit.WORKING_DAY) -> Period:
    (shipped,) = (it for it in rules().periods if it.key is PeriodKey.CLOCK_ESCALATION)
    return replace(shipped, amount=amount, unit=unit)


def days_after(day: date, days: int) -> date:
    return day + timedelta(days=days)
