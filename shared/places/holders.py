"""Who holds an area on a day, of those that share a role: the nearest who covers all of it.

A case is owned so: by the organisation that holds the role of case owner where the person is. The
directory tells roles with their dates and areas; which area covers which, through the reform of
July 2025 too, is ``pieces.py``'s to say. A case that was handed over is owned otherwise: by whom it
was handed to, as long as that may own cases at all.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared.places import WHOLE_CITY, WHOLE_COUNTRY
from shared.places.pieces import is_covered


@dataclass(frozen=True)
class Tenure:
    """A role that an organisation holds for an area from a day until before another."""

    organisation_id: UUID
    code: str
    """The organisation's, which breaks a tie: the same facts always choose the same one."""
    area_code: str
    valid_from: date
    valid_to: date | None = None

    def is_held(self, on: date) -> bool:
        """Whether the role is held on this day."""
        return self.valid_from <= on and (self.valid_to is None or on < self.valid_to)


@dataclass(frozen=True)
class Place:
    """A unit as it was written down on a day: codes were given anew since."""

    code: str
    told_on: date


def holder_of(tenures: Collection[Tenure], place: Place, *, on: date) -> UUID | None:
    """The organisation that holds this place on a day; ``None`` when nobody does.

    The nearest first: whoever holds the commune, else the district of its day, else the city, else
    the country; of equals the first by code. A place outside the city that nobody holds is the
    city's, and so is one that is not known: the person was received here, and only who holds the
    city can say where that is.
    """
    held = [tenure for tenure in tenures if tenure.is_held(on)]
    covering = [each for each in held if _covers(each, place, on)]
    if not covering:
        covering = [each for each in held if each.area_code == WHOLE_CITY]
    ranked = sorted((_width(each.area_code), each.code, each.organisation_id) for each in covering)
    return ranked[0][2] if ranked else None


def owner_of(
    tenures: Collection[Tenure], place: Place, *, handed_to: UUID | None, on: date
) -> UUID | None:
    """The organisation that owns a case on a day, of those that hold the role of case owner.

    Whom it was handed to, while that holds the role somewhere; otherwise whoever holds its place,
    so that no case is without an owner because somebody named is gone.
    """
    if handed_to is not None and may_own(tenures, handed_to, on=on):
        return handed_to
    return holder_of(tenures, place, on=on)


def may_own(tenures: Collection[Tenure], organisation_id: UUID, *, on: date) -> bool:
    """Whether an organisation holds the role on a day, wherever that is."""
    return any(it.organisation_id == organisation_id and it.is_held(on) for it in tenures)


def _covers(tenure: Tenure, place: Place, on: date) -> bool:
    # A district is no more; whoever still holds one holds what had been its communes.
    return is_covered(place.code, place.told_on, {tenure.area_code}, on)


def _width(area_code: str) -> int:
    """The longer a unit's number, the smaller the unit; the country has none."""
    return 0 if area_code == WHOLE_COUNTRY else -len(area_code)
