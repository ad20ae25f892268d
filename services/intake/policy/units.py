"""Codes of units by day: what a code of the city no longer means, and what to ask then."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from services.intake.policy.findings import Fault, Rule
from shared import places
from shared.places.units import Unit, meaning, successors


@dataclass(frozen=True)
class StatedUnit:
    """A commune as submitted: where, its code, and the day it was written down, if that is told."""

    name: str
    """The field: ``origin_unit`` or ``present_unit``."""
    code: str | None
    on: date | None

    @property
    def at(self) -> str:
        """The pointer of the code."""
        return f"/person/{self.name}_code"

    def written_on(self, today: date) -> date | None:
        """The day by which the code is read; unset without a code."""
        return None if self.code is None else self.on or today


@dataclass(frozen=True)
class EndedUnit:
    """A code of the city that is known to mean nothing on its day, and what to send instead."""

    pointer: str
    rule: Rule
    on: date
    successors: Sequence[Unit]
    """In force from the day after it ended; none if the code means a unit only later."""
    begins_on: date | None
    """From when the code means a unit, if that is later."""


def find_unit_faults(units: Sequence[StatedUnit], today: date) -> Iterator[Fault]:
    """Codes that no unit can have, days to come, and days without a code."""
    for stated in units:
        if stated.code is not None and not places.can_exist(stated.code):
            yield Fault(stated.at, Rule.UNIT_IMPOSSIBLE)
        if stated.on is not None and stated.code is None:
            yield Fault(stated.at, Rule.UNIT_REQUIRED)
        if stated.on is not None and stated.on > today:
            yield Fault(f"/person/{stated.name}_on", Rule.IN_FUTURE)


def find_ended_units(units: Sequence[StatedUnit], today: date) -> list[EndedUnit]:
    """Codes to replace before the case is taken; where a unit was divided, somebody must be asked.

    A code that was given to another unit means that one: an older paper tells its day.
    """
    dated = [(it, it.code, it.written_on(today)) for it in units]
    return [
        _ended(stated, code, on)
        for stated, code, on in dated
        if code is not None and on is not None and places.is_known_to_be_none(code, on)
    ]


def _ended(stated: StatedUnit, code: str, on: date) -> EndedUnit:
    means = meaning(code, on)
    if means is not None and on < means.first:
        return EndedUnit(stated.at, Rule.UNIT_NOT_YET, on, (), means.first)
    heirs = successors(code, on)
    rule = Rule.UNIT_REPLACED if len(heirs) == 1 else Rule.UNIT_DIVIDED
    return EndedUnit(stated.at, rule, on, heirs, None)
