"""The same words are the same bytes, whoever typed them; letters of other scripts stay."""

import sys
import unicodedata
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, ValidationError
from pydantic_core import PydanticCustomError

from shared.kit.texts import (
    UNREADABLE,
    OneLine,
    composed,
    line,
    lines,
    official,
    paper_number,
    spelled,
    unseparated,
)

SEPARATORS = " \u00a0\u202f\u2007\u2009\u3000-\u2010\u2011\u2012\u2013\u2014\u2212/\u2044.,()\u00b7"
DIGITS = "0123456789", "\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19"
KHMER = "\u179f\u17bb\u1781\u200b\u179b\u17b8"
LAO = "\u0eaa\u0ebb\u0ea1\u200b\u0e9e\u0ead\u0e99"


class Said(BaseModel):
    """A text of one line."""

    word: Annotated[str, Field(max_length=10), OneLine]


@given(st.text())
def test_folding_again_changes_nothing(text: str) -> None:
    for fold in (composed, spelled, unseparated):
        assert fold(fold(text)) == fold(text)


@given(st.text("a\u0110\u00d0e\u0301\u200b\u200d\u2060\u1781\u17b8\u00a0 \u00e9\u212a"))
def test_reading_a_line_again_changes_nothing(text: str) -> None:
    assert line(line(text)) == line(text)
    assert official(official(text)) == official(text)


@given(st.lists(st.tuples(st.sampled_from("0123456789"), st.text(SEPARATORS, max_size=3))))
def test_any_separators_leave_the_same_number(parts: list[tuple[str, str]]) -> None:
    written = "".join(digit + separator for digit, separator in parts)
    assert unseparated(written) == "".join(digit for digit, _ in parts)


@given(st.text("0123456789", min_size=1))
def test_digits_of_every_script_are_digits(number: str) -> None:
    wide = number.translate(str.maketrans(*DIGITS))
    assert spelled(wide) == number


@pytest.mark.parametrize("name", [KHMER, LAO, "Gu\u00f0r\u00fan", "\u5c71\u7530\u3000\u82b1\u5b50"])
def test_a_name_of_another_script_stays_as_it_is(name: str) -> None:
    assert line(name) == name


@pytest.mark.parametrize("name", [KHMER, LAO])
def test_marks_of_no_width_around_a_name_are_dropped(name: str) -> None:
    assert line(f"\u200b{name}\u200d ") == name


def test_marks_of_no_width_in_a_latin_name_are_dropped() -> None:
    assert line("Nguy\u1ec5n\u200b Th\u1ecb\u2060 Hoa\ufeff") == "Nguyễn Thị Hoa"


@pytest.mark.parametrize("space", ["\u00a0", "\u202f", "\u2007"])
def test_a_space_that_does_not_break_is_a_space(space: str) -> None:
    assert line(f"Trần{space}Huệ") == "Trần Huệ"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("\u00d0ặng", "Đặng"),
        ("Nguyễn \u00d0ình \u00f0ức", "Nguyễn Đình đức"),
        ("Sigur\u00f0ur \u00d0ặng", "Sigur\u00f0ur Đặng"),
    ],
)
def test_a_word_that_begins_with_eth_begins_with_d(typed: str, meant: str) -> None:
    assert line(typed) == meant


@pytest.mark.parametrize("typed", ["12/Q\u00d0-UBND", "12/Q\u0189-UBND", "12/QĐ-UBND"])
def test_on_a_paper_every_eth_is_a_d(typed: str) -> None:
    assert official(typed) == "12/QĐ-UBND"


@pytest.mark.parametrize("hidden", ["\u202e", "\u2066", "\x07", "\ue000", "\u2028"])
def test_what_nobody_can_read_is_refused(hidden: str) -> None:
    with pytest.raises(PydanticCustomError):
        line(f"a{hidden}b")


def test_of_what_nobody_can_read_nothing_can_be_printed() -> None:
    letters = map(chr, range(sys.maxunicode + 1))
    hidden = [each for each in letters if unicodedata.category(each) in UNREADABLE]
    assert len(hidden) > 100
    assert not any(each.isprintable() for each in hidden)


def test_lines_keep_their_breaks() -> None:
    assert lines("m\u1ed9t\r\nhai\u00a0ba\n") == "một\nhai ba"


def test_a_text_is_as_long_as_its_composed_letters() -> None:
    typed = unicodedata.normalize("NFD", "Ệ" * 10)
    assert Said(word=typed).word == "Ệ" * 10
    with pytest.raises(ValidationError):
        # U+0958 stays decomposed under NFC: six letters become twelve.
        Said(word="\u0958" * 6)


@pytest.mark.parametrize(
    "typed", ["15\u2044Q\u00d0\u2011UBND", "15 / QĐ \u2013 UBND", "\uff11\uff15/QĐ-UBND"]
)
def test_a_papers_number_is_spelled_one_way(typed: str) -> None:
    assert paper_number(typed) == "15/QĐ-UBND"
