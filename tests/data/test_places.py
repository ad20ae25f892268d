"""Units by date, as every service asks for them: held against the rows of the file."""

from collections.abc import Sequence
from datetime import date

import pytest

from shared import places
from shared.places.units import parents, successors, unit

Rows = Sequence[dict[str, str]]


def test_every_unit_of_the_file_lies_in_the_span_of_the_citys_numbers(units: Rows) -> None:
    communes = [row["code"] for row in units if len(row["code"]) == places.COMMUNE_DIGITS]
    assert all(places.is_numbered_here(code) and places.was_there(code) for code in communes)
    numbers = [int(code) for code in communes]
    assert (min(numbers), max(numbers) + 1) == (
        places.OF_THE_CITY.start,
        places.OF_THE_CITY.stop,
    )


def test_a_unit_is_there_from_its_first_to_its_last_day(units: Rows) -> None:
    ended = next(row for row in units if row["valid_to"] == "2025-06-30" and row["kind"] == "ward")
    again = [row for row in units if row["code"] == ended["code"]]
    is_used_again = len(again) > 1
    assert places.is_there(ended["code"], date(2025, 6, 30))
    assert places.is_there(ended["code"], date(2025, 7, 1)) is is_used_again
    assert not places.is_there(ended["code"], date(2019, 12, 31))


@pytest.mark.parametrize("code", ["00000", "99999", "33000", "318", "1156", "\uff11" * 5])
def test_no_commune_can_have_such_a_number(code: str) -> None:
    assert not places.can_exist(code)
    assert not places.is_numbered_here(code)


@pytest.mark.parametrize("code", ["00004", "10504", "11951", "32248"])
def test_communes_of_other_provinces_can_be_and_lie_elsewhere(code: str) -> None:
    assert places.can_exist(code)
    assert not places.is_numbered_here(code)


TODAY = date(2026, 3, 2)
EVE = date(2025, 6, 30)


def test_a_code_means_another_unit_after_the_reform() -> None:
    before, after = unit("10507", EVE), unit("10507", TODAY)
    assert before is not None
    assert after is not None
    assert before.name != after.name
    assert unit("11746", TODAY) is None


def test_a_unit_lies_in_what_the_file_says_of_its_day() -> None:
    assert [it.code for it in parents("11746", EVE)] == ["314", "31"]
    assert [it.code for it in parents("11749", TODAY)] == ["31"]
    assert parents("31", TODAY) == parents("11746", TODAY) == ()


def test_a_unit_has_the_successors_of_the_sources(units: Rows) -> None:
    ended = [row for row in units if row["valid_to"] == "2025-06-30" and len(row["code"]) == 5]
    divided = 0
    for row in ended:
        heirs = {
            each["code"] for each in units if row["code"] in each["predecessor_codes"].split(";")
        }
        found = successors(row["code"], EVE)
        assert [it.code for it in found] == sorted(heirs)
        assert all(it.has(places.MERGED_ON) for it in found)
        divided += len(found) > 1
    # Bạch Long Vĩ had no communes; it is the 375th old unit, and was not divided.
    assert (len(ended), divided) == (374, 72)


def test_what_is_there_has_no_successor_and_what_ended_stands_for_what_it_meant_last() -> None:
    assert successors("11749", TODAY) == ()
    assert successors("10507", TODAY) == ()
    assert [it.code for it in successors("11746", TODAY)] == ["11728", "11749"]
    assert successors("00004", TODAY) == ()


@pytest.mark.parametrize(
    ("code", "on", "is_none"),
    [
        ("11746", TODAY, True),
        ("11746", EVE, False),
        # Before the list begins, and of what was never listed, nothing is known.
        ("11746", date(2024, 12, 31), False),
        ("11561", TODAY, False),
        ("00004", TODAY, False),
        ("10507", TODAY, False),
        ("11948", EVE, True),
    ],
)
def test_only_what_is_known_to_be_none_is_none(code: str, on: date, *, is_none: bool) -> None:
    assert places.is_known_to_be_none(code, on) is is_none
