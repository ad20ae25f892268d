"""Passwords: what NIST SP 800-63B section 5.1.1.2 asks of them, kept as RFC 9106 says.

Long enough, not one of the commonest, and nothing else: no rule of composition, no end by date.
"""

import os
import re
import unicodedata
from itertools import pairwise
from threading import BoundedSemaphore

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from services.directory.errors import PasswordCommon, PasswordTooShort

SHORTEST = 12
LONGEST = 128
FEWEST_CHARACTERS = 5

_SALT_BYTES, _LENGTH, _ITERATIONS, _LANES, _KIBIBYTES = 16, 32, 2, 1, 19_456
"""About 45 ms and 19 MiB: what one try costs whoever has stolen the hashes."""
_AT_ONCE = BoundedSemaphore(2)
"""As many as the machine has processors: so tries cost time and not all of the memory."""

NOBODYS = (
    "$argon2id$v=19$m=19456,t=2,p=1$S8IRqZNJLCoFFNKcNVh4Iw$jOqlcc"
    "3e/SXV5COO9rF6lO0Ir6eY0HsDo6Flt3PA8uY"
)
"""The hash of what nobody knows: a name that is not there is answered as slowly as one that is."""

_COMMON = frozenset(
    {
        "password", "pass", "matkhau", "mat", "khau", "admin", "administrator", "quantri",
        "root", "user", "nguoidung", "login", "dangnhap", "welcome", "xinchao", "hello", "chao",
        "qwerty", "qwertyuiop", "asdf", "asdfgh", "asdfghjkl", "zxcvbn", "zxcvbnm", "qaz",
        "wsx", "edc", "abc", "abcd", "abcdef", "iloveyou", "anhyeuem", "emyeuanh", "yeu", "em",
        "anh", "vietnam", "viet", "nam", "hanoi", "haiphong", "hai", "phong", "nhipcau", "nhip",
        "cau", "xinxin", "letmein", "monkey", "dragon", "master", "football", "bongda",
        "secret", "bimat", "test", "demo", "changeme", "doimatkhau", "congan", "ubnd", "phuong",
        "xa",
    }
)  # fmt: skip
"""Words that the commonest passwords are made of, without marks; written for this list."""


def check_password(password: str, *, user_name: str) -> None:
    """Raise ``PasswordTooShort`` or ``PasswordCommon``."""
    text = _normal(password)
    if len(text) < SHORTEST:
        raise PasswordTooShort(shortest=SHORTEST)
    plain = _plain(text)
    stem = _letters(_plain(user_name))
    letters = _letters(plain)
    if (
        len(set(plain)) < FEWEST_CHARACTERS
        or (not letters and _is_row(plain))
        or (letters and _is_made_of(letters, _COMMON | {stem}))
    ):
        raise PasswordCommon


def hashed(password: str) -> str:
    """What is kept of a password."""
    with _AT_ONCE:
        return Argon2id(
            salt=os.urandom(_SALT_BYTES),
            length=_LENGTH,
            iterations=_ITERATIONS,
            lanes=_LANES,
            memory_cost=_KIBIBYTES,
        ).derive_phc_encoded(_normal(password).encode())


def is_right(password: str, kept: str | None) -> bool:
    """Whether a password is the one of this hash; as slow where there is none to compare with."""
    with _AT_ONCE:
        try:
            Argon2id.verify_phc_encoded(_normal(password).encode(), kept or NOBODYS)
        except InvalidKey:
            return False
    return kept is not None


def _normal(password: str) -> str:
    """One spelling of what looks alike, whatever keyboard it was typed on."""
    return unicodedata.normalize("NFKC", password)


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return "".join(each for each in decomposed if not unicodedata.combining(each))


def _letters(text: str) -> str:
    return re.sub("[^a-z]", "", text)


def _is_row(digits: str) -> bool:
    """Whether every digit follows the one before by the same step, as 1 2 3 or 9 7 5."""
    steps = {
        (int(second) - int(first)) % 10
        for first, second in pairwise(digits)
        if first.isdigit() and second.isdigit()
    }
    return len(steps) < 2


def _is_made_of(letters: str, words: frozenset[str]) -> bool:
    """Whether such words, one after the other, are all there is."""
    reached = {0}
    for start in range(len(letters)):
        if start in reached:
            reached |= {start + len(it) for it in words if it and letters.startswith(it, start)}
    return len(letters) in reached
