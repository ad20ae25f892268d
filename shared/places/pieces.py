"""Where a unit of any day lies today, in pieces that no reform has cut through.

A piece is what one old commune gave to one new one in July 2025. A commune that was divided is
several pieces, one that took in others as well; a district and a province are those of all their
communes. Somebody who is known to live in a unit lives in one of its pieces, and in which is not
known: so an area covers the unit only if it covers every piece. Where that leaves nobody to serve
them, a person of the case owner asks where they live, which no rule can guess.
"""

from collections.abc import Collection
from datetime import date
from functools import cache, lru_cache

from shared.places import (
    COMMUNE_DIGITS,
    MERGED_ON,
    WHOLE_CITY,
    WHOLE_COUNTRY,
    is_in_city,
    is_numbered_here,
    lives,
    meant,
    rows,
)

Piece = tuple[str, str]
"""The code of the old commune and that of the new one."""
MEMORY = 4096


def is_covered(code: str, on: date, areas: Collection[str], areas_on: date) -> bool:
    """Whether every place where the unit of a day may lie is in one of these areas of a day.

    A unit that is not in ``units.csv`` is covered by its own code, by the whole country, and by the
    whole city if its number lies there.
    """
    if WHOLE_COUNTRY in areas:
        return True
    wanted = _pieces(code, on)
    if wanted:
        return wanted <= _pieces_of(frozenset(areas), areas_on)
    is_whole = WHOLE_CITY in areas and areas_on >= MERGED_ON
    return code in areas or (is_whole and (is_numbered_here(code) or is_in_city(code, on)))


@lru_cache(maxsize=MEMORY)
def _pieces_of(areas: frozenset[str], on: date) -> frozenset[Piece]:
    return frozenset().union(*(_pieces(area, on) for area in areas))


@lru_cache(maxsize=MEMORY)
def _pieces(code: str, on: date) -> frozenset[Piece]:
    """Empty for a unit that is not known."""
    if code == WHOLE_COUNTRY:
        return frozenset()
    known = lives().get(code, ())
    if not known:
        return frozenset()
    life = meant(known, on)
    if life.first >= MERGED_ON:
        return _links() if code == WHOLE_CITY else _made_of(code)
    if len(code) == COMMUNE_DIGITS:
        return _gone_into({code})
    return _gone_into(_within(code))


@cache
def _links() -> frozenset[Piece]:
    """Every piece of the city as it is."""
    return frozenset(
        (old, row["code"])
        for row in rows()
        if row["code"] != WHOLE_CITY and date.fromisoformat(row["valid_from"]) >= MERGED_ON
        for old in row["predecessor_codes"].split(";")
    )


@cache
def _parents() -> dict[str, str]:
    """In what an old unit lay when it ended."""
    return {
        row["code"]: row["parent_code"]
        for row in rows()
        if row["parent_code"] and date.fromisoformat(row["valid_from"]) < MERGED_ON
    }


def _within(code: str) -> set[str]:
    """The old unit itself and all that lay in it, at whatever depth."""
    found, deeper = {code}, {code}
    while deeper:
        deeper = {inner for inner, outer in _parents().items() if outer in deeper} - found
        found |= deeper
    return found


def _made_of(code: str) -> frozenset[Piece]:
    return frozenset(piece for piece in _links() if piece[1] == code)


def _gone_into(codes: Collection[str]) -> frozenset[Piece]:
    return frozenset(piece for piece in _links() if piece[0] in codes)
