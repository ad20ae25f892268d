"""Case codes: short enough to dictate, and a mistake in dictating them is noticed.

``HP-XXXX-XXXX``: seven drawn characters and one check character. The alphabet has 31 characters,
a prime, and the weights 1..8 differ modulo 31; so any single wrong character and any exchange of
two characters, neighbours or not, changes the weighted sum and is always detected (the principle
of ISO/IEC 7064's pure systems: a prime modulus).
"""

import re

from services.intake.errors import CaseCodeMistyped
from shared.kit.texts import unseparated

PREFIX = "HP"
ALPHABET = "123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32 without 0: there is no 0 or O, one of 1, I and L, one of U and V."""
DRAWN = 7
MODULUS = len(ALPHABET)

_SHAPE = re.compile(rf"{PREFIX}([{ALPHABET}]{{{DRAWN + 1}}})")
_HEARD = str.maketrans({"I": "1", "L": "1", "U": "V"})


def check_character(drawn: str) -> str:
    """The character that makes the weighted sum of all eight zero modulo 31."""
    total = sum(
        weight * ALPHABET.index(character) for weight, character in enumerate(drawn, start=1)
    )
    # The last weight is 8, and 8 x 4 = 32 = 1 (mod 31): 4 undoes it.
    return ALPHABET[-total * 4 % MODULUS]


def case_code(drawn: str) -> str:
    """The code of seven drawn characters, as people read it."""
    whole = drawn + check_character(drawn)
    return f"{PREFIX}-{whole[:4]}-{whole[4:]}"


def read_code(text: str) -> str:
    """The code in a text as typed or heard; raises ``CaseCodeMistyped``.

    Small letters, any dashes or none and the look-alikes I, L (1) and U (V) are understood.
    """
    found = _SHAPE.fullmatch(unseparated(text).upper().translate(_HEARD))
    if found is None or check_character(found[1][:DRAWN]) != found[1][DRAWN]:
        raise CaseCodeMistyped
    return case_code(found[1][:DRAWN])
