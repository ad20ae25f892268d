"""Units by date, as every service asks for them: held against the rows of the file."""

from collections.abc import Sequence
from datetime import date

import pytest

from shared import places

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
