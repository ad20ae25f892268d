"""Numbers of official papers (Decree 30/2020/NĐ-CP, appendices I and III).

``15/KH-SLĐTBXH-PCTNXH``: number, kind of document, issuer, drafting unit. A letter has no kind;
``53/2024/QH15`` is a legal text with its year; ``03-KH/ĐU`` is a party document. A number restarts
each year, so only issuer, year of issue, kind and number together name a paper.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from shared.kit.texts import paper_number

KINDS_OF_DOCUMENT = frozenset(
    {
        "NQ", "QĐ", "CT", "QC", "QyĐ", "TC", "TB", "HD", "CTr", "KH", "PA", "ĐA", "DA", "BC",
        "BB", "TTr", "HĐ", "CĐ", "BGN", "BTT", "GUQ", "GM", "GGT", "GNP", "PG", "PC", "PB",
    },
)  # fmt: skip
"""Abbreviations of the named kinds of document in appendix III."""

_WORD = r"[^\W_]+"
_LEAD = re.compile(r"số\s*:?\s*", re.IGNORECASE)
_LEGAL = re.compile(rf"([0-9]{{1,6}})/([0-9]{{4}})/({_WORD}(?:-{_WORD})*)")
_OFFICE = re.compile(rf"([0-9]{{1,6}})/({_WORD}(?:-{_WORD})*)")
_PARTY = re.compile(rf"([0-9]{{1,6}})-({_WORD})/({_WORD}(?:-{_WORD})*)")


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


def parse_number(text: str) -> PaperNumber | None:
    """The parts of a number as written; ``None`` when it follows none of the three ways."""
    plain = _LEAD.sub("", paper_number(text), count=1)
    if found := _LEGAL.fullmatch(plain):
        return PaperNumber(Numbering.NORMATIVE, found[1], year=found[2], sym=found[3])
    if found := _PARTY.fullmatch(plain):
        return PaperNumber(Numbering.PARTY, found[1], type=found[2], org=found[3])
    if found := _OFFICE.fullmatch(plain):
        return _administrative(found[1], found[2].split("-"))
    return None


def _administrative(no: str, parts: list[str]) -> PaperNumber | None:
    kind = parts.pop(0) if parts[0] in KINDS_OF_DOCUMENT else None
    if not parts:
        return None
    unit = "-".join(parts[1:]) or None
    return PaperNumber(Numbering.ADMINISTRATIVE, no, type=kind, org=parts[0], unit=unit)
