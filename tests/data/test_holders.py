"""Who holds a place on a day: the nearest who covers all of it, through the reform of July 2025."""

from datetime import date
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import places
from shared.places.holders import Place, Tenure, holder_of, holding_of

BEFORE, AFTER = date(2024, 6, 1), date(2026, 3, 2)
AN_HAI, DONG_HAI, NGO_QUYEN = "11617", "11422", "304"
BUREAU, DEPARTMENT, WARD, MINISTRY = "bureau", "department", "ward", "ministry"


def _id(code: str) -> UUID:
    return uuid5(UUID(int=1), code)


def _holds(code: str, area: str, since: date, until: date | None = None) -> Tenure:
    return Tenure(_id(code), code, area, since, until)


CITY = _holds(BUREAU, places.WHOLE_CITY, date(2020, 2, 12), places.MERGED_ON)
CITY_NOW = _holds(DEPARTMENT, places.WHOLE_CITY, places.MERGED_ON)
DISTRICT = _holds(NGO_QUYEN, NGO_QUYEN, date(2020, 2, 12), places.MERGED_ON)
COUNTRY = _holds(MINISTRY, places.WHOLE_COUNTRY, date(2020, 1, 1))
ALL = (CITY, CITY_NOW, DISTRICT, COUNTRY)


def _old_commune_of(district: str) -> str:
    return next(row["code"] for row in places.rows() if row["parent_code"] == district)


def test_a_district_holds_its_communes_on_a_day_it_was_there() -> None:
    place = Place(_old_commune_of(NGO_QUYEN), BEFORE)
    assert holder_of(ALL, place, on=BEFORE) == _id(NGO_QUYEN)
    assert holder_of(ALL, Place(NGO_QUYEN, BEFORE), on=BEFORE) == _id(NGO_QUYEN)


def test_the_city_holds_what_its_district_held_once_districts_have_ended() -> None:
    place = Place(_old_commune_of(NGO_QUYEN), BEFORE)
    assert holder_of(ALL, place, on=AFTER) == _id(DEPARTMENT)


def test_a_ward_comes_before_the_city_it_lies_in_and_the_city_before_the_country() -> None:
    ward = _holds(WARD, AN_HAI, places.MERGED_ON)
    assert holder_of([*ALL, ward], Place(AN_HAI, AFTER), on=AFTER) == _id(WARD)
    assert holder_of(ALL, Place(AN_HAI, AFTER), on=AFTER) == _id(DEPARTMENT)
    assert holder_of([COUNTRY], Place(AN_HAI, AFTER), on=AFTER) == _id(MINISTRY)


def test_a_ward_does_not_hold_an_old_commune_of_which_it_took_in_only_a_part() -> None:
    # 11581 was divided among three wards of today; 11629 went whole into one.
    part, whole = _holds(WARD, "11593", places.MERGED_ON), _holds(WARD, "11629", places.MERGED_ON)
    assert holder_of([CITY_NOW, part], Place("11581", BEFORE), on=AFTER) == _id(DEPARTMENT)
    assert holder_of([CITY_NOW, whole], Place("11629", BEFORE), on=AFTER) == _id(WARD)


@pytest.mark.parametrize("elsewhere", ["00004", "32248", ""])
def test_whoever_comes_from_elsewhere_or_nobody_knows_where_is_the_citys(elsewhere: str) -> None:
    assert holder_of([CITY_NOW], Place(elsewhere, AFTER), on=AFTER) == _id(DEPARTMENT)
    assert holder_of([CITY_NOW], Place(elsewhere, AFTER), on=BEFORE) is None


def test_equals_are_told_apart_by_their_code() -> None:
    first, second = _holds("a", AN_HAI, BEFORE), _holds("b", AN_HAI, BEFORE)
    place = Place(AN_HAI, AFTER)
    assert holder_of([second, first], place, on=AFTER) == _id("a")
    assert holder_of([first, second], place, on=AFTER) == _id("a")


def test_a_role_is_held_from_its_first_day_until_before_its_last() -> None:
    place = Place(AN_HAI, AFTER)
    assert holder_of([CITY, CITY_NOW], place, on=date(2025, 6, 30)) == _id(BUREAU)
    assert holder_of([CITY, CITY_NOW], place, on=places.MERGED_ON) == _id(DEPARTMENT)
    assert holder_of([CITY], place, on=places.MERGED_ON) is None
    assert holder_of([], place, on=AFTER) is None


@given(
    unit=st.sampled_from(places.rows()),
    days=st.integers(0, 4000),
)
def test_the_seeded_case_owners_leave_no_unit_and_no_day_without_one(
    unit: dict[str, str], days: int
) -> None:
    told = date.fromisoformat(unit["valid_from"])
    on = date.fromordinal(max(date(2020, 2, 12).toordinal(), told.toordinal()) + days)
    assert holder_of([CITY, CITY_NOW], Place(unit["code"], told), on=on) is not None


AREAS = (places.WHOLE_COUNTRY, places.WHOLE_CITY, NGO_QUYEN, AN_HAI, DONG_HAI, "11593", "11629")
CODES = (*AREAS, "11581", "11617", "10507", "00001", "29999", "11948")
tenures_held = st.frozensets(
    st.builds(
        lambda who, area, since, days: Tenure(
            _id(who), who, area, since, date.fromordinal(since.toordinal() + days)
        ),
        st.sampled_from("abc"),
        st.sampled_from(AREAS),
        st.sampled_from((date(2020, 1, 1), places.MERGED_ON)),
        st.sampled_from((400, 4000)),
    ),
    max_size=5,
)


@given(tenures_held, st.sampled_from("abcd"), st.sampled_from((BEFORE, AFTER)))
def test_what_an_organisation_holds_is_what_it_is_the_holder_of(
    tenures: frozenset[Tenure], who: str, on: date
) -> None:
    holding = holding_of(tenures, _id(who), on=on)
    eve = date.fromordinal(places.MERGED_ON.toordinal() - 1)
    for told_on, listed in ((eve, holding.before), (on, holding.since)):
        for code in CODES:
            is_held = holder_of(tenures, Place(code, told_on), on=on) == _id(who)
            assert ((code in listed) is not holding.has_rest) is is_held, code


@given(tenures_held, st.sampled_from((BEFORE, AFTER)))
def test_what_nobody_holds_is_where_there_is_no_holder(
    tenures: frozenset[Tenure], on: date
) -> None:
    unheld = holding_of(tenures, None, on=on)
    eve = date.fromordinal(places.MERGED_ON.toordinal() - 1)
    found = []
    for told_on, listed in ((eve, unheld.before), (on, unheld.since)):
        for code in CODES:
            found.append(holder_of(tenures, Place(code, told_on), on=on) is None)
            assert ((code in listed) is not unheld.has_rest) is found[-1], code
    assert not (unheld.is_empty and any(found))
