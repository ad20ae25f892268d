"""Who holds an area on a day, of those that share a role: the nearest who covers all of it.

A case is owned so: by the organisation that holds the role of case owner where the person is. The
directory tells roles with their dates and areas; which area covers which, through the reform of
July 2025 too, is ``pieces.py``'s to say. A case that was handed over is owned otherwise: by whom it
was handed to, as long as that may own cases at all.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from uuid import UUID

from shared.places import (
    COMMUNE_DIGITS,
    MERGED_ON,
    OF_THE_CITY,
    WHOLE_CITY,
    WHOLE_COUNTRY,
    lives,
)
from shared.places.pieces import is_covered

Holders = Mapping[str, UUID | None]
"""By code, the organisation that holds the unit; ``None`` where nobody does."""
UNLISTED = ""
"""The code of no unit at all: held like every place that is in no list."""


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
    ranked = sorted(
        (width_of(each.area_code), each.code, each.organisation_id) for each in covering
    )
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


@dataclass(frozen=True)
class Holding:
    """The places that an organisation holds: codes by when they were written down."""

    before: frozenset[str]
    since: frozenset[str]
    has_rest: bool
    """Whether it holds whatever place is in no list, and the codes are those it does not hold."""

    @property
    def is_empty(self) -> bool:
        """Whether no place at all is held."""
        return not (self.before or self.since or self.has_rest)


def holding_of(tenures: Collection[Tenure], organisation_id: UUID | None, *, on: date) -> Holding:
    """What ``holder_of`` says of one place, said of every place at once.

    Without an organisation, the places that nobody holds.
    """
    before, since = _holders(frozenset(tenures), on)
    has_rest = since[UNLISTED] == organisation_id

    def listed(holders: Holders) -> frozenset[str]:
        return frozenset(
            code for code, holder in holders.items() if (holder == organisation_id) is not has_rest
        )

    return Holding(before=listed(before), since=listed(since), has_rest=has_rest)


MEMORY = 4


@lru_cache(maxsize=MEMORY)
def _holders(tenures: frozenset[Tenure], on: date) -> tuple[Holders, Holders]:
    """Who holds each code, as one of before the reform and as one of today."""
    eve = MERGED_ON - timedelta(days=1)
    numbered = {f"{number:0{COMMUNE_DIGITS}}" for number in OF_THE_CITY}
    codes = lives().keys() | numbered | {each.area_code for each in tenures} | {UNLISTED}
    before, since = (
        {code: holder_of(tenures, Place(code, told_on), on=on) for code in codes}
        for told_on in (eve, on)
    )
    return before, since


def _covers(tenure: Tenure, place: Place, on: date) -> bool:
    # A district is no more; whoever still holds one holds what had been its communes.
    return is_covered(place.code, place.told_on, {tenure.area_code}, on)


def width_of(area_code: str) -> int:
    """How wide an area is, to be compared: the longer a unit's number, the smaller the unit.

    The country has no number, and is the widest.
    """
    return 0 if area_code == WHOLE_COUNTRY else -len(area_code)
