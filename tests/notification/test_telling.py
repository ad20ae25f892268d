"""A text to a phone tells nobody of what it is about: the list of words, and what finds them."""

import string
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notification.domain import telling_words
from services.notification.domain.built_in import built_in
from services.notification.policy import (
    EventType,
    TellingKind,
    TellingText,
    TellingWord,
    check_telling,
    find_telling,
    parse_telling,
    without_marks,
)
from services.notification.policy.telling import INSIDE_FROM
from services.notification.policy.templates import SAMPLES, filled, said
from shared.contracts.vocabulary import ChannelKind
from shared.texts import TextLanguage

WORDS = telling_words()
HARMLESS = "Có việc mới cần xử lý, mời anh chị xem khi tiện."
BETWEEN = ["", ".", "-", " ", "\N{ZERO WIDTH SPACE}", "\N{MIDDLE DOT}", "*"]


def named(text: str) -> set[str]:
    return {each.word for each in find_telling(text, WORDS)}


def letters(word: TellingWord) -> int:
    return sum(map(str.isalnum, word.word))


@pytest.mark.parametrize("kind", EventType)
def test_no_text_that_is_sent_to_phones_says_anything(kind: EventType) -> None:
    for language in TextLanguage:
        text = filled(built_in(kind, ChannelKind.SMS, language), said(SAMPLES, language))
        assert named(text.text) == set()


def test_the_list_names_each_word_once_and_has_all_kinds() -> None:
    words = [each.word.casefold() for each in WORDS]
    assert len(words) == len(set(words)) > 250
    assert {each.kind for each in WORDS} == set(TellingKind)


def test_no_word_is_made_of_what_codes_are_made_of_alone() -> None:
    """Else a code might say it by chance: it stands alone, in eight digits and letters."""
    found = [each for each in WORDS if set(each.word.lower()) <= set("0123456789abcdef ")]
    assert {letters(each) for each in found} <= {3}


@pytest.mark.parametrize("word", WORDS, ids=lambda word: word.word)
def test_a_word_is_found_however_it_is_written(word: TellingWord) -> None:
    written = {word.word, word.word.upper(), word.word.title(), without_marks(word.word)}
    for form in ("NFD", "NFKD"):
        written.add(unicodedata.normalize(form, word.word))
    for each in written:
        assert word.word in named(f"Mời anh chị xem ({each}) khi tiện."), each


@pytest.mark.parametrize(
    "written",
    [
        "b.u.ô.n b.á.n n.g.ư.ờ.i",
        "BUÔNBÁNNGƯỜI",
        "buon ban nguoi",
        "buôn bán ngươi",
        "b u o n   b a n   n g u o i",
        "buôn\N{ZERO WIDTH SPACE} bán người",
        "\N{FULLWIDTH LATIN SMALL LETTER B}uôn bán người",
        "xembuônbánngườinhé",
        "buôn_bán_người",
    ],
)
def test_what_stands_between_letters_hides_nothing(written: str) -> None:
    assert "buôn bán người" in named(written)


@given(
    word=st.sampled_from(WORDS),
    at=st.integers(0, len(HARMLESS)),
    between=st.sampled_from(BETWEEN),
    is_bare=st.booleans(),
    is_upper=st.booleans(),
)
def test_a_word_put_in_anywhere_is_found(
    word: TellingWord, at: int, between: str, *, is_bare: bool, is_upper: bool
) -> None:
    said = without_marks(word.word) if is_bare else word.word
    said = said.upper() if is_upper else said
    if not word.word.isdigit():
        said = between.join(said)
    if letters(word) < INSIDE_FROM:
        # A short one stands alone: inside of others its letters are there by chance.
        said = f" {said} "
    assert word.word in named(HARMLESS[:at] + said + HARMLESS[at:])


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("xem https://vi.du/abc nhé", "https://vi.du/abc"),
        ("xem www.vi-du.vn", "www.vi-du.vn"),
        ("xem vidu.com.vn/x?y=1 nhé", "vidu.com.vn/x?y=1"),
        ("viết cho a.b@vidu.vn", "a.b@vidu.vn"),
        ("Xem NHE.VN", "nhe.vn"),
    ],
)
def test_links_are_found_and_named(text: str, link: str) -> None:
    found = {each.word for each in find_telling(text, ()) if each.kind is TellingKind.LINK}
    assert link in found


@pytest.mark.parametrize(
    "text",
    [
        HARMLESS,
        without_marks(HARMLESS),
        "Anh chị bị bận thì báo lại trước 11/3 giúp em.",
        "Bạn có hẹn lúc 8.30 ngày 11.03, phòng 113A.",
        "Lịch học tuần này có thay đổi, bạn xem lại giờ vào lớp.",
        "Chị mang theo áo ấm, chiều nay trời lạnh.",
        "Your appointment was moved to Tuesday, 9.15.",
        "Mã: 1130A111. Mã: DEADBEEF.",
    ],
)
def test_what_anybody_may_read_passes(text: str) -> None:
    assert named(text) == set()


@given(st.text(string.hexdigits, min_size=8, max_size=8))
def test_no_code_says_anything_by_chance(code: str) -> None:
    assert named(f"Mã: {code.upper()}.") == set()


def test_a_telling_text_is_refused_with_its_words_named() -> None:
    with pytest.raises(TellingText, match=r"nạn nhân \(person\), công an \(agency\)"):
        check_telling("Cong an mời nạn nhân đến", WORDS)


def test_a_list_that_is_wrong_is_not_taken() -> None:
    with pytest.raises(ValueError, match="no_such_kind"):
        parse_telling('[[words]]\nword = "x"\nkind = "no_such_kind"')
    with pytest.raises(ValueError, match="no letters"):
        parse_telling('[[words]]\nword = "..."\nkind = "crime"')
