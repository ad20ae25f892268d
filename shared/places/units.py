"""Units as values: what a code means on a day, in what it lies, and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache

from shared.places import Life, life_of, meant, rows

ONE_DAY = timedelta(days=1)


class UnitKind(StrEnum):
    """Administrative units before and after 1 July 2025 (Resolution 202/2025/QH15)."""

    PROVINCE = "province"
    DISTRICT = "district"
    COMMUNE = "commune"
    WARD = "ward"
    SPECIAL_ZONE = "special_zone"


@dataclass(frozen=True)
class Unit(Life):
    """An administrative unit, on the days on which its code meant it."""

    code: str
    name: str
    """The official name, in Vietnamese."""
    kind: UnitKind
    parent_code: str | None
    """In what it lies; unset for a province."""
    predecessor_codes: frozenset[str]
    """The units that ended on the day before its first, and went into it, wholly or in part."""
    source: str
    """Where the row was taken from (``services/directory/seed/SOURCES.md``)."""

    @property
    def valid_from(self) -> date:
        """The first day."""
        return self.first

    @property
    def valid_to(self) -> date | None:
        """The first day on which it is no more, as intervals are written in tables and messages."""
        return self.last and self.last + ONE_DAY


@cache
def _units() -> dict[str, tuple[Unit, ...]]:
    found: dict[str, tuple[Unit, ...]] = {}
    for row in rows():
        found[row["code"]] = (*found.get(row["code"], ()), _read(row))
    return found


def _read(row: dict[str, str]) -> Unit:
    life = life_of(row)
    return Unit(
        first=life.first,
        last=life.last,
        code=row["code"],
        name=row["name"],
        kind=UnitKind(row["kind"]),
        parent_code=row["parent_code"] or None,
        predecessor_codes=frozenset(filter(None, row["predecessor_codes"].split(";"))),
        source=row["source"],
    )


def unit(code: str, on: date) -> Unit | None:
    """What a code means on a day; ``None`` if it is not known to mean anything."""
    return next((each for each in _units().get(code, ()) if each.has(on)), None)


def units_on(on: date) -> Sequence[Unit]:
    """All units of a day, in the order of their codes."""
    return [each for code in sorted(_units()) for each in _units()[code] if each.has(on)]


def meaning(code: str, on: date) -> Unit | None:
    """What a code means on a day, or meant last before it, or else came to mean after it."""
    known = _units().get(code, ())
    return meant(known, on) if known else None


def parents(code: str, on: date) -> tuple[Unit, ...]:
    """In what a unit of a day lies, the nearest first, up to its province."""
    known = unit(code, on)
    above = known and known.parent_code and unit(known.parent_code, on)
    return (above, *parents(above.code, on)) if above else ()


def successors(code: str, on: date) -> tuple[Unit, ...]:
    """What became of the unit that a code meant on a day, by their codes; none while it is there.

    One: it went into that whole. Several: it was divided, and only the person knows in which of
    them they live, so *ask*. A code that means nothing on the day stands for what it meant last.
    """
    ended = meaning(code, on)
    if ended is None or ended.last is None:
        return ()
    return tuple(each for each in heirs(code) if each.first == ended.valid_to)


def heirs(code: str) -> tuple[Unit, ...]:
    """Whatever units of this code ever went into: by the day of it, then by their codes."""
    return _heirs().get(code, ())


@cache
def _heirs() -> dict[str, tuple[Unit, ...]]:
    found: dict[str, tuple[Unit, ...]] = {}
    units = (each for lives in _units().values() for each in lives)
    for each in sorted(units, key=lambda it: (it.first, it.code)):
        for code in each.predecessor_codes:
            found[code] = (*found.get(code, ()), each)
    return found
