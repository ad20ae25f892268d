"""Areas: what a role or a programme says it covers must be somewhere."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from services.directory.errors import AreaUnknown
from shared.contracts.directory import DatedRole
from shared.places import WHOLE_CITY, WHOLE_COUNTRY, lives, was_there

ALWAYS = frozenset({WHOLE_CITY, WHOLE_COUNTRY})
"""Areas that are there on every day."""


@dataclass(frozen=True)
class Claimed:
    """An area somebody says to cover, from a day until before another."""

    code: str
    since: date
    until: date | None


def check_roles_areas(roles: Iterable[DatedRole]) -> None:
    """Raise ``AreaUnknown`` for a role in a unit that is not there while it is held."""
    _check([Claimed(role.area_code, role.valid_from, role.valid_to) for role in roles])


def check_areas(codes: Iterable[str], *, on: date) -> None:
    """Raise ``AreaUnknown`` for a unit that is not there on this day."""
    _check([Claimed(code, on, None) for code in codes])


def _check(claimed: Sequence[Claimed]) -> None:
    unknown = [place for place, each in enumerate(claimed) if not _is_there(each)]
    if unknown:
        raise AreaUnknown(places=unknown)


def _is_there(claimed: Claimed) -> bool:
    """Whether the unit was there on some day of the time claimed, whose last is not included."""
    return claimed.code in ALWAYS or any(
        (life.last is None or claimed.since <= life.last)
        and (claimed.until is None or life.first < claimed.until)
        for life in lives().get(claimed.code, ())
    )


def areas_over(code: str) -> frozenset[str]:
    """The areas that cover a unit: the whole city covers only what lies in it."""
    if code in ALWAYS:
        return ALWAYS
    is_known = was_there(code)
    return frozenset({code, WHOLE_CITY, WHOLE_COUNTRY} if is_known else {code, WHOLE_COUNTRY})
