"""How far a permission reaches: pairs of role and area, asked of rows of a real table."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Date, String, Uuid, cast, column, null, select, values
from sqlalchemy.orm import Session

from shared.access import PERMISSIONS, Permission, Scope, visible
from shared.access.columns import PlaceColumns
from shared.contracts.vocabulary import Role
from shared.kit.subjects import Grant
from tests.subjects import somebody

TODAY = date(2026, 11, 27)
US, THEM = uuid4(), uuid4()
HERE, THERE = "11680", "11749"
"""Two communes as they are since July 2025."""


def found(session: Session, roles: dict[str, tuple[str, ...]], **row: Any) -> bool:
    """Whether a case owner or receiver of ``US`` with these roles in these areas reads this row."""
    subject = somebody(US)
    grants = frozenset(Grant(role, area) for role, areas in roles.items() for area in areas)
    subject = type(subject)(**{**vars(subject), "grants": grants})
    sight = visible(subject, Permission.CASE_READ)
    kept = {"owner": uuid4(), "receiver": THEM, "code": HERE, "told_on": TODAY} | row
    table = values(
        column("owner", Uuid),
        column("receiver", Uuid),
        column("code", String),
        column("told_on", Date),
        name="things",
    ).data([tuple(kept[name] for name in ("owner", "receiver", "code", "told_on"))])
    reach = sight.reaches(
        on=TODAY,
        own=[table.c.receiver],
        assigned=[table.c.owner],
        place=PlaceColumns(table.c.code, table.c.told_on),
    )
    return session.execute(select(table).where(reach)).one_or_none() is not None


def test_a_receiver_reads_what_it_submitted_and_nothing_else(session: Session) -> None:
    own: dict[str, UUID] = {"receiver": US}
    assert found(session, {"receiver": ("31",)}, **own)
    assert not found(session, {"receiver": ("31",)})


def test_a_case_owner_reads_the_cases_of_its_areas(session: Session) -> None:
    assert found(session, {"case_owner": (HERE,)})
    assert not found(session, {"case_owner": (THERE,)})
    assert found(session, {"case_owner": ("31",)})
    assert found(session, {"case_owner": ("31",)}, code="00004"), "whoever else would have it"


def test_a_case_owner_reads_what_was_handed_to_it_from_elsewhere(session: Session) -> None:
    assert found(session, {"case_owner": (THERE,)}, owner=US)


def test_where_nobody_is_named_a_thing_is_certainly_not_reached(session: Session) -> None:
    """Not merely unknown: whoever asks for the contrary gets it."""
    subject = somebody(US, Role.CASE_OWNER, areas=(THERE,))
    nobody = select(cast(null(), Uuid).label("owner")).subquery()
    sight = visible(subject, Permission.CASE_READ)
    is_reached = sight.reaches(on=TODAY, own=[nobody.c.owner], assigned=[nobody.c.owner])
    assert session.execute(select(is_reached).select_from(nobody)).scalar_one() is False


def test_a_role_in_one_area_lends_nothing_to_another_role(session: Session) -> None:
    assert not found(session, {"receiver": (HERE,), "case_owner": (THERE,)})


def test_who_holds_no_role_of_the_table_reads_nothing(session: Session) -> None:
    assert not found(session, {}, receiver=US, owner=US)
    assert not found(session, {"provider": ("31",)}, receiver=US, owner=US)


def test_a_commune_of_before_the_reform_is_where_it_went(session: Session) -> None:
    """Its number is nobody's since: it became a part of the commune here."""
    before = {"code": "11698", "told_on": date(2024, 5, 1)}
    assert found(session, {"case_owner": (HERE,)}, **before)
    assert not found(session, {"case_owner": (THERE,)}, **before)


@pytest.mark.parametrize("permission", Permission, ids=str)
@pytest.mark.parametrize("role", Role, ids=str)
def test_a_sight_has_the_scopes_of_the_row_and_no_other(permission: Permission, role: Role) -> None:
    sight = visible(somebody(US, role, areas=(HERE,)), permission)
    assert sight.scopes == PERMISSIONS[permission].reach.get(role, frozenset())
    assert bool(sight.areas) is (Scope.AREA in sight.scopes)


def test_a_thing_is_reached_through_a_role_by_what_that_role_holds_alone() -> None:
    both = somebody(US, Role.VERIFIER, Role.CASE_OWNER, areas=(HERE,))
    through = {role: visible(both, Permission.VERIFICATION_READ, through=role) for role in Role}
    assert through[Role.VERIFIER].scopes == {Scope.ASSIGNED}
    assert through[Role.VERIFIER].areas == frozenset()
    assert through[Role.CASE_OWNER].scopes == {Scope.ASSIGNED, Scope.AREA}
    assert not any(through[role].scopes for role in set(Role) - {Role.VERIFIER, Role.CASE_OWNER})


def test_one_owns_what_is_of_ones_organisation_with_a_role_that_says_so() -> None:
    provider = visible(somebody(US, Role.PROVIDER), Permission.PROGRAMME_ASSURE)
    assert (provider.owns(US), provider.owns(THEM)) == (True, False)
    assert not visible(somebody(US, Role.ADMINISTRATOR), Permission.PROGRAMME_ASSURE).owns(US)


def test_where_a_place_lies_is_asked_of_on_a_day() -> None:
    sight = visible(somebody(US, Role.CASE_OWNER), Permission.NEED_READ)
    place = PlaceColumns(column("code", String), column("told_on", Date))
    with pytest.raises(TypeError):
        sight.reaches(place=place)
