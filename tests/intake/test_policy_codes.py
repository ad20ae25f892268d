"""Case codes notice the mistakes people make when they dictate."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain.codes import draw_code
from services.intake.errors import CaseCodeMistyped
from services.intake.policy import ALPHABET, DRAWN, case_code, read_code

WIDE = {ord(letter): ord(letter) + 0xFEE0 for letter in f"HP-{ALPHABET}"}
DRAWS = st.text(ALPHABET, min_size=DRAWN, max_size=DRAWN)


def placed(characters: str) -> str:
    return f"HP-{characters[:4]}-{characters[4:]}"


def test_the_alphabet_has_no_two_look_alikes_and_a_prime_length() -> None:
    assert len(set(ALPHABET)) == len(ALPHABET) == 31
    assert not set("0OILU") & set(ALPHABET)


@given(DRAWS)
def test_a_code_is_read_back_however_it_is_written(drawn: str) -> None:
    code = case_code(drawn)
    assert read_code(code) == code
    assert read_code(code.lower().replace("-", " ")) == code
    assert read_code(code.replace("1", "l").replace("V", "u")) == code
    for dash in "\u2010\u2011\u2013\u2014\u2212\u00a0\u202f\u2007/":
        assert read_code(code.replace("-", dash)) == code
    assert read_code(code.translate(WIDE)) == code


@given(DRAWS, st.integers(0, DRAWN), st.sampled_from(ALPHABET))
def test_any_single_wrong_character_is_detected(drawn: str, place: int, wrong: str) -> None:
    right = case_code(drawn)[3:].replace("-", "")
    typed = right[:place] + wrong + right[place + 1 :]
    if typed == right:
        assert read_code(placed(typed)) == placed(right)
    else:
        with pytest.raises(CaseCodeMistyped):
            read_code(placed(typed))


@given(DRAWS, st.integers(0, DRAWN), st.integers(0, DRAWN))
def test_any_exchange_of_two_characters_is_detected(drawn: str, one: int, other: int) -> None:
    characters = list(case_code(drawn)[3:].replace("-", ""))
    if characters[one] == characters[other]:
        return
    characters[one], characters[other] = characters[other], characters[one]
    with pytest.raises(CaseCodeMistyped):
        read_code(placed("".join(characters)))


@pytest.mark.parametrize(
    "text", ["", "HP", "HP-1234-567", "XX-1234-567J", "HP-0234-567J", "HP-1234-567J-1"]
)
def test_what_is_no_code_is_refused(text: str) -> None:
    with pytest.raises(CaseCodeMistyped):
        read_code(text)


def test_drawn_codes_are_valid_and_differ() -> None:
    codes = {draw_code(b"%d" % it, turn) for it in range(100) for turn in range(2)}
    assert len(codes) == 200
    assert {read_code(code) for code in codes} == codes
