"""Phones and identity numbers, against the given cases."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.policy import (
    Birth,
    Caution,
    IdentityDocumentType,
    look_at_number,
    read_phone,
    searchable_number,
)
from shared.contracts.vocabulary import Sex
from shared.kit.crypto import MasterKeys
from tests.published import published

TODAY = date(2026, 3, 2)
SEPARATORS = " \u00a0\u202f\u2007\u3000-\u2010\u2011\u2013\u2212/\u2044\uff0f."
FORMER_MOBILES = [
    ("162", "32"), ("163", "33"), ("164", "34"), ("165", "35"), ("166", "36"), ("167", "37"),
    ("168", "38"), ("169", "39"), ("120", "70"), ("121", "79"), ("122", "77"), ("126", "76"),
    ("128", "78"), ("123", "83"), ("124", "84"), ("125", "85"), ("127", "81"), ("129", "82"),
    ("186", "56"), ("188", "58"), ("199", "59"),
]  # fmt: skip


def look(number: str, sex: Sex = Sex.FEMALE, year: int = 1999) -> frozenset[Caution]:
    kind = IdentityDocumentType.CCCD
    return look_at_number(kind, number, sex=sex, birth=Birth(year), today=TODAY)


def test_phones_are_read_as_the_given_cases_say() -> None:
    for case in published("phones.json"):
        phone = read_phone(case["input"])
        if not case["possible"]:
            assert phone is None, case
            continue
        assert phone is not None, case
        assert phone.number == case["e164"]
        assert (phone.is_confirmed or phone.is_maybe_landline) == case["valid"], case


@pytest.mark.parametrize("text", ["0313842124", "+84 31 384 2124", "03203842124", "0320384212"])
def test_a_former_landline_is_kept_but_never_confirmed(text: str) -> None:
    phone = read_phone(text)
    assert phone is not None
    assert phone.is_maybe_landline
    assert not phone.is_confirmed


@pytest.mark.parametrize(("former", "present"), FORMER_MOBILES)
def test_a_mobile_of_before_2018_is_the_one_it_became(former: str, present: str) -> None:
    phone = read_phone(f"0{former} 482 5678")
    assert phone is not None
    assert phone.number == f"+84{present}4825678"
    assert phone.is_confirmed
    assert phone == read_phone(f"+84 {former}.4825678") == read_phone(f"0{present} 4825678")


@pytest.mark.parametrize(
    "text", ["033 3825 678", "0383 844 123", "0511 3821 234", "036 6250 123", "08 3829 1234"]
)
def test_a_former_landline_of_any_province_is_kept_but_never_confirmed(text: str) -> None:
    phone = read_phone(text)
    assert phone is not None
    assert phone.is_maybe_landline
    assert not phone.is_confirmed


@pytest.mark.parametrize("text", ["0912 345 678", "033 4825 678", "0225 3842 124", "086 8123 456"])
def test_a_number_no_former_landline_had_is_confirmed(text: str) -> None:
    phone = read_phone(text)
    assert phone is not None
    assert phone.is_confirmed
    assert not phone.is_maybe_landline


@given(st.lists(st.text(SEPARATORS, max_size=3), min_size=10, max_size=10))
def test_any_mix_of_separators_in_a_phone_is_one_phone(between: list[str]) -> None:
    written = "".join(map("".join, zip("0912345678", between, strict=True)))
    phone = read_phone(written)
    assert phone is not None
    assert phone.number == "+84912345678"


@given(st.lists(st.text(SEPARATORS, max_size=3), min_size=12, max_size=12))
def test_any_mix_of_separators_in_a_number_is_one_blind_index(between: list[str]) -> None:
    written = "".join(map("".join, zip("031199000123", between, strict=True)))
    keys = MasterKeys(keys={1: bytes(32)}, index_key=bytes(32))
    searchable = searchable_number(written)
    assert searchable is not None
    assert keys.blind_index("n", searchable) == keys.blind_index("n", "031199000123")


@pytest.mark.parametrize("text", ["", "111", "phone", "+999123456789"])
def test_what_cannot_be_a_phone_is_none(text: str) -> None:
    assert read_phone(text) is None


def test_a_foreign_number_beginning_like_a_former_landline_is_confirmed() -> None:
    phone = read_phone("+31 20 624 1111")
    assert phone is not None
    assert phone.is_confirmed


def test_citizen_numbers_are_looked_at_as_the_given_cases_say() -> None:
    for case in published("citizen_numbers.json"):
        found = look(case["number"], Sex(case["sex"]), case["birth_year"])
        assert found == set(case["cautions"]), case


def test_another_sex_or_year_than_stated_is_worth_a_second_look() -> None:
    assert look("031199000123", Sex.MALE) == {Caution.IDENTITY_NUMBER_SEX}
    assert look("031199000123", Sex.FEMALE, 1998) == {Caution.IDENTITY_NUMBER_YEAR}
    assert not look("031199000123", Sex.OTHER)
    assert Caution.IDENTITY_NUMBER_IN_FUTURE in look("031499000123")


@pytest.mark.parametrize(
    ("number", "is_usual"),
    [("031199000", True), ("031 199 000", True), ("03119900", False), ("A31199000", False)],
)
def test_former_identity_cards_have_nine_digits(number: str, is_usual: bool) -> None:
    found = look_at_number(
        IdentityDocumentType.CMND, number, sex=Sex.MALE, birth=Birth(1970), today=TODAY
    )
    assert (not found) == is_usual


def test_only_what_survives_the_index_is_searchable() -> None:
    assert searchable_number("c 00-00.021") == "C0000021"
    assert searchable_number("\uff10\uff13\uff11199000123") == "031199000123"
    assert searchable_number("Đ31199000") is None
    assert searchable_number("---") is None
