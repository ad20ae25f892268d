"""The codes by which people name cases: no two cases have the same."""

import hashlib
from collections.abc import Callable, Iterable, Mapping

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.intake.errors import CodesExhausted
from services.intake.policy import ALPHABET, DRAWN, case_code
from shared.kit.round_trips import send, soon

TRIES = 5
"""Of 31 to the power of 7 codes: five collisions one after another are a fault."""

Draw = Callable[[bytes, int], str]
"""A code for a name, another one each turn."""

_TAKEN = text("SELECT code FROM cases WHERE code = ANY(:codes)")


def draw_code(name: bytes, turn: int) -> str:
    """A case code nobody can guess who cannot compute the name; the same one for a repeat."""
    drawn = int.from_bytes(hashlib.sha256(b"code %d " % turn + name).digest())
    places = (drawn // len(ALPHABET) ** place for place in range(DRAWN))
    return case_code("".join(ALPHABET[it % len(ALPHABET)] for it in places))


class Codes:
    """Codes that no case has, for the names of new ones.

    The first of each name is looked up with whatever is read next, long before it is given. A code
    that somebody else takes in between breaks a constraint, and at the second look it is seen.
    """

    def __init__(self, session: Session, names: Iterable[bytes], draw: Draw = draw_code) -> None:
        self._session = session
        self._draw = draw
        self._first = {name: draw(name, 0) for name in names}
        self._taken = _taken(session, self._first.values())

    def give(self, names: Iterable[bytes]) -> Mapping[bytes, str]:
        """A code for each of these names; raises ``CodesExhausted``."""
        drawn, taken = {name: self._first[name] for name in names}, self._taken
        given: dict[str, bytes] = {}
        for turn in range(1, TRIES + 1):
            gone = {code for (code,) in taken}
            for name, code in drawn.items():
                if code not in gone:
                    given.setdefault(code, name)
            has_one = set(given.values())
            drawn = {name: self._draw(name, turn) for name in drawn if name not in has_one}
            if not drawn:
                return {name: code for code, name in given.items()}
            taken = _taken(self._session, drawn.values())
            send(self._session)
        raise CodesExhausted


def _taken(session: Session, codes: Iterable[str]) -> list[tuple[str]]:
    return soon(session, _TAKEN, {"codes": [*codes]})
