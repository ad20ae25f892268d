"""Administrative units: the counts of the sources, no gap and no dangling code."""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from shared import places
from tests.published import published_rows

Rows = Sequence[dict[str, str]]

LAST_DAY = "2025-06-30"
FIRST_DAY = "2025-07-01"
OPEN = "9999-12-31"
LENGTHS = {"province": 2, "district": 3, "commune": 5, "ward": 5, "special_zone": 5}


def _of_2025(units: Rows) -> Rows:
    return [row for row in units if row["valid_from"] == FIRST_DAY and row["kind"] != "province"]


def _old_communes(units: Rows) -> Rows:
    return [row for row in units if len(row["code"]) == 5 and row["valid_to"] == LAST_DAY]


def _in_force(units: Rows, day: str) -> Rows:
    return [row for row in units if row["valid_from"] <= day <= (row["valid_to"] or OPEN)]


def test_the_city_has_114_units_since_july_2025(units: Rows) -> None:
    kinds = Counter(row["kind"] for row in _of_2025(units))
    assert kinds == {"commune": 67, "ward": 45, "special_zone": 2}
    assert all(row["parent_code"] == "31" and not row["valid_to"] for row in _of_2025(units))


def test_the_city_had_fifteen_districts_on_any_day_before(units: Rows) -> None:
    for day in ("2020-02-12", "2024-12-31", "2025-01-01", LAST_DAY):
        districts = [
            row
            for row in _in_force(units, day)
            if row["kind"] == "district" and row["parent_code"] == "31"
        ]
        assert len({row["code"] for row in districts}) == len(districts) == 15, day
    assert not [row for row in _in_force(units, FIRST_DAY) if row["kind"] == "district"]


def test_454_links_lead_from_375_old_units_of_which_72_were_divided(units: Rows) -> None:
    successors = defaultdict(set)
    for row in _of_2025(units):
        for code in row["predecessor_codes"].split(";"):
            successors[code].add(row["code"])
    assert sum(map(len, successors.values())) == 454
    assert len(successors) == 375
    assert sum(len(codes) > 1 for codes in successors.values()) == 72


def test_every_predecessor_was_a_unit_until_the_day_before(units: Rows) -> None:
    communes = {row["code"] for row in _old_communes(units)}
    assert len(communes) == 374
    named = {
        code for row in _of_2025(units) for code in row["predecessor_codes"].split(";") if code
    }
    # Bạch Long Vĩ was a district without communes.
    assert named == communes | {"318"}


def test_a_code_means_one_unit_on_any_day(units: Rows) -> None:
    spans = defaultdict(list)
    for row in units:
        spans[row["code"]].append((row["valid_from"], row["valid_to"] or OPEN))
    for code, found in spans.items():
        days = [date.fromisoformat(day) for span in sorted(found) for day in span]
        assert days == sorted(set(days)), code


def test_a_parent_is_in_force_as_long_as_its_child(units: Rows) -> None:
    for row in units:
        for day in (row["valid_from"], row["valid_to"] or OPEN):
            parents = [each for each in _in_force(units, day) if each["code"] == row["parent_code"]]
            assert len(parents) == (0 if row["kind"] == "province" else 1), (row["code"], day)


def test_codes_names_kinds_and_sources_are_well_formed(units: Rows, root: Path) -> None:
    sources = (root / "services/directory/seed/SOURCES.md").read_text(encoding="utf-8")
    for row in units:
        assert row["code"].isdigit()
        assert len(row["code"]) == LENGTHS[row["kind"]]
        assert row["name"] == unicodedata.normalize("NFC", row["name"]).strip() != ""
        assert f"`{row['source']}`" in sources


def test_names_and_links_are_those_of_the_sources(units: Rows) -> None:
    names = {each["code"]: each["name"] for each in published_rows("units_of_2025.csv")}
    assert {row["code"]: row["name"] for row in _of_2025(units)} == names
    links = {(each["former"], each["present"]) for each in published_rows("links_to_2025.csv")}
    assert links == {
        (code, row["code"])
        for row in _of_2025(units)
        for code in row["predecessor_codes"].split(";")
    }


def test_verification_knows_which_of_them_lie_in_the_city(units: Rows) -> None:
    """It goes by numbers alone; on every day they say what the chain of parents says."""
    for day in ("2024-12-31", LAST_DAY, FIRST_DAY, "2026-03-02"):
        there = {row["code"]: row["parent_code"] for row in _in_force(units, day)}
        for code in there:
            top = code
            while there[top]:
                top = there[top]
            assert places.is_in_city(code, date.fromisoformat(day)) is (top == "31"), (code, day)
