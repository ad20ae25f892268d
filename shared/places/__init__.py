"""Administrative units by date: static facts, the same for every service.

``units.csv`` has the units of Hải Phòng and of what was Hải Dương, one row for each time a code had
a meaning (sources and doubts: ``services/directory/seed/SOURCES.md``). Of the rest of the country
only the span of its numbers is known here.
"""

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import TypeVar

FILE = Path(__file__).with_name("units.csv")

COMMUNE_DIGITS = 5
_COMMUNE = re.compile(rf"[0-9]{{{COMMUNE_DIGITS}}}")
_DISTRICT = re.compile("[0-9]{3}")
NUMBERED = range(1, 33_000)
"""The state's list numbers communes, wards and special zones of the whole country one after the
other; it ends with those of Cà Mau, below 32300."""
WHOLE_CITY = "31"
"""The code of Hải Phòng; what holds for it holds for every unit inside."""
WHOLE_COUNTRY = "VN"
LISTED_FROM = date(2025, 1, 1)
"""From this day on every commune of the city is in ``units.csv``; older ones are not."""
MERGED_ON = date(2025, 7, 1)
"""Hải Dương became part of the city (Resolution 202/2025/QH15), and districts ended."""
OF_THE_CITY = range(10_507, 11_949)
"""The numbers of Hải Dương and Hải Phòng in that list: it numbers communes province by province, so
a unit's number says where it lies."""
OF_THE_CITY_BEFORE = range(11_296, 11_949)
"""Those that were the city's until it merged."""
DISTRICTS = range(303, 319)
"""Its districts, numbered likewise, while there were any."""


@dataclass(frozen=True)
class Life:
    """The days on which a code meant a unit; the last is included, unset while it is in force."""

    first: date
    last: date | None

    def has(self, on: date) -> bool:
        """Whether the unit was there on a day."""
        return self.first <= on and (self.last is None or on <= self.last)


Lived = TypeVar("Lived", bound=Life)


def meant(known: Iterable[Lived], on: date) -> Lived:
    """What a code means on a day, of all it ever meant; one that has ended: what it meant last."""
    ordered = sorted(known, key=lambda life: life.first)
    begun = [life for life in ordered if life.first <= on]
    return begun[-1] if begun else ordered[0]


def life_of(row: dict[str, str]) -> Life:
    """The days of a row."""
    last = date.fromisoformat(row["valid_to"]) if row["valid_to"] else None
    return Life(date.fromisoformat(row["valid_from"]), last)


def rows(file: Path = FILE) -> Sequence[dict[str, str]]:
    """The rows as written."""
    with file.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


@cache
def lives() -> dict[str, tuple[Life, ...]]:
    """When each code meant a unit, and another one after that."""
    found: dict[str, tuple[Life, ...]] = {}
    for row in rows():
        found[row["code"]] = (*found.get(row["code"], ()), life_of(row))
    return found


def can_exist(code: str) -> bool:
    """Whether the state's list has numbers like this commune's at all."""
    return _COMMUNE.fullmatch(code) is not None and int(code) in NUMBERED


def is_numbered_here(code: str) -> bool:
    """Whether a commune of this number would lie in the city as it is since July 2025."""
    return can_exist(code) and int(code) in OF_THE_CITY


def is_in_city(code: str, on: date) -> bool:
    """Whether a unit of this number, of whatever level, lies in the city on a day."""
    if code == WHOLE_CITY or on >= MERGED_ON:
        return code == WHOLE_CITY or is_numbered_here(code)
    if _DISTRICT.fullmatch(code):
        return int(code) in DISTRICTS
    return can_exist(code) and int(code) in OF_THE_CITY_BEFORE


def was_there(code: str) -> bool:
    """Whether the code is known to have meant a unit on some day."""
    return code in lives()


def is_there(code: str, on: date) -> bool:
    """Whether the code is known to mean a unit on a day."""
    return any(life.has(on) for life in lives().get(code, ()))


def is_known_to_be_none(code: str, on: date) -> bool:
    """Whether a commune's code, which meant a unit on some other day, means none on this one.

    Before the list begins nothing is known to be none; nor is a number of the city that was never
    listed, which may be younger than the list.
    """
    return on >= LISTED_FROM and was_there(code) and not is_there(code, on)
