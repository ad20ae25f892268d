"""In which language somebody is answered: by RFC 9110 section 12.5.4, or by the locale."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.texts import TextLanguage, accepted, of_locale

VI, EN = TextLanguage.VIETNAMESE, TextLanguage.ENGLISH


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], VI),
        ([""], VI),
        (["*"], VI),
        (["vi"], VI),
        (["VI-vn"], VI),
        (["en"], EN),
        (["en-GB"], EN),
        (["en, vi"], EN),
        (["vi, en"], VI),
        (["en;q=0.3, vi;q=0.2"], EN),
        (["en;q=0.2, vi;q=0.30"], VI),
        (["fr, en;q=0.1"], EN),
        (["fr-FR, de"], VI),
        (["*;q=0.5, en;q=0.1"], VI),
        (["en;q=0.5, *;q=0.1"], EN),
        (["vi;q=0, *"], EN),
        (["vi;q=0"], VI),
        (["vi;q=0, en;q=0"], VI),
        (["en;q=0, vi;q=0.001"], VI),
        (["en;q=1.000 , vi;q=0.9"], EN),
        (["fr", "en;q=0.2"], EN),
        (["en ; q=0.2,vi; q=0.1"], EN),
    ],
)
def test_the_language_asked_for_most_is_answered_in(
    lines: list[str], expected: TextLanguage
) -> None:
    assert accepted(lines) is expected


@pytest.mark.parametrize("line", ["en;q=2", "en;q=0.1234", "en;q=-1", "en;x=1", "e n", "english!"])
def test_what_is_no_language_range_asks_for_nothing(line: str) -> None:
    assert accepted([line]) is VI
    assert accepted([f"{line}, en;q=0.1"]) is EN


@given(st.lists(st.text(max_size=60), max_size=3))
def test_whatever_is_sent_some_language_is_found(lines: list[str]) -> None:
    assert accepted(lines) in TextLanguage


weights = st.integers(0, 1000)


@given(vi=weights, en=weights)
def test_the_higher_weight_wins_in_either_order(vi: int, en: int) -> None:
    ranges = [f"vi;q={vi / 1000:.3f}", f"en;q={en / 1000:.3f}"]
    for lines in (ranges, ranges[::-1]):
        found = accepted([", ".join(lines)])
        if vi != en:
            assert found is (VI if vi > en else EN)


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, EN),
        ({"LANG": "C"}, EN),
        ({"LANG": "C.UTF-8"}, EN),
        ({"LANG": "POSIX"}, EN),
        ({"LANG": "vi_VN.UTF-8"}, VI),
        ({"LANG": "vi"}, VI),
        ({"LANG": "en_US.UTF-8"}, EN),
        ({"LANG": "fr_FR.UTF-8"}, EN),
        ({"LANG": "vi_VN.UTF-8", "LC_ALL": "C"}, EN),
        ({"LANG": "en_US", "LC_MESSAGES": "vi_VN@x"}, VI),
        ({"LANG": "vi_VN", "LC_ALL": ""}, VI),
        ({"LC_ALL": "C", "NHIPCAU_LANG": "vi"}, VI),
        ({"LC_ALL": "vi_VN.UTF-8", "NHIPCAU_LANG": "en"}, EN),
        ({"LANG": "vie"}, EN),
    ],
)
def test_a_terminal_speaks_vietnamese_where_its_locale_does(
    environment: dict[str, str], expected: TextLanguage
) -> None:
    assert of_locale(environment) is expected
