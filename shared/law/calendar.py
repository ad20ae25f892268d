"""On which days offices in Viet Nam work: weekends, public holidays, and what was decided else."""

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache, lru_cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from shared.contracts.law import Certainty
from shared.law.rows import read


class SkipReason(StrEnum):
    """Why a day does not count."""

    WEEKEND = "weekend"
    PUBLIC_HOLIDAY = "public_holiday"
    """A public holiday, or a working day given off in exchange for another."""
    DECLARED_OFF = "declared_off"
    """A row of ``rules/days.toml`` says so."""
    PAUSED = "paused"
    """The work was paused when the day began."""


@dataclass(frozen=True)
class Skipped:
    """One day that does not count, and why; ``name`` is the holiday's, in Vietnamese."""

    day: date
    reason: SkipReason
    name: str | None = None


@dataclass(frozen=True)
class Override:
    """A day about which the published calendar is wrong: a swapped or an extra day."""

    on: date
    is_working: bool
    legal_ref: str
    status: Certainty


class WorkCalendar:
    """The working days of Viet Nam, with dated rows that come before what is published."""

    def __init__(self, overrides: Iterable[Override] = ()) -> None:
        self._overrides = {each.on: each for each in overrides}

    def skipped(self, day: date) -> Skipped | None:
        """Why offices do not work on a day; ``None`` for a working day."""
        override = self._overrides.get(day)
        if override is None:
            return _days_off(day.year).get(day)
        return None if override.is_working else Skipped(day, SkipReason.DECLARED_OFF)

    def is_working(self, day: date) -> bool:
        """Whether offices work on a day."""
        return self.skipped(day) is None


# Filled whole and never changed: the package fills its own calendar while it is asked, and a
# second thread could look into it half filled.
@lru_cache(maxsize=64)
def _days_off(year: int) -> Mapping[date, Skipped]:
    published = _viet_nam()(years=year, language="vi")
    first, last = date(year, 1, 1), date(year, 12, 31)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return {
        day: Skipped(day, SkipReason.PUBLIC_HOLIDAY, published[day])
        if day in published
        else Skipped(day, SkipReason.WEEKEND)
        for day in days
        if not published.is_working_day(day)
    }


@cache
def _viet_nam() -> Callable[..., Any]:
    """The published calendar of one country, read from its own file when a day is first asked for.

    Asked for by its name, the package loads those of all countries: a second in the middle of the
    first case, and 8 MB for good in every process that knows a day.
    """
    import holidays  # noqa: PLC0415 - most processes ask for no day

    path = Path(holidays.__file__).parent / "countries" / "vietnam.py"
    spec = spec_from_file_location("holidays.countries.vietnam", path)
    assert spec is not None and spec.loader is not None  # noqa: S101, PT018 - a file of Python is one
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    calendar: Callable[..., Any] = module.Vietnam
    return calendar


def parse_overrides(text: str) -> tuple[Override, ...]:
    """The rows of ``days.toml``; an unknown word in it is an error."""
    return tuple(
        Override(row["on"], row["is_working"], row["legal_ref"], Certainty(row["status"]))
        for row in tomllib.loads(text).get("day", ())
    )


@cache
def work_calendar() -> WorkCalendar:
    """The calendar of this release."""
    return WorkCalendar(parse_overrides(read("days.toml")))
