"""Whom an area serves: only a unit of any day all of whose places of today it covers."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.places import MERGED_ON, rows
from shared.places.pieces import is_covered

PLAN = date(2020, 2, 12)
LAST_YEAR = date(2025, 3, 1)
TODAY = date(2026, 7, 1)
NEW = [row for row in rows() if row["valid_from"] == "2025-07-01" and row["code"] != "31"]
OLD_COMMUNES = [row for row in rows() if row["valid_to"] and len(row["code"]) == 5]
SUCCESSORS = {
    row["code"]: {new["code"] for new in NEW if row["code"] in new["predecessor_codes"].split(";")}
    for row in OLD_COMMUNES
}


@pytest.mark.parametrize(
    ("code", "on", "areas", "is_served"),
    [
        # The whole city serves every unit in it, of whatever level and day.
        ("11680", TODAY, {"31"}, True),
        ("31", TODAY, {"31"}, True),
        ("314", PLAN, {"31"}, True),
        ("10546", TODAY, {"31"}, True),
        ("30", LAST_YEAR, {"31"}, True),
        # A commune of another province is not in it; the country serves everybody.
        ("00004", TODAY, {"31"}, False),
        ("00004", TODAY, {"31", "VN"}, True),
        ("00004", TODAY, {"00004"}, True),
        # A number of the city that no list of ours has: an older commune.
        ("11447", PLAN, {"31"}, True),
        # Somebody somewhere in the city is served by nobody who serves a part of it.
        ("31", TODAY, {"11680", "11749"}, False),
        # A commune that was divided is served where every part of it is.
        ("11890", LAST_YEAR, {"10804"}, False),
        ("11890", LAST_YEAR, {"10804", "10843"}, False),
        ("11890", LAST_YEAR, {"10804", "10843", "11911"}, True),
        # One that went into another whole is served with that one.
        ("11749", TODAY, {"11749"}, True),
        ("318", PLAN, {"11948"}, True),
        # A code that was given to another unit in 2025 is another place.
        ("10570", LAST_YEAR, {"10570"}, False),
        ("11680", TODAY, set(), False),
    ],
)
def test_an_area_serves_a_unit_if_it_covers_all_of_it(
    *, code: str, on: date, areas: set[str], is_served: bool
) -> None:
    assert is_covered(code, on, areas, TODAY) is is_served


@given(st.sampled_from(OLD_COMMUNES), st.data())
def test_an_old_commune_is_served_exactly_where_all_its_successors_are(
    row: dict[str, str], data: st.DataObject
) -> None:
    successors = SUCCESSORS[row["code"]]
    served = data.draw(st.sets(st.sampled_from(sorted(successors))))
    assert is_covered(row["code"], LAST_YEAR, served, TODAY) is (served == successors)


@given(st.sampled_from(NEW))
def test_a_unit_of_today_is_served_by_its_own_code_and_by_the_city(row: dict[str, str]) -> None:
    assert is_covered(row["code"], TODAY, {row["code"]}, TODAY)
    assert is_covered(row["code"], TODAY, {"31"}, TODAY)
    others = {new["code"] for new in NEW} - {row["code"]}
    assert not is_covered(row["code"], TODAY, others, TODAY)


@given(st.sampled_from(rows()), st.sets(st.sampled_from([row["code"] for row in rows()])))
def test_more_areas_never_serve_less(row: dict[str, str], areas: set[str]) -> None:
    on = date.fromisoformat(row["valid_from"])
    if is_covered(row["code"], on, areas, TODAY):
        assert is_covered(row["code"], on, areas | {"11680"}, TODAY)


def test_the_city_of_before_the_merger_serves_only_what_lay_in_it() -> None:
    before = MERGED_ON.replace(month=6, day=30)
    assert is_covered("11680", TODAY, {"31"}, TODAY)
    assert not is_covered("10546", TODAY, {"31"}, before)
