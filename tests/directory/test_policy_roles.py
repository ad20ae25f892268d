"""Dated roles."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.directory.errors import (
    AgesCrossed,
    RoleNeverHeld,
    RolesExcludeEachOther,
    RolesOverlap,
)
from services.directory.policy import are_separate, check_ages, check_roles, roles_in_force
from shared.contracts.vocabulary import Role
from tests.directory.builders import held

ENDED = held(Role.CASE_OWNER, valid_to=date(2025, 7, 1))
TAKEN_OVER = held(Role.CASE_OWNER, valid_from=date(2025, 7, 1))

DAYS = st.dates(min_value=date(2019, 1, 1), max_value=date(2030, 1, 1))


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(2020, 2, 11), ()),
        (date(2020, 2, 12), (ENDED,)),
        (date(2025, 6, 30), (ENDED,)),
        (date(2025, 7, 1), (TAKEN_OVER,)),
        (date(2040, 1, 1), (TAKEN_OVER,)),
    ],
)
def test_the_reorganisation_of_2025_changes_the_case_owner_from_one_day_to_the_next(
    on: date, expected: object
) -> None:
    assert roles_in_force([ENDED, TAKEN_OVER], on) == expected


@given(first=DAYS, length=st.integers(1, 2000), on=DAYS)
def test_a_role_is_held_on_exactly_the_days_of_its_interval(
    first: date, length: int, on: date
) -> None:
    role = held(valid_from=first, valid_to=first + timedelta(days=length))
    days = {first + timedelta(days=day) for day in range(length)}
    assert bool(roles_in_force([role], on)) == (on in days)


@given(st.lists(st.tuples(DAYS, st.none() | st.integers(1, 900)), max_size=6))
def test_roles_pass_exactly_when_no_day_has_one_of_them_twice(
    intervals: list[tuple[date, int | None]],
) -> None:
    roles = [
        held(valid_from=first, valid_to=first + timedelta(days=days) if days else None)
        for first, days in intervals
    ]
    edges = {role.valid_from for role in roles}
    is_doubled = any(len(roles_in_force(roles, edge)) > 1 for edge in edges)
    if is_doubled:
        with pytest.raises(RolesOverlap):
            check_roles(roles)
    else:
        check_roles(roles)


def test_the_same_days_are_fine_for_another_role_or_area() -> None:
    check_roles([held(), held(Role.RECEIVER), held(area_code="11557")])


@pytest.mark.parametrize("last", [date(2020, 2, 12), date(2019, 1, 1)])
def test_a_role_that_ends_before_it_begins_is_refused(last: date) -> None:
    with pytest.raises(RoleNeverHeld):
        check_roles([held(valid_to=last)])


def test_a_minimum_age_above_the_maximum_is_refused() -> None:
    check_ages(16, 16)
    check_ages(None, 10)
    check_ages(10, None)
    with pytest.raises(AgesCrossed):
        check_ages(17, 16)


@given(
    st.lists(st.tuples(st.sampled_from(Role), DAYS, st.none() | st.integers(1, 900)), max_size=6)
)
def test_administrator_operator_auditor_and_console_are_never_one_on_any_day(
    held_roles: list[tuple[Role, date, int | None]],
) -> None:
    roles = [
        held(role, "31", first, first + timedelta(days=days) if days else None)
        for role, first, days in held_roles
    ]
    edges = {role.valid_from for role in roles}
    exclusive = {Role.ADMINISTRATOR, Role.OPERATOR, Role.AUDITOR, Role.CONSOLE}
    together = any(
        len({role.role for role in roles_in_force(roles, edge)} & exclusive) > 1 for edge in edges
    )
    assert are_separate(roles) is not together
    if together:
        with pytest.raises((RolesExcludeEachOther, RolesOverlap)):
            check_roles(roles)


def test_the_refusal_names_the_two_roles() -> None:
    with pytest.raises(RolesExcludeEachOther) as refusal:
        check_roles([held(Role.AUDITOR), held(Role.OPERATOR, "303")])
    assert refusal.value.facts == {"roles": ["auditor", "operator"]}
