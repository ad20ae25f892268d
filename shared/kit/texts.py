"""Text as it is kept and compared: the same words are the same bytes, whoever typed them.

A keyboard, a spreadsheet and a web page write one word in many ways: letters composed or not,
spaces that do not break, dashes of eight kinds, digits of other scripts, marks of no width. What
only looks different is made equal here, before anything measures or compares it. Letters of other
scripts stay as they are.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Any

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

UNREADABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories nobody types: control, format, surrogate, private, unassigned, separators."""
LINE_BREAK = "\n"

_JOINERS = "\u200b\u200c\u200d"
"""Between letters of scripts without spaces (Khmer, Lao) or with joined letters they carry sense:
where a line may break, which form a letter takes."""
_HIDDEN = re.compile(f"[{_JOINERS}\u2060\ufeff\u00ad]+")
_NO_BREAK = str.maketrans(dict.fromkeys("\u00a0\u2007\u202f", " "))
_ETH_FIRST = re.compile(r"(?<![^\W\d_])[\u00d0\u00f0]")
_TO_D = str.maketrans("\u00d0\u0189\u00f0\u0256", "\u0110\u0110\u0111\u0111")
_AROUND = re.compile(r"\s*([/-])\s*")
_SLASHES = frozenset("/\u2044\u2215\u2571\u29f8")
_MINUS = "\u2212"


def composed(text: str) -> str:
    """A text with composed letters (NFC), breaking spaces, and no mark of no width but joiners."""
    whole = unicodedata.normalize("NFC", text).translate(_NO_BREAK)
    shown = _HIDDEN.sub(_kept, whole)
    return unicodedata.normalize("NFC", shown).strip()


def _kept(found: re.Match[str]) -> str:
    """Joiners between two letters of a script that needs them; nothing anywhere else."""
    text, start, end = found.string, *found.span()
    is_inside = start > 0 and end < len(text) and _joins(text[start - 1]) and _joins(text[end])
    return "".join(mark for mark in found[0] if mark in _JOINERS) if is_inside else ""


def _joins(letter: str) -> bool:
    name = unicodedata.name(letter, "LATIN")
    return unicodedata.category(letter)[0] in "LM" and not name.startswith(("LATIN", "COMBINING"))


def line(text: str) -> str:
    """One line of readable text; raises ``PydanticCustomError`` for what nobody can read.

    A word that begins with the Icelandic letter eth (U+00D0), which looks like Đ, begins with Đ:
    in Icelandic no word begins with it, so names of Iceland stay.
    """
    found = composed(text)
    # Nearly every line can be printed as it is; of the others most have a rare kind of space.
    if not found.isprintable() and any(map(_is_unreadable, found)):
        raise PydanticCustomError("control_character", "a character nobody can read")
    return _ETH_FIRST.sub(lambda eth: eth[0].translate(_TO_D), found)


def _is_unreadable(letter: str) -> bool:
    return unicodedata.category(letter) in UNREADABLE and letter not in _JOINERS


def lines(text: str) -> str:
    """As above, with line breaks."""
    parts = text.replace("\r\n", LINE_BREAK).split(LINE_BREAK)
    return LINE_BREAK.join(map(line, parts)).strip()


def official(text: str) -> str:
    """One line off a Vietnamese paper, in which every letter that looks like Đ is one: ``QĐ``."""
    return line(text).translate(_TO_D)


def spelled(text: str) -> str:
    """A number as anyone would spell it: ASCII digits, one kind of dash, of slash and of space."""
    wide = unicodedata.normalize("NFKC", text)
    return unicodedata.normalize("NFKC", "".join(map(_spelled, wide))).strip()


# Numbers are made of few letters: each is looked at once.
@lru_cache(maxsize=1024)
def _spelled(letter: str) -> str:
    if letter in _SLASHES:
        return "/"
    if letter.isspace():
        return " "
    match unicodedata.category(letter):
        case "Nd":
            return str(unicodedata.decimal(letter))
        case "Cf":
            return ""
        case "Pd":
            return "-"
        case _:
            return "-" if letter == _MINUS else letter


def paper_number(text: str) -> str:
    """A paper's number (``15/QĐ-UBND``) spelled one way, without spaces around what joins it."""
    return _AROUND.sub(r"\1", spelled(text)).translate(_TO_D)


def unseparated(text: str) -> str:
    """A number without whatever only separates: spaces, dashes, points, slashes, brackets."""
    kept = (each for each in spelled(text) if unicodedata.category(each)[0] not in "PZS")
    return unicodedata.normalize("NFKC", "".join(kept))


def _if_text(read: Any) -> Any:
    """Anything but text is left to the type of the field, which refuses it."""
    return BeforeValidator(lambda value: read(value) if isinstance(value, str) else value)


OneLine = _if_text(line)
"""For ``Annotated``: a field of one line. Its length is that of the composed text."""
ManyLines = _if_text(lines)
OfficialLine = _if_text(official)
