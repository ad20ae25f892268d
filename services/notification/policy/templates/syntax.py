"""Texts with places for facts, ``{{ page }}``: read by a parser of our own, and nothing is run.

There is nothing else to write: no condition, no loop, no filter, no call. What is filled in is
never read again, so a fact that looks like a place stays what it is.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_PLACE = re.compile(r"\{\{ *([a-z][a-z_]{0,39}) *\}\}")
_BRACES = ("{{", "}}")


class TemplateUnreadable(ValueError):
    """Two braces that open or close no place."""


@dataclass(frozen=True)
class Place:
    """Where a fact is filled in."""

    name: str


Pieces = tuple[str | Place, ...]
"""A text that was read: what is said as it is, and places."""


def parse(text: str) -> Pieces:
    """What a text is made of; raises ``TemplateUnreadable``."""
    pieces: list[str | Place] = []
    end = 0
    for found in _PLACE.finditer(text):
        pieces += [text[end : found.start()], Place(found[1])]
        end = found.end()
    pieces.append(text[end:])
    if any(isinstance(each, str) and _has_braces(each) for each in pieces):
        raise TemplateUnreadable
    return tuple(each for each in pieces if each)


def names_in(pieces: Pieces) -> tuple[str, ...]:
    """The names of its places, in their order."""
    return tuple(each.name for each in pieces if isinstance(each, Place))


def fill(pieces: Pieces, facts: Mapping[str, str]) -> str:
    """The text with its facts; raises ``KeyError`` for a place that none of them fills."""
    return "".join(facts[each.name] if isinstance(each, Place) else each for each in pieces)


def place(name: str) -> str:
    """A place as it is written."""
    return f"{{{{ {name} }}}}"


def _has_braces(text: str) -> bool:
    return any(braces in text for braces in _BRACES)
