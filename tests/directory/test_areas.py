"""What a role or a programme covers is somewhere, while it is covered."""

from dataclasses import replace
from datetime import date, datetime

import pytest
from sqlalchemy.orm import Session

from services.directory import domain
from services.directory.errors import AreaUnknown
from shared.contracts.vocabulary import EntitlementCode, OrganisationKind, Role
from tests.directory.builders import ACTOR, held, open_school

REORGANISED = date(2025, 7, 1)
SEWING = domain.ProgrammeFacts(
    name_vi="Lớp may",
    name_en="Sewing",
    codes=(EntitlementCode.VOCATIONAL,),
    area_codes=("31",),
    capacity=1,
)


def open_with(session: Session, now: datetime, *roles: object) -> None:
    domain.open_organisation(
        session,
        code="xa",
        kind=OrganisationKind.COMMUNE_COMMITTEE,
        facts=domain.OrganisationFacts(name_vi="Xã", name_en="Commune", roles=roles),  # type: ignore[arg-type]
        now=now,
        actor=ACTOR,
    )


@pytest.mark.parametrize("area", ["ZZ", "UK", "US", "99999", "00004", "32"])
def test_a_role_in_an_area_that_is_nowhere_here_is_refused(
    session: Session, now: datetime, area: str
) -> None:
    with pytest.raises(AreaUnknown) as refused:
        open_with(session, now, held(area_code="11557"), held(Role.RECEIVER, area_code=area))
    assert refused.value.facts == {"places": [1]}


@pytest.mark.parametrize("area", ["31", "VN"])
def test_the_city_and_the_country_are_always_there(
    session: Session, now: datetime, area: str
) -> None:
    open_with(session, now, held(area_code=area))


def test_a_role_is_held_while_its_unit_is_there(session: Session, now: datetime) -> None:
    open_with(session, now, held(area_code="305", valid_to=REORGANISED))
    with pytest.raises(AreaUnknown):
        open_with(session, now, held(area_code="305", valid_from=REORGANISED))


def test_a_changed_role_is_looked_at_as_well(session: Session, now: datetime) -> None:
    school = open_school(session, now=now)
    facts = domain.OrganisationFacts(name_vi="A", name_en="A", roles=(held(area_code="ZZ"),))
    with pytest.raises(AreaUnknown):
        domain.change_organisation(
            session,
            organisation_id=school.id,
            facts=facts,
            expected_version=1,
            now=now,
            actor=ACTOR,
        )


def test_a_programme_covers_units_of_today(session: Session, now: datetime) -> None:
    school = open_school(session, now=now)

    def open_programme(*areas: str) -> None:
        facts = replace(SEWING, area_codes=areas)
        domain.open_programme(session, organisation_id=school.id, facts=facts, now=now, actor=ACTOR)

    open_programme("31", "11557")
    for areas in (("ZZ",), ("31", "11746"), ("00004",)):
        with pytest.raises(AreaUnknown):
            open_programme(*areas)


def test_the_city_covers_its_own_units_only(session: Session, now: datetime) -> None:
    school = open_school(session, now=now)

    def found(area: str) -> list[object]:
        rows = domain.find_organisations(
            session, kind=None, role=None, area=area, on=now.date(), after=None, size=9
        )
        return [row.id for row in rows]

    assert found("11557") == found("31") == [school.id]
    assert found("00004") == []


def test_units_and_what_became_of_them_are_those_of_the_package() -> None:
    today = domain.find_units(on=date(2026, 3, 2), parent="31", after=None, size=1000)
    assert len(today) == 114
    assert all((it.valid_from, it.valid_to) == (REORGANISED, None) for it in today)
    eve = date(2025, 6, 30)
    (before,) = domain.find_units(on=eve, parent=None, after="10506", size=1)
    assert (before.code, before.valid_to) == ("10507", REORGANISED)
    became = domain.find_successors(code="11746")
    assert [(it.new_code, it.changed_on) for it in became] == [
        ("11728", REORGANISED),
        ("11749", REORGANISED),
    ]
    assert domain.find_successors(code="11728") != []
    assert domain.find_successors(code="11948") == []
