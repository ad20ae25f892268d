"""Administrative units by date, as JSON."""

from datetime import date

from services.directory import examples
from shared.kit.shapes import Cursor, Shape, shown
from shared.places.units import UnitKind


class UnitRead(Shape):
    """An administrative unit from ``valid_from`` until before ``valid_to``."""

    code: str
    """The code in the state's list: two digits for a province, three for a district, five for a
    commune.
    """
    name: str
    """The official name, in Vietnamese."""
    kind: UnitKind
    """What kind of unit it is."""
    parent_code: str | None
    """The unit it lies in."""
    valid_from: date
    """The first day on which it had this name, kind and parent."""
    valid_to: date | None
    """The first day on which this is no longer so; unset while it is."""
    source: str | None
    """The legal text that made it so."""


class SuccessionRead(Shape):
    """A unit went, wholly or in part, into another on a day."""

    old_code: str
    """The code of the unit that was dissolved or gave something up."""
    new_code: str
    """The code of the unit that it went into, wholly or in part."""
    changed_on: date
    """The day of the change."""


class UnitList(Shape):
    """A page of units in the order of their codes."""

    model_config = shown(examples.UNIT_LIST)

    items: list[UnitRead]
    """The units of this page, in the order of their codes."""
    next_cursor: Cursor = None


class SuccessionList(Shape):
    """What a unit became.

    Several changes on one day mean that it was split: ask the person where they live.
    """

    model_config = shown(examples.SUCCESSION_LIST)

    items: list[SuccessionRead]
    """The changes, oldest first."""
