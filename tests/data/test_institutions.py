"""Institutions and programmes: real kinds and roles, known areas, nothing dangling."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from shared.contracts.vocabulary import EntitlementCode, OrganisationKind, Role, Sex

Row = dict[str, Any]

WHOLE_COUNTRY = "VN"
TODAY = date(2026, 7, 1)
"""Any day after the reorganisation; the facts must hold on it."""


def _holds(row: Row, role: Role, area: str, day: date) -> bool:
    return any(
        each["role"] == role
        and each["area_code"] == area
        and each["from"] <= day <= each.get("to", date.max)
        for each in row["roles"]
    )


def _holders(rows: Sequence[Row], role: Role, area: str, day: date) -> set[str]:
    return {row["code"] for row in rows if _holds(row, role, area, day)}


def _spans(units: Sequence[dict[str, str]]) -> Mapping[str, list[tuple[date, date]]]:
    spans = defaultdict(list)
    for unit in units:
        end = date.fromisoformat(unit["valid_to"]) if unit["valid_to"] else date.max
        spans[unit["code"]].append((date.fromisoformat(unit["valid_from"]), end))
    return spans


def _areas(row: Row) -> Iterator[tuple[str, date]]:
    """Every area a role is held for, on its first and its last day."""
    for each in row["roles"]:
        yield each["area_code"], each["from"]
        yield each["area_code"], each.get("to", TODAY)


def test_ids_and_codes_are_given_once(
    organisations: Sequence[Row], programmes: Sequence[Row]
) -> None:
    ids = [UUID(row["id"]) for row in (*organisations, *programmes)]
    assert len(set(ids)) == len(ids)
    codes = [row["code"] for row in organisations]
    assert len(set(codes)) == len(codes)


def test_kinds_and_roles_are_words_of_the_vocabulary(organisations: Sequence[Row]) -> None:
    for row in organisations:
        assert row["kind"] in set(OrganisationKind), row["code"]
        assert row["roles"], row["code"]
        for each in row["roles"]:
            assert each["role"] in set(Role), row["code"]
            assert set(each) <= {"role", "area_code", "from", "to"}
            assert each["from"] <= each.get("to", date.max), row["code"]


def test_every_institution_says_where_it_is_known_from_and_how_well(
    organisations: Sequence[Row],
) -> None:
    for row in organisations:
        assert row["name_vi"], row["code"]
        assert row["name_en"], row["code"]
        assert row["source"], row["code"]
        assert row["certainty"] in {"confirmed", "recalled"}, row["code"]


def test_institutions_are_at_home_where_they_hold_roles(organisations: Sequence[Row]) -> None:
    for row in organisations:
        areas = {each["area_code"] for each in row["roles"] if each.get("to", date.max) >= TODAY}
        ended = {each["area_code"] for each in row["roles"]}
        assert set(row["area_codes"]) == (areas or ended), row["code"]


def test_roles_are_held_for_areas_that_existed_then(
    organisations: Sequence[Row], units: Sequence[dict[str, str]]
) -> None:
    spans = _spans(units)
    for row in organisations:
        for area, day in _areas(row):
            assert area == WHOLE_COUNTRY or any(a <= day <= b for a, b in spans[area]), (
                row["code"],
                area,
                day,
            )


@pytest.mark.parametrize(
    ("day", "role", "area", "who"),
    [
        (
            date(2025, 6, 30),
            Role.CASE_OWNER,
            "31",
            {"chi-cuc-phong-chong-te-nan-xa-hoi"},
        ),
        (date(2025, 7, 1), Role.CASE_OWNER, "31", {"so-y-te"}),
        (date(2025, 6, 30), Role.CASE_OWNER, "314", {"phong-lao-dong-kien-thuy"}),
        (date(2025, 7, 1), Role.CASE_OWNER, "314", set()),
        (date(2025, 2, 28), Role.VERIFIER, "311", {"cong-an-huyen-thuy-nguyen"}),
        (date(2025, 3, 1), Role.VERIFIER, "311", set()),
        (date(2025, 2, 28), Role.VERIFIER, "31", {"bien-phong-thanh-pho"}),
        (date(2025, 3, 1), Role.VERIFIER, "31", {"bien-phong-thanh-pho", "cong-an-thanh-pho"}),
        (TODAY, Role.VERIFIER, WHOLE_COUNTRY, {"quan-ly-xuat-nhap-canh"}),
    ],
)
def test_the_reorganisation_of_2025_is_told_by_dates(
    organisations: Sequence[Row], day: date, role: Role, area: str, who: set[str]
) -> None:
    assert _holders(organisations, role, area, day) == who


def test_each_district_had_a_labour_division_and_a_police(
    organisations: Sequence[Row], units: Sequence[dict[str, str]]
) -> None:
    districts = {
        unit["code"] for unit in units if unit["kind"] == "district" and unit["parent_code"] == "31"
    }
    plan = date(2020, 2, 12)
    for role in (Role.CASE_OWNER, Role.VERIFIER):
        assert {
            area for area in districts if len(_holders(organisations, role, area, plan)) == 1
        } == districts


def test_programmes_belong_to_institutions_that_provide_today(
    organisations: Sequence[Row], programmes: Sequence[Row]
) -> None:
    providers = _holders(organisations, Role.PROVIDER, "31", TODAY)
    offering = {row["organisation_code"] for row in programmes}
    assert offering <= {row["code"] for row in organisations}
    assert offering <= providers


THE_PLAN = "Kế hoạch 15/KH-SLĐTBXH-PCTNXH"


@pytest.mark.parametrize("code", ["don-bien-phong-doan-xa", "trung-tam-cong-tac-xa-hoi"])
def test_who_the_plan_does_not_name_is_not_said_to_be_from_it(
    organisations: Sequence[Row], code: str
) -> None:
    (row,) = [each for each in organisations if each["code"] == code]
    assert THE_PLAN not in row["source"]
    assert row["certainty"] == "recalled"


@pytest.mark.parametrize(
    "code",
    [
        "benh-vien-kien-an",
        "trung-tam-kiem-soat-benh-tat",
        "trung-tam-y-te-cap-huyen",
        "tram-y-te-cap-xa",
        "phong-giao-dich-ngan-hang-chinh-sach",
        "cao-dang-lao-dong-xa-hoi",
        "co-so-giao-duc-nghe-nghiep-cong-lap",
        "trung-tam-gdnn-gdtx-cap-huyen",
        "lien-doan-lao-dong",
        "hoi-nong-dan",
        "thanh-doan",
        "doi-cong-tac-xa-hoi-tinh-nguyen",
        "phong-canh-sat-hinh-su",
        "phong-quan-ly-xuat-nhap-canh",
    ],
)
def test_whoever_is_known_of_is_in_the_register(organisations: Sequence[Row], code: str) -> None:
    assert code in {row["code"] for row in organisations}


def test_every_entitlement_is_served_and_training_by_three_schools(
    organisations: Sequence[Row], programmes: Sequence[Row]
) -> None:
    kinds = {row["code"]: row["kind"] for row in organisations}
    served = {code for row in programmes for code in row["codes"]}
    assert served == set(EntitlementCode)
    schools = {
        row["organisation_code"]
        for row in programmes
        if EntitlementCode.VOCATIONAL in row["codes"]
        and kinds[row["organisation_code"]] == OrganisationKind.VOCATIONAL_SCHOOL
    }
    assert len(schools) >= 3


def test_programmes_serve_units_in_force_and_say_that_they_are_assumed(
    programmes: Sequence[Row], units: Sequence[dict[str, str]]
) -> None:
    spans = _spans(units)
    for row in programmes:
        assert row["status"] == "assumed"
        assert row["fees"] == "none"
        assert row["capacity"] > 0
        assert row["languages"]
        assert not {name for name in row if name.startswith("assured")}
        assert row.get("minimum_age", 0) <= row.get("maximum_age", 200)
        assert set(row.get("staff_sexes", ())) <= set(Sex)
        assert set(row.get("client_sexes", ("female",))) <= set(Sex)
        assert row["area_codes"]
        for area in row["area_codes"]:
            assert any(a <= TODAY <= b for a, b in spans[area]), (row["id"], area)
