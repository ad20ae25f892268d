"""What a case owner must do in its cases: what cannot wait, and parts whose days are over."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from services.intake import api, domain
from services.intake.models import Assignment, Case
from services.intake.policy import Duty
from shared.contracts.vocabulary import Role, Route
from shared.duties.api import duties_routes
from shared.kit.database import Begin
from tests.intake.acting import Scene, organisation, owner_of
from tests.intake.answers import TokenFor

URGENT, OVER = Duty.SEE_TO_URGENT_NEEDS, Duty.RENEW_ASSIGNMENT


@pytest.fixture
def routers() -> Sequence[APIRouter]:
    return [api.router, duties_routes(domain.DUTIES)]


@pytest.fixture(autouse=True)
def rescued(scene: Scene, begin: Begin) -> None:
    """On this route nobody waits for a first look (``test_initial_checks.py``)."""
    with begin() as session:
        session.execute(update(Case).values(route=Route.RESCUED))


def duties(client: TestClient, headers: dict[str, str]) -> list[dict[str, Any]]:
    answer = client.get("/intake/v1/duties", headers=headers)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    assert answer.json()["counts"]["undated"] == len(found)
    return found


def test_what_cannot_wait_waits_for_the_case_owner_until_it_was_seen_to(
    client: TestClient, token_for: TokenFor, scene: Scene
) -> None:
    owner = owner_of(token_for, scene)
    (found,) = duties(client, owner)
    assert (found["what"], found["case_id"]) == (URGENT, str(scene.case_id))
    assert client.get(found["link"], headers=owner).json()["case_code"] == found["case_code"]
    client.post(
        f"/intake/v1/cases/{scene.case_id}/immediate-needs/medical/ends",
        json={"outcome": "met", "ended_on": "2026-03-02"},
        headers={**owner, "Idempotency-Key": str(uuid4())},
    )
    assert duties(client, owner) == []


def test_a_part_waits_for_the_case_owner_once_its_days_are_over(
    client: TestClient, token_for: TokenFor, scene: Scene, begin: Begin, now: datetime
) -> None:
    owner = owner_of(token_for, scene)
    with begin() as session:
        session.execute(update(Case).values(urgency_settled_at=now))
    for days, expected in ((1, []), (0, [OVER] * len(scene.assigned))):
        with begin() as session:
            until, since = now.date() + timedelta(days=days), now.date() - timedelta(days=9)
            session.execute(update(Assignment).values(valid_from=since, valid_to=until))
        assert [each["what"] for each in duties(client, owner)] == expected
    assert scene.assigned


def test_of_several_who_reach_a_case_whoever_owns_it_acts(
    client: TestClient, token_for: TokenFor, scene: Scene, begin: Begin
) -> None:
    """A duty is shown to nobody who would be refused the act."""
    ward, reaching = uuid4(), owner_of(token_for, scene)
    with begin() as session:
        unit = session.scalars(select(Case)).one().area_code
    organisation(begin, ward, Role.CASE_OWNER, unit)
    owning = token_for("case_owner", organisation_id=ward, areas=(unit,))
    assert client.get(f"/intake/v1/cases/{scene.case_id}", headers=reaching).status_code == 200
    assert duties(client, reaching) == []
    (found,) = duties(client, owning)
    assert (found["what"], found["area_code"]) == (URGENT, unit)
    with begin() as session:
        session.execute(update(Case).values(responsible_id=scene.ids["case_owner"]))
    assert [each["what"] for each in duties(client, reaching)] == [URGENT]
    assert duties(client, owning) == []


def test_whoever_owns_a_case_again_since_its_named_owner_ended_says_who_answers_for_it(
    *, client: TestClient, token_for: TokenFor, scene: Scene, begin: Begin, now: datetime
) -> None:
    named, area = uuid4(), owner_of(token_for, scene)
    organisation(begin, named, Role.CASE_OWNER, "11749")
    former = token_for("case_owner", organisation_id=named, areas=("11749",))
    with begin() as session:
        session.execute(update(Case).values(urgency_settled_at=now, responsible_id=named))
    where = {"case_id": str(scene.case_id)}
    for acting in (area, former):
        assert watched(client, begin, acting, now, where) == ([], [])
    organisation(begin, named, Role.FACILITY, "11749")
    assert watched(client, begin, former, now, where)[0] == []
    (due,), (alert,) = watched(client, begin, area, now, where)
    assert (due["what"], due["case_id"]) == (Duty.NAME_OWNER, str(scene.case_id))
    assert datetime.fromisoformat(due["since"]) == now
    assert (alert["kind"], alert["must_act"]) == ("owner_ended", "case_owner")
    assert alert["organisation_id"] == str(named)
    stands = client.get(due["link"], headers=area).json()
    assert (stands["owned_by"], stands["responsible_id"]) == ("area", str(named))
    stranger = token_for("case_owner", organisation_id=uuid4(), areas=("11200",))
    assert watched(client, begin, stranger, now, where) == ([], [])
    extra = {"Idempotency-Key": str(uuid4()), "If-Match": f'"{stands["version"]}"'}
    released = client.post(
        f"/intake/v1/cases/{scene.case_id}/hand-overs/releases",
        json={"reason": "no_longer_needed"},
        headers=area | extra,
    )
    assert released.status_code == 201, released.text
    assert watched(client, begin, area, now, where) == ([], [])


def watched(
    client: TestClient, begin: Begin, headers: dict[str, str], now: datetime, where: dict[str, str]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """After a round of the sweep, what somebody must do, and the alerts of a case for them."""
    with begin() as session:
        domain.watch_duties(session, now)
    listed = client.get("/intake/v1/alerts", params=where, headers=headers)
    assert listed.status_code == 200, listed.text
    return duties(client, headers), listed.json()["items"]


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.CASE_OWNER, Role.FACILITY}))
def test_whoever_neither_owns_the_case_nor_shelters_the_person_has_nothing_to_do_in_it(
    client: TestClient, token_for: TokenFor, scene: Scene, role: Role
) -> None:
    acting = scene.ids.get(role, uuid4())
    assert duties(client, token_for(role, organisation_id=acting)) == []


def test_a_case_owner_of_elsewhere_has_nothing_to_do_in_it(
    client: TestClient, token_for: TokenFor, scene: Scene
) -> None:
    headers = token_for("case_owner", organisation_id=uuid4(), areas=("11749",))
    assert duties(client, headers) == []
