"""Areas: what a role or a programme says it covers must be somewhere."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from services.directory.errors import AreaUnknown
from services.directory.models import Unit
from shared.contracts.directory import DatedRole
from shared.kit.arrays import among
from shared.places import WHOLE_CITY, WHOLE_COUNTRY

ALWAYS = frozenset({WHOLE_CITY, WHOLE_COUNTRY})
"""Areas that are there before any unit was taken in."""


@dataclass(frozen=True)
class Claimed:
    """An area somebody says to cover, from a day until before another."""

    code: str
    since: date
    until: date | None


def check_roles_areas(session: Session, roles: Iterable[DatedRole]) -> None:
    """Raise ``AreaUnknown`` for a role in a unit that is not there while it is held."""
    _check(session, [Claimed(role.area_code, role.valid_from, role.valid_to) for role in roles])


def check_areas(session: Session, codes: Iterable[str], *, on: date) -> None:
    """Raise ``AreaUnknown`` for a unit that is not there on this day."""
    _check(session, [Claimed(code, on, None) for code in codes])


def _check(session: Session, claimed: Sequence[Claimed]) -> None:
    wanted = {each.code for each in claimed} - ALWAYS
    if not wanted:
        return
    units = session.execute(
        select(Unit.code, Unit.valid_from, Unit.valid_to).where(among(Unit.code, wanted)),
    ).all()
    lives: dict[str, list[tuple[date, date | None]]] = {}
    for code, valid_from, valid_to in units:
        lives.setdefault(code, []).append((valid_from, valid_to))
    unknown = [
        place
        for place, each in enumerate(claimed)
        if each.code in wanted and not _is_alive(each, lives.get(each.code, ()))
    ]
    if unknown:
        raise AreaUnknown(places=unknown)


def _is_alive(claimed: Claimed, lives: Iterable[tuple[date, date | None]]) -> bool:
    """Whether the unit was there on some day of the time claimed."""
    return any(
        (until is None or claimed.since < until)
        and (claimed.until is None or since < claimed.until)
        for since, until in lives
    )


def areas_over(session: Session, code: str) -> frozenset[str]:
    """The areas that cover a unit: the whole city covers only what lies in it."""
    if code in ALWAYS:
        return ALWAYS
    is_known = session.scalar(select(exists().where(Unit.code == code)))
    return frozenset({code, WHOLE_CITY, WHOLE_COUNTRY} if is_known else {code, WHOLE_COUNTRY})
