"""Administrative units by date, as ``shared/places`` knows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from shared.places.units import Unit, heirs, units_on


@dataclass(frozen=True)
class Succession:
    """A unit went, wholly or in part, into another on a day."""

    old_code: str
    new_code: str
    changed_on: date


def find_units(*, on: date, parent: str | None, after: str | None, size: int) -> Sequence[Unit]:
    """The units of a day in the order of their codes; with a parent, those directly in it."""
    wanted = [
        each
        for each in units_on(on)
        if (parent is None or each.parent_code == parent) and (after is None or each.code > after)
    ]
    return wanted[:size]


def find_successors(*, code: str) -> Sequence[Succession]:
    """What a unit became, earliest first; several on one day mean that it was split."""
    return [Succession(code, each.code, each.first) for each in heirs(code)]
