"""Language tags (RFC 5646): one way to write each, for letters of either case are the same tag.

Only what the syntax says is checked; which subtags are registered is not known here.
"""

import re
from collections.abc import Collection, Iterator
from typing import Annotated

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

LONGEST = 35
"""Room for every tag RFC 5646 section 4.4.1 asks to be taken, language to variants."""

# RFC 5646 section 2.1, ``langtag`` whose language is one of ISO 639.
_TAG = re.compile(
    r"""
    [a-z]{2,3} (?: - [a-z]{3} ){0,3}                   # language, extended
    (?: - [a-z]{4} )?                                  # script
    (?: - (?: [a-z]{2} | [0-9]{3} ) )?                 # region
    (?: - (?: [a-z0-9]{5,8} | [0-9][a-z0-9]{3} ) )*    # variants
    (?: - [0-9a-wy-z] (?: - [a-z0-9]{2,8} )+ )*        # extensions
    (?: - x (?: - [a-z0-9]{1,8} )+ )?                  # private use
    """,
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
_SCRIPT, _REGION = 4, 2


def canonical(tag: str) -> str:
    """The tag as section 2.1.1 writes it: ``zh-Hant-TW``. Raises ``ValueError`` for no tag."""
    if len(tag) > LONGEST or not _TAG.fullmatch(tag):
        raise ValueError("no language tag")
    return "-".join(_cased(tag.lower().split("-")))


def _cased(subtags: list[str]) -> Iterator[str]:
    """Scripts begin with a capital, regions are capitals; what follows a singleton stays small."""
    is_extension = False
    for place, subtag in enumerate(subtags):
        is_extension = is_extension or len(subtag) == 1
        if place == 0 or is_extension or not subtag.isalpha():
            yield subtag
        elif len(subtag) == _SCRIPT:
            yield subtag.title()
        else:
            yield subtag.upper() if len(subtag) == _REGION else subtag


def is_shared(some: Collection[str], others: Collection[str]) -> bool:
    """Whether one of these languages is one of those (RFC 4647 section 3.3.1, both ways).

    ``vi-VN`` is ``vi``, in whatever case either was written; ``zh-Hant`` is not ``zh-Hans``.
    """
    return any(_is_within(one, other) or _is_within(other, one) for one in some for other in others)


def _is_within(tag: str, wider: str) -> bool:
    return f"{tag}-".lower().startswith(f"{wider}-".lower())


def _read(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return canonical(value.strip())
    except ValueError:
        raise PydanticCustomError("string_pattern_mismatch", "a language tag (RFC 5646)") from None


Language = Annotated[
    str, BeforeValidator(_read), Field(min_length=2, max_length=LONGEST, examples=["zh-Hant"])
]
"""For a field of a shape: a language tag, kept as RFC 5646 section 2.1.1 writes it."""
