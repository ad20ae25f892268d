"""The units that lie wholly in some areas: what ``pieces`` says of one, said of all at once."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from shared.places import MERGED_ON, WHOLE_CITY, WHOLE_COUNTRY, lives
from shared.places.pieces import is_covered

MEMORY = 256


@dataclass(frozen=True)
class Reach:
    """Codes by when they were written down, for a code may mean another unit since the reform."""

    is_everywhere: bool
    """Whether no place is outside: so with the country, and with the city, whose is also whatever
    lies outside of it or is not known (see ``holders``)."""
    before: frozenset[str] = frozenset()
    since: frozenset[str] = frozenset()


@lru_cache(maxsize=MEMORY)
def reach_of(areas: frozenset[str], on: date) -> Reach:
    """What these areas of a day cover."""
    if areas & {WHOLE_CITY, WHOLE_COUNTRY}:
        return Reach(is_everywhere=True)
    codes = areas | lives().keys()
    eve = MERGED_ON - timedelta(days=1)
    return Reach(
        is_everywhere=False,
        before=frozenset(code for code in codes if is_covered(code, eve, areas, on)),
        since=frozenset(code for code in codes if is_covered(code, on, areas, on)),
    )
