"""What a person may act in is what they were given, as far as their organisation holds it."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.directory.errors import GrantBeyondOrganisation, LastManagerLeaves
from services.directory.policy import (
    check_grants,
    check_still_managed,
    in_force_for,
    managed_until,
)
from shared.contracts.directory import DatedRole
from shared.contracts.vocabulary import Role
from shared.kit.subjects import Grant
from tests.directory.builders import held

TODAY = date(2026, 3, 2)
LATER = date(2027, 1, 1)
HERE, THERE = "11680", "11749"
"""Two communes of the city."""


def own(area: str = "31", role: Role = Role.CASE_OWNER, **days: date | None) -> DatedRole:
    return held(role, area, **days)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "grant",
    [
        own("VN"),
        own(role=Role.VERIFIER),
        own(valid_from=date(2019, 1, 1)),
        own(HERE, valid_from=date(2019, 1, 1), valid_to=LATER),
    ],
    ids=["a wider area", "another role", "an earlier day", "partly earlier"],
)
def test_nobody_is_given_more_than_the_organisation_holds(grant: DatedRole) -> None:
    with pytest.raises(GrantBeyondOrganisation):
        check_grants([grant], known=(), held=[own("31")])


@pytest.mark.parametrize(
    "grant",
    [own("31"), own(HERE), own("31", valid_from=TODAY, valid_to=LATER)],
    ids=["the same", "a part of the area", "a part of the time"],
)
def test_a_part_of_what_the_organisation_holds_can_be_given(grant: DatedRole) -> None:
    check_grants([grant], known=(), held=[own("31")])


def test_two_times_that_meet_are_one_and_a_gap_between_them_is_none() -> None:
    grant = own(HERE, valid_from=TODAY, valid_to=date(2028, 1, 1))
    first = own("31", valid_from=TODAY, valid_to=LATER)
    check_grants([grant], known=(), held=[own(HERE, valid_from=LATER), first])
    with pytest.raises(GrantBeyondOrganisation):
        check_grants(
            [grant],
            known=(),
            held=[first, own(HERE, valid_from=LATER + timedelta(days=1))],
        )


def test_a_grant_stays_when_the_organisation_holds_less_and_counts_for_nothing() -> None:
    grant = own(HERE)
    check_grants([grant], known=[grant], held=[])
    assert in_force_for([grant], held=[], on=TODAY) == frozenset()


def test_where_the_organisation_kept_a_part_of_an_area_that_part_is_left() -> None:
    assert in_force_for([own("31")], held=[own(HERE)], on=TODAY) == {Grant("case_owner", HERE)}
    assert in_force_for([own(HERE)], held=[own("31")], on=TODAY) == {Grant("case_owner", HERE)}
    assert in_force_for([own(HERE)], held=[own(THERE)], on=TODAY) == frozenset()


def test_a_role_lends_its_area_to_no_other_role() -> None:
    held_here = [own(HERE), own(THERE, Role.RECEIVER)]
    grants = [own(HERE, Role.RECEIVER), own(THERE)]
    assert in_force_for(grants, held=held_here, on=TODAY) == frozenset()


days = st.dates(date(2026, 1, 1), date(2026, 12, 31))
dated = st.builds(
    lambda role, area, first, length: own(
        area, role, valid_from=first, valid_to=first + timedelta(days=length)
    ),
    st.sampled_from([Role.CASE_OWNER, Role.RECEIVER]),
    st.sampled_from([HERE, THERE, "31"]),
    days,
    st.integers(1, 200),
)


@given(grants=st.lists(dated, max_size=4), roles=st.lists(dated, max_size=4), on=days)
def test_a_person_never_acts_in_what_either_side_does_not_have_that_day(
    grants: list[DatedRole], roles: list[DatedRole], on: date
) -> None:
    for grant in in_force_for(grants, held=roles, on=on):
        for side in (grants, roles):
            assert any(
                each.role == grant.role
                and each.area_code in {grant.area, "31"}
                and each.valid_from <= on < (each.valid_to or date.max)
                for each in side
            )


@given(grant=dated, roles=st.lists(dated, max_size=5), on=days)
def test_what_could_be_given_is_held_on_every_day_of_it(
    grant: DatedRole, roles: list[DatedRole], on: date
) -> None:
    try:
        check_grants([grant], known=(), held=roles)
    except GrantBeyondOrganisation:
        return
    if grant.valid_from <= on < (grant.valid_to or date.max):
        assert Grant(grant.role, grant.area_code) in in_force_for([grant], held=roles, on=on)


def test_an_organisation_is_managed_as_long_as_the_longest_of_its_managers() -> None:
    manager = own(role=Role.MANAGER)
    ending = own(role=Role.MANAGER, valid_to=LATER)
    assert managed_until([[own()], []], TODAY) is None
    assert managed_until([[ending], [manager]], TODAY) == date.max
    assert managed_until([[ending]], TODAY) == LATER
    assert managed_until([[ending]], LATER) is None


@pytest.mark.parametrize("after", [None, TODAY])
def test_nobody_shortens_the_time_for_which_somebody_manages(after: date | None) -> None:
    with pytest.raises(LastManagerLeaves):
        check_still_managed(LATER, after)
    check_still_managed(after, LATER)
    check_still_managed(None, None)
