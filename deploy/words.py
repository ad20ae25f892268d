"""What the command and the demonstration say, in the language of the terminal they run in."""

import os
import re
from functools import cache
from pathlib import Path
from typing import Any

from shared.texts import SHARED, Texts, of_locale

FOLDER = Path(__file__).parent / "texts"
SAYS, HEADING = "says", "heading"
"""Vocabularies: sentences, and heads of columns and panels."""


@cache
def _texts() -> Texts:
    return Texts(SHARED, FOLDER)


def text(vocabulary: str, code: str, **facts: Any) -> str:
    """The text of a code, in the language of this terminal."""
    return _texts().say(of_locale(os.environ), vocabulary, code, **facts)


def say(code: str, **facts: Any) -> str:
    """What the command says, with its facts filled in."""
    return text(SAYS, code, **facts)


def spelled(says: str) -> str:
    """The code of what must hold, made of its words: ``no effect twice``, ``no-effect-twice``."""
    return "-".join(re.findall(r"[a-z0-9]+", says.lower()))


def headings(*codes: str) -> list[str]:
    """The heads of a table's columns."""
    return [text(HEADING, code) for code in codes]
