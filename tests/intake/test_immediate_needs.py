"""Each thing that cannot wait is open until somebody who may says that it was met."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient
from httpx2 import Response
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from services.intake import api, domain
from services.intake.models import Assignment, Case, JourneyStep, NeedEnd
from services.intake.policy import Duty, Need, NeedOutcome, StepKind, are_all_ended
from shared.contracts.vocabulary import Role
from shared.duties.api import duties_routes
from shared.kit.audit import AUDIT
from shared.kit.crypto import MasterKeys
from shared.kit.database import Begin
from tests.intake.acting import Scene, organisation, owner_of, problem
from tests.intake.answers import CASES, Headers, TokenFor
from tests.intake.builders import NOON, caller, facts, receive, submission

Ask = Callable[..., Response]
NEEDED = ["medical", "shelter"]


@pytest.fixture
def routers() -> Sequence[APIRouter]:
    return [api.router, duties_routes(domain.DUTIES)]


@pytest.fixture
def scene(begin: Begin, keys: MasterKeys, organisation_id: UUID) -> Scene:
    """A commune received somebody who needs a doctor and a bed; nobody shelters them yet."""
    made = facts(keys, submission(immediate_needs=NEEDED), sender=caller(organisation_id))
    found = Scene(made.case_id, {role: uuid4() for role in ("case_owner", "facility")})
    for role in (Role.CASE_OWNER, Role.FACILITY):
        organisation(begin, found.ids[role], role)
    with begin() as session:
        receive(session, made)
    return found


@pytest.fixture
def owner(token_for: TokenFor, scene: Scene) -> Headers:
    return owner_of(token_for, scene)


@pytest.fixture
def shelter(token_for: TokenFor, scene: Scene, begin: Begin) -> Headers:
    """A facility with a part in the case from today on."""
    with begin() as session:
        part = Assignment(
            id=uuid4(),
            case_id=scene.case_id,
            organisation_id=scene.ids["facility"],
            role="facility",
            reason="shelter_needed",
            valid_from=NOON.date(),
            assigned_at=NOON,
        )
        session.add(part)
    return token_for("facility", organisation_id=scene.ids["facility"])


def end(
    client: TestClient, scene: Scene, headers: Headers, need: str = "medical", **changes: Any
) -> Response:
    answer: Response = client.post(
        f"{CASES}/{scene.case_id}/immediate-needs/{need}/ends",
        json={"outcome": "met", "ended_on": "2026-03-02"} | changes,
        headers={**headers, "Idempotency-Key": str(uuid4())},
    )
    return answer


def needs(client: TestClient, scene: Scene, headers: Headers) -> dict[str, Any]:
    answer = client.get(f"{CASES}/{scene.case_id}/immediate-needs", headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def owed(client: TestClient, headers: Headers) -> list[str]:
    listed = client.get("/intake/v1/duties", headers=headers).json()["items"]
    return [each["case_id"] for each in listed if each["what"] == Duty.SEE_TO_URGENT_NEEDS]


def test_whoever_received_the_person_and_whoever_owns_the_case_see_to_each_need(
    client: TestClient, scene: Scene, sender: Headers, owner: Headers
) -> None:
    for acting in (sender, owner):
        assert owed(client, acting) == [str(scene.case_id)]
        told = needs(client, scene, acting)
        assert told["must_act"] is True
        assert [(it["need"], it["is_open"]) for it in told["items"]] == [
            ("shelter", True),
            ("medical", True),
        ]


def test_one_that_was_met_leaves_the_other_open(
    client: TestClient, scene: Scene, sender: Headers, owner: Headers
) -> None:
    made = end(client, scene, sender)
    assert made.status_code == 201, made.text
    told = {it["need"]: it for it in needs(client, scene, owner)["items"]}
    assert (told["medical"]["outcome"], told["medical"]["ended_on"]) == ("met", "2026-03-02")
    assert told["medical"]["organisation_id"] == made.json()["organisation_id"]
    assert (told["medical"]["is_open"], told["shelter"]["is_open"]) == (False, True)
    assert owed(client, sender) == owed(client, owner) == [str(scene.case_id)]


def test_with_the_last_of_them_nothing_waits_and_it_is_another_turn(
    client: TestClient, scene: Scene, sender: Headers, owner: Headers
) -> None:
    def turn() -> str:
        read = client.get(f"{CASES}/{scene.case_id}/journey", headers=owner).json()
        why: str = read["turn"]["why"]
        return why

    for need in NEEDED:
        assert turn() == "see_to_urgent_needs"
        assert end(client, scene, sender, need).status_code == 201
    assert turn() != "see_to_urgent_needs"
    assert owed(client, sender) == owed(client, owner) == []
    told = needs(client, scene, owner)
    assert (told["settled_at"] is not None, told["must_act"]) == (True, False)
    alerts = client.get("/intake/v1/urgent-needs", headers=owner).json()["items"]
    assert alerts == []


def test_whoever_shelters_the_person_sees_to_it_in_place_of_whoever_received_them(
    *,
    client: TestClient,
    scene: Scene,
    sender: Headers,
    owner: Headers,
    shelter: Headers,
    begin: Begin,
) -> None:
    assert (owed(client, sender), owed(client, shelter)) == ([], [str(scene.case_id)])
    assert owed(client, owner) == [str(scene.case_id)]
    assert end(client, scene, shelter, "shelter").status_code == 201
    with begin() as session:
        since, until = (NOON.date() - timedelta(days=days) for days in (9, 1))
        session.execute(update(Assignment).values(valid_from=since, valid_to=until))
    assert (owed(client, sender), owed(client, shelter)) == ([str(scene.case_id)], [])
    assert problem(end(client, scene, shelter, "medical")) == (404, "case-not-found")
    where = f"{CASES}/{scene.case_id}/immediate-needs"
    assert problem(client.get(where, headers=shelter)) == (404, "case-not-found")


def test_where_somebody_is_sheltered_is_not_told_to_whoever_received_them(
    client: TestClient, scene: Scene, sender: Headers, owner: Headers, shelter: Headers
) -> None:
    assert end(client, scene, shelter, "shelter").status_code == 201
    facility = str(scene.ids["facility"])
    paths = ("immediate-needs", "journey", "timeline")
    said = {it: client.get(f"{CASES}/{scene.case_id}/{it}", headers=sender).text for it in paths}
    assert not any(facility in each for each in said.values())
    assert facility in client.get(f"{CASES}/{scene.case_id}/immediate-needs", headers=owner).text
    assert facility in client.get(f"{CASES}/{scene.case_id}/journey", headers=owner).text


def test_the_journey_and_the_audit_say_that_it_was_and_not_which(
    client: TestClient, scene: Scene, owner: Headers, begin: Begin
) -> None:
    assert end(client, scene, owner, outcome="person_declined").status_code == 201
    with begin() as session:
        steps = select(JourneyStep).where(JourneyStep.kind == StepKind.IMMEDIATE_NEED_ENDED)
        (step,) = session.scalars(steps).all()
        (entry,) = session.execute(
            select(AUDIT).where(AUDIT.c.action == "immediate_need.end")
        ).all()
        assert (step.outcome, step.reason, step.code) == ("person_declined", None, None)
    assert (entry.object_id, entry.facts["how"]) == (scene.case_id, "person_declined")
    assert "medical" not in str(entry.facts)


def test_that_its_owner_read_what_it_is_is_noted_and_ends_nothing(
    client: TestClient, scene: Scene, sender: Headers, owner: Headers
) -> None:
    def read_at() -> object:
        (alert,) = client.get("/intake/v1/urgent-needs", headers=owner).json()["items"]
        return alert["read_at"]

    needs(client, scene, sender)
    assert read_at() is None
    needs(client, scene, owner)
    assert read_at() == "2026-03-02T05:00:00Z"


def test_it_is_said_once_of_what_was_stated_and_of_a_day_that_has_come(
    client: TestClient, scene: Scene, owner: Headers
) -> None:
    for day in ("2026-03-01", "2026-03-03"):
        assert problem(end(client, scene, owner, ended_on=day)) == (422, "ended-on-unfit")
    assert problem(end(client, scene, owner, "food")) == (404, "immediate-need-not-found")
    assert problem(end(client, scene, owner, "company")) == (422, "invalid-request")
    assert end(client, scene, owner).status_code == 201
    again = end(client, scene, owner, outcome="no_longer_needed")
    assert problem(again) == (409, "immediate-need-ended")


def test_what_an_earlier_release_settled_as_one_is_over(
    client: TestClient, scene: Scene, owner: Headers, begin: Begin
) -> None:
    with begin() as session:
        session.execute(update(Case).values(urgency_settled_at=NOON))
    told = needs(client, scene, owner)
    assert [(it["is_open"], it["outcome"]) for it in told["items"]] == [(False, None)] * 2
    assert problem(end(client, scene, owner)) == (409, "nothing-urgent")
    with begin() as session:
        assert session.scalars(select(NeedEnd)).all() == []


@given(st.sets(st.sampled_from(Need)), st.sets(st.sampled_from(Need)))
def test_nothing_waits_where_each_that_was_stated_has_ended(
    stated: set[Need], ended: set[Need]
) -> None:
    assert are_all_ended(stated, ended) == all(each in ended for each in stated)


def test_that_another_sees_to_it_ends_nothing() -> None:
    assert {*NeedOutcome} == {"met", "person_declined", "no_longer_needed"}
