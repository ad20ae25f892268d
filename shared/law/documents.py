"""Numbers of official papers (Decree 30/2020/NĐ-CP, appendices I and III).

``15/KH-SLĐTBXH-PCTNXH``: number, kind of document, issuer, drafting unit. A letter has no kind;
``53/2024/QH15`` is a legal text with its year; ``03-KH/ĐU`` is a party document. A number restarts
each year, so only issuer, year of issue, kind and number together name a paper.

One truth for whatever carries such a number: the papers of a case, and the papers that evidence
refers to.
"""

import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from shared.kit.texts import paper_number
from shared.law.rows import read

LONGEST = 60

# An abbreviation is of letters, of several words joined by "&" (``SLĐTB&XH``), and may end in the
# number of a legislature or of a department (``QH15``, ``PC02``). It begins with a letter and is
# short, so there is no room in it for a telephone number or a name.
_LETTERS = r"[A-Za-zÀ-ÖØ-öø-ɏḀ-ỹ]{1,12}"
_WORD = rf"{_LETTERS}(?:&{_LETTERS}){{0,2}}[0-9]{{0,3}}"
_WORDS = rf"{_WORD}(?:-{_WORD}){{0,3}}"
_YEAR = r"(?:19|20)[0-9]{2}"
_NO = r"[0-9]{1,6}"

NUMBER = rf"^{_NO}(?:(?:/{_YEAR})?/{_WORDS}|-{_WORD}/{_WORDS})$"
"""The three ways together, as a description of the interface shows them."""

_LEAD = re.compile(r"số\s*:?\s*", re.IGNORECASE)
_LEGAL = re.compile(rf"({_NO})/({_YEAR})/({_WORDS})")
_OFFICE = re.compile(rf"({_NO})/({_WORDS})")
_PARTY = re.compile(rf"({_NO})-({_WORD})/({_WORDS})")


class Numbering(StrEnum):
    """Which of the three ways a paper is numbered."""

    ADMINISTRATIVE = "administrative"
    NORMATIVE = "normative"
    PARTY = "party"


@dataclass(frozen=True)
class PaperNumber:
    """The parts of a paper's number; a part that is not there is ``None``."""

    kind: Numbering
    no: str
    type: str | None = None
    org: str | None = None
    unit: str | None = None
    year: str | None = None
    sym: str | None = None


@cache
def kinds_of_document() -> dict[str, str]:
    """Abbreviations of the named kinds, copies included, each with its name."""
    rows: dict[str, Any] = tomllib.loads(read("documents.toml"))
    return {**rows["kinds"], **rows["copies"], **rows["assumed"]}


def kind_of_paper(paper: str) -> str | None:
    """The abbreviation that the number of a paper of ours names; ``None`` for a letter."""
    rows: dict[str, Any] = tomllib.loads(read("documents.toml"))
    kind: str = rows["papers"][paper]
    return kind or None


def plain_number(text: str) -> str:
    """A number spelled one way, without the word *số* in front."""
    return _LEAD.sub("", paper_number(text), count=1)


def parse_number(text: str) -> PaperNumber | None:
    """The parts of a number as written; ``None`` when it follows none of the three ways."""
    plain = plain_number(text)
    if found := _LEGAL.fullmatch(plain):
        return PaperNumber(Numbering.NORMATIVE, found[1], year=found[2], sym=found[3])
    if found := _PARTY.fullmatch(plain):
        return PaperNumber(Numbering.PARTY, found[1], type=found[2], org=found[3])
    if found := _OFFICE.fullmatch(plain):
        return _administrative(found[1], found[2].split("-"))
    return None


def cited(number: str, article: int | None = None, clause: int | None = None) -> str:
    """How a rule names the text it rests on: ``162/2025/NĐ-CP Art. 17(2)``."""
    if article is None:
        return number
    return f"{number} Art. {article}" + (f"({clause})" if clause is not None else "")


def _administrative(no: str, parts: list[str]) -> PaperNumber | None:
    kind = parts.pop(0) if parts[0] in kinds_of_document() else None
    if not parts:
        return None
    unit = "-".join(parts[1:]) or None
    return PaperNumber(Numbering.ADMINISTRATIVE, no, type=kind, org=parts[0], unit=unit)
