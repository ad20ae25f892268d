"""Somebody who is named in cases leaves: the owner of each names another."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient
from sqlalchemy import update

from services.intake import api, domain
from services.intake.models import Case
from services.intake.policy import Duty, gone_at
from shared.contracts import DatedRole
from shared.contracts.vocabulary import Role
from shared.duties.api import duties_routes
from shared.kit.clock import start_of_day
from shared.kit.database import Begin
from tests.intake.acting import LONG_AGO, Scene, officer, organisation, owner_of
from tests.intake.answers import CASES, Headers, TokenFor
from tests.intake.builders import NOON

TODAY = NOON.date()
Name = Callable[[UUID | None], None]


def role(until: date | None = None) -> DatedRole:
    return DatedRole(role=Role.CASE_OWNER, area_code="31", valid_from=LONG_AGO, valid_to=until)


@pytest.fixture
def routers() -> Sequence[APIRouter]:
    return [api.router, duties_routes(domain.DUTIES)]


@pytest.fixture
def owner(token_for: TokenFor, scene: Scene) -> Headers:
    return owner_of(token_for, scene)


@pytest.fixture
def name(client: TestClient, scene: Scene, owner: Headers) -> Name:
    def hand(officer_id: UUID | None) -> None:
        body = {"organisation_id": str(scene.ids["case_owner"]), "reason": "workload"}
        body |= {"officer_id": str(officer_id)} if officer_id else {}
        extra = {"Idempotency-Key": str(uuid4()), "If-Match": "*"}
        where = f"{CASES}/{scene.case_id}/hand-overs"
        made = client.post(where, json=body, headers=owner | extra)
        assert made.status_code == 201, made.text

    return hand


def to_name(client: TestClient, headers: Headers) -> list[dict[str, Any]]:
    found = client.get("/intake/v1/duties", headers=headers).json()["items"]
    return [each for each in found if each["what"] == Duty.NAME_OFFICER]


def gone_since(client: TestClient, scene: Scene, headers: Headers) -> str | None:
    said = client.get(f"{CASES}/{scene.case_id}/responsibility", headers=headers).json()
    gone: str | None = said["officer_gone_at"]
    return gone


@pytest.mark.parametrize("how", [{"is_active": False}, {"roles": ()}])
def test_the_owner_of_a_case_names_another_once_its_officer_has_left(
    *,
    client: TestClient,
    begin: Begin,
    scene: Scene,
    owner: Headers,
    name: Name,
    how: dict[str, Any],
) -> None:
    unit = scene.ids["case_owner"]
    leaving, staying = officer(begin, unit), officer(begin, unit)
    name(leaving)
    assert (to_name(client, owner), gone_since(client, scene, owner)) == ([], None)
    officer(begin, unit, officer_id=leaving, **how)
    (found,) = to_name(client, owner)
    assert (found["case_id"], found["urgency"]) == (str(scene.case_id), "undated")
    assert datetime.fromisoformat(found["since"]) == NOON
    said = client.get(found["link"], headers=owner).json()
    assert (said["officer_id"], datetime.fromisoformat(said["officer_gone_at"])) == (
        str(leaving),
        NOON,
    )
    name(staying)
    assert (to_name(client, owner), gone_since(client, scene, owner)) == ([], None)


def test_nobody_at_all_may_be_named_instead_and_whoever_comes_back_is_not_gone(
    *, client: TestClient, begin: Begin, scene: Scene, owner: Headers, name: Name
) -> None:
    unit = scene.ids["case_owner"]
    leaving = officer(begin, unit)
    name(leaving)
    for is_active in (False, True, False):
        officer(begin, unit, officer_id=leaving, is_active=is_active)
        assert bool(to_name(client, owner)) is not is_active
    name(None)
    assert to_name(client, owner) == []


@pytest.mark.parametrize(("days", "is_gone"), [(0, True), (1, False)])
def test_a_role_ends_on_its_day_and_nobody_tells_anything_then(
    *,
    client: TestClient,
    begin: Begin,
    scene: Scene,
    owner: Headers,
    name: Name,
    days: int,
    is_gone: bool,
) -> None:
    unit = scene.ids["case_owner"]
    leaving = officer(begin, unit)
    name(leaving)
    ends = TODAY + timedelta(days=days)
    officer(begin, unit, officer_id=leaving, roles=(role(until=ends),))
    found = to_name(client, owner)
    assert bool(found) is is_gone
    if is_gone:
        assert datetime.fromisoformat(found[0]["since"]) == start_of_day(ends)


def test_of_whom_the_directory_has_told_nothing_nobody_says_that_they_have_left(
    client: TestClient, begin: Begin, scene: Scene, owner: Headers
) -> None:
    with begin() as session:
        named = {"responsible_id": scene.ids["case_owner"], "officer_id": uuid4()}
        session.execute(update(Case).values(**named))
    assert (to_name(client, owner), gone_since(client, scene, owner)) == ([], None)


def test_whoever_answers_for_the_case_names_another_and_no_other_case_owner(
    *, client: TestClient, begin: Begin, scene: Scene, owner: Headers, token_for: TokenFor
) -> None:
    """Somebody of the unit that the case was handed to; whoever holds the area names nobody."""
    other = uuid4()
    organisation(begin, other, Role.CASE_OWNER, "11749")
    leaving = officer(begin, other, is_active=False)
    with begin() as session:
        session.execute(update(Case).values(responsible_id=other, officer_id=leaving))
    assert to_name(client, owner) == []
    theirs = token_for("case_owner", organisation_id=other, areas=("11749",))
    assert [each["case_id"] for each in to_name(client, theirs)] == [str(scene.case_id)]
    listed = client.get(CASES, params={"officer_id": str(leaving)}, headers=theirs).json()
    assert [each["id"] for each in listed["items"]] == [str(scene.case_id)]


YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


@pytest.mark.parametrize(
    ("roles", "is_active", "expected"),
    [
        ((role(),), True, None),
        ((role(TOMORROW), role()), True, None),
        ((role(YESTERDAY), role(TOMORROW)), True, start_of_day(TOMORROW)),
        ((role(YESTERDAY),), True, start_of_day(YESTERDAY)),
        ((), True, NOON),
        ((role(),), False, NOON),
        ((role(TOMORROW),), False, NOON),
        ((role(YESTERDAY),), False, start_of_day(YESTERDAY)),
    ],
)
def test_an_account_acts_until_its_last_role_ends_or_it_is_deactivated(
    roles: tuple[DatedRole, ...], is_active: bool, expected: datetime | None
) -> None:
    assert gone_at(roles, is_active=is_active, told_at=NOON) == expected
