"""When an answer is due. Working days know the public holidays of Viet Nam and swapped days.

A period starts on the day after its event and ends with its last day (Civil Code 91/2015/QH13,
Arts 147-148), counted in the calendar of Hải Phòng.
"""

import tomllib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache

from holidays import HolidayBase, country_holidays

from services.livelihood_support.policy.entitlement import RuleStatus
from shared.kit.clock import HAI_PHONG, local_date

UNSET = "unset"


class Unit(StrEnum):
    """What a period is counted in."""

    DAY = "day"
    WORKING_DAY = "working_day"


@dataclass(frozen=True)
class Deadline:
    """One dated rule; without an amount it starts no clock."""

    key: str
    amount: int | None
    unit: Unit
    legal_ref: str
    status: RuleStatus


def parse_deadline(text: str, key: str) -> Deadline:
    """The rule of this key for every regime; ``KeyError`` when the file has none."""
    for row in tomllib.loads(text)["rule"]:
        if row["key"] == key and row["regime"] == "any":
            return Deadline(
                key=key,
                amount=None if row["amount"] == UNSET else int(row["amount"]),
                unit=Unit(row["unit"]),
                legal_ref=row["legal_ref"],
                status=RuleStatus(row["status"]),
            )
    raise KeyError(key)


def due_at(start: datetime, deadline: Deadline) -> datetime | None:
    """The end of the last day of a period begun at ``start``; ``None`` while it is unset."""
    if deadline.amount is None:
        return None
    day = local_date(start)
    left = deadline.amount
    while left > 0:
        day += timedelta(days=1)
        if deadline.unit is Unit.DAY or is_working_day(day):
            left -= 1
    return _end_of(day)


def is_working_day(day: date) -> bool:
    """Whether offices in Viet Nam work on this day."""
    return _calendar(day.year).is_working_day(day)


# A calendar of its own for each year: the package fills a shared one lazily, and a second thread
# could look into it half filled.
@lru_cache(maxsize=16)
def _calendar(year: int) -> HolidayBase:
    return country_holidays("VN", years=year)


def _end_of(day: date) -> datetime:
    midnight = datetime.combine(day + timedelta(days=1), time.min, tzinfo=HAI_PHONG)
    return midnight.astimezone(UTC)
