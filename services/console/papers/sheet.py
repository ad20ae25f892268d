"""A sheet as Decree 30/2020/NĐ-CP, annex I, lays out an administrative document.

A4 upright; all lengths in millimetres, letters in points. Where the annex gives a range, the value
is in it. Its typeface is one of the same widths that may be given away (``deploy/typefaces.py``).
"""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from fpdf import FPDF
from fpdf.enums import Align, XPos, YPos
from fpdf.fonts import TTFFont

TOP, RIGHT, BOTTOM, LEFT = 20, 15, 20, 30
"""Margins."""
WIDTH = 210 - LEFT - RIGHT
ISSUER = 70
"""How wide the left part of the head is: who issues, and the number."""
STATE = WIDTH - ISSUER
"""And the right part: the state's name, its motto, place and day."""
SMALL, MIDDLE, LARGE = 12, 13, 14
COPIES = 11
LINE = 6.2
"""From one line of the text to the next: a little more than single."""
APART = 2.2
"""Between paragraphs: 6 points."""
INDENT = "\N{NO-BREAK SPACE}" * 8
"""Of the first line: 1 cm, which the widening of a full line leaves as it is."""
FAMILY = "tinos"
CUTS = {"": "regular", "B": "bold", "I": "italic", "BI": "bold-italic"}

Say = Callable[..., str]
"""Gives a text of official papers."""


class Unprintable(Exception):
    """Something has letters that the typeface has not: a blank in their place would be false."""


@dataclass(frozen=True, repr=False)
class Item:
    """A line that names something and says it."""

    name: str
    said: str


@dataclass(frozen=True, repr=False)
class Remark:
    """What whoever signs has to check first; small, so that it is not taken for the text."""

    said: str


Part = str | Item | Remark
"""Of the text: a paragraph, a line of facts, a remark."""


@dataclass(frozen=True, repr=False)
class Sheet:
    """One document. A letter has no name of its own, and its subject stands below its number."""

    issuer: str
    number: str
    """Empty where it has none yet: then there is room for it, as there is for the day."""
    place: str
    issued_on: date | None
    year: int
    """Of the day that is filled in by hand."""
    name: str
    subject: str
    addressee: str
    parts: Sequence[Part]
    recipients: Sequence[str]
    signer_title: str
    signer_name: str
    title: str
    """Of the file; it names nobody."""


class _Paper(FPDF):
    """Pages with their number in the upper margin, but for the first."""

    def header(self) -> None:
        if self.page_no() > 1:
            self.set_font(FAMILY, "", MIDDLE)
            self.set_y(TOP / 2)
            _write(self, WIDTH, str(self.page_no()), Align.C)
            self.set_y(TOP)


def draw(sheet: Sheet, say: Say, typeface: Callable[[str], object]) -> bytes:
    """The document as a PDF with its typefaces in it; raises ``Unprintable``."""
    pdf = _Paper(format="A4")
    try:
        for style, cut in CUTS.items():
            pdf.add_font(FAMILY, style, str(typeface(cut)))
        _check_letters(pdf, sheet)
        _compose(pdf, sheet, say)
        return bytes(pdf.output())
    finally:
        # The library reads them until the end and leaves them open.
        for font in pdf.fonts.values():
            if isinstance(font, TTFFont):
                font.ttfont.close()


def _compose(pdf: FPDF, sheet: Sheet, say: Say) -> None:
    pdf.set_margins(LEFT, TOP, RIGHT)
    pdf.set_auto_page_break(True, BOTTOM)
    pdf.set_title(sheet.title)
    pdf.set_lang("vi")
    pdf.add_page()
    _head(pdf, sheet, say)
    _opening(pdf, sheet, say)
    for part in sheet.parts:
        _part(pdf, part)
    _foot(pdf, sheet, say)


def _check_letters(pdf: FPDF, sheet: Sheet) -> None:
    """The library would leave a blank, and write the letters into a log."""
    regular = pdf.fonts[FAMILY]
    known = regular.cmap if isinstance(regular, TTFFont) else {}
    told = [sheet.issuer, sheet.number, sheet.place, sheet.addressee, *sheet.recipients]
    told += [sheet.signer_title, sheet.signer_name, sheet.name, sheet.subject]
    for part in sheet.parts:
        told += [part.name, part.said] if isinstance(part, Item) else [_said(part)]
    if any(ord(letter) not in known for each in told for letter in _composed(each)):
        raise Unprintable


def _said(part: Part) -> str:
    return part if isinstance(part, str) else part.said


def _composed(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _write(pdf: FPDF, width: float, text: str, align: Align, height: float = LINE) -> None:
    _flow(pdf, width, _composed(text), align, height)


def _flow(pdf: FPDF, width: float, text: str, align: Align, height: float = LINE) -> None:
    pdf.multi_cell(width, height, text, align=align, new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _head(pdf: FPDF, sheet: Sheet, say: Say) -> None:
    """Who issues it and its number at the left; the state, its motto, place and day beside it."""
    top = pdf.get_y()
    pdf.set_font(FAMILY, "B", SMALL)
    _write(pdf, ISSUER, sheet.issuer.upper(), Align.C)
    _rule(pdf, LEFT + ISSUER / 3, ISSUER / 3)
    pdf.set_font(FAMILY, "", MIDDLE)
    number = say("number", number=sheet.number) if sheet.number else say("number-open")
    _write(pdf, ISSUER, number, Align.C)
    if not sheet.name:
        pdf.set_font(FAMILY, "", SMALL)
        _write(pdf, ISSUER, sheet.subject, Align.C, height=5)
    left_end = pdf.get_y()

    pdf.set_left_margin(LEFT + ISSUER)
    pdf.set_xy(LEFT + ISSUER, top)
    pdf.set_font(FAMILY, "B", SMALL)
    _write(pdf, STATE, say("state"), Align.C)
    pdf.set_font(FAMILY, "B", MIDDLE)
    motto = say("motto")
    _write(pdf, STATE, motto, Align.C)
    wide = pdf.get_string_width(motto)
    _rule(pdf, LEFT + ISSUER + (STATE - wide) / 2, wide)
    pdf.set_font(FAMILY, "I", MIDDLE)
    _write(pdf, STATE, _place_and_day(sheet, say), Align.C)
    pdf.set_left_margin(LEFT)
    pdf.set_xy(LEFT, max(left_end, pdf.get_y()) + LINE)


def _rule(pdf: FPDF, begin: float, wide: float) -> None:
    below = pdf.get_y() + 0.6
    pdf.line(begin, below, begin + wide, below)
    pdf.set_y(below + 2)


def _place_and_day(sheet: Sheet, say: Say) -> str:
    """Days below ten and the first two months have a nought before them, as the annex asks."""
    on = sheet.issued_on
    if on is None:
        return say("place-and-day-open", place=sheet.place, year=sheet.year)
    day, month = f"{on.day:02}", f"{on.month:02}" if on.month < 3 else str(on.month)
    return say("place-and-day", place=sheet.place, day=day, month=month, year=on.year)


def _opening(pdf: FPDF, sheet: Sheet, say: Say) -> None:
    if sheet.name:
        pdf.set_font(FAMILY, "B", LARGE)
        _write(pdf, WIDTH, sheet.name.upper(), Align.C)
        _write(pdf, WIDTH, sheet.subject, Align.C)
        _rule(pdf, LEFT + WIDTH * 0.4, WIDTH * 0.2)
        pdf.ln(APART)
    if sheet.addressee:
        pdf.set_font(FAMILY, "", LARGE)
        _write(pdf, WIDTH, say("addressee", who=sheet.addressee), Align.C)
        pdf.ln(APART)


def _part(pdf: FPDF, part: Part) -> None:
    pdf.set_font(FAMILY, "", LARGE)
    if isinstance(part, str):
        _flow(pdf, WIDTH, INDENT + _composed(part), Align.J)
    elif isinstance(part, Item):
        _flow(pdf, WIDTH, INDENT + _composed(f"{part.name}: {part.said}"), Align.L)
    else:
        pdf.set_font(FAMILY, "I", COPIES)
        _write(pdf, WIDTH, part.said, Align.J, height=5)
    pdf.ln(APART)


def _foot(pdf: FPDF, sheet: Sheet, say: Say) -> None:
    """Who receives it at the left, who signs at the right; both on one page."""
    height = 45 + LINE * len(sheet.recipients)
    if pdf.will_page_break(height):
        pdf.add_page()
    pdf.ln(LINE)
    top, half = pdf.get_y(), WIDTH / 2
    pdf.set_font(FAMILY, "BI", SMALL)
    _write(pdf, half, say("recipients"), Align.L)
    pdf.set_font(FAMILY, "", COPIES)
    for each in sheet.recipients:
        _write(pdf, half, each, Align.L, height=5)
    pdf.set_left_margin(LEFT + half)
    pdf.set_xy(LEFT + half, top)
    pdf.set_font(FAMILY, "B", LARGE)
    for line in sheet.signer_title.splitlines() or [""]:
        _write(pdf, half, line.upper(), Align.C)
    pdf.ln(30)
    _write(pdf, half, sheet.signer_name, Align.C)
