"""Codes that people type from a slip: the letters that nobody mistakes, and two that check.

Crockford's 32 letters. The last two are the number before them modulo 1021, a prime below 32²: one
wrong letter, or two that changed places, is always noticed, before anything is looked up.
"""

import os

from services.directory.errors import CodeMistyped

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
MODULUS = 1021
CHECKING = 2
GROUP = 6
LINK_BYTES = 10
RECOVERY_BYTES = 5
ANSWER_BYTES = 5
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", " ": None, "-": None})


def written(secret: bytes) -> str:
    """The code of a secret, in groups; its length must be a multiple of 5 bytes."""
    if len(secret) % 5:
        raise ValueError("a secret of whole groups of 5 bytes has whole letters")
    number = int.from_bytes(secret)
    letters = _letters(number, len(secret) * 8 // 5) + _letters(number % MODULUS, CHECKING)
    return "-".join(letters[start : start + GROUP] for start in range(0, len(letters), GROUP))


def read(code: str, *, size: int) -> str:
    """The one form of a code of a secret of so many bytes, however it was typed.

    Raises ``CodeMistyped`` for what cannot be one.
    """
    typed = code.upper().translate(_READ_AS)
    if len(typed) != size * 8 // 5 + CHECKING or not set(typed) <= set(LETTERS):
        raise CodeMistyped
    if _number(typed[:-CHECKING]) % MODULUS != _number(typed[-CHECKING:]):
        raise CodeMistyped
    return typed


def new_recovery_code() -> str:
    """A code for whoever loses the authenticator: tries are few, so 40 bits are many."""
    return written(os.urandom(RECOVERY_BYTES))


def read_recovery_code(code: str) -> str | None:
    """The one form of a recovery code, if it can be one."""
    try:
        return read(code, size=RECOVERY_BYTES)
    except CodeMistyped:
        return None


def read_link(code: str) -> str:
    """The one form of the code of a link or a slip; raises ``CodeMistyped``."""
    return read(code, size=LINK_BYTES)


def read_answer_code(code: str) -> str:
    """The one form of the code agreed with an office; raises ``CodeMistyped``."""
    return read(code, size=ANSWER_BYTES)


def _letters(number: int, count: int) -> str:
    return "".join(LETTERS[number >> (5 * place) & 31] for place in reversed(range(count)))


def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 32 + LETTERS.index(letter)
    return number
