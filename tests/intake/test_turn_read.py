"""Whose turn a case is, as it is read with the journey."""

from uuid import uuid4

from fastapi.testclient import TestClient
from sqlalchemy import delete

from services.intake.models import HeldRole
from shared.kit.database import Begin
from tests.intake.acting import Scene, owner_of
from tests.intake.answers import TokenFor


def test_the_journey_says_whose_turn_it_is_and_of_which_organisation(
    client: TestClient, token_for: TokenFor, scene: Scene, begin: Begin
) -> None:
    owner = owner_of(token_for, scene)
    where = f"/intake/v1/cases/{scene.case_id}/journey"
    turn = client.get(where, headers=owner).json()["turn"]
    assert (turn["who"], turn["why"]) == ("case_owner", "see_to_urgent_needs")
    assert turn["organisation_id"] == str(scene.ids["case_owner"])
    settled = client.post(
        f"/intake/v1/cases/{scene.case_id}/immediate-needs/medical/ends",
        json={"outcome": "met", "ended_on": "2026-03-02"},
        headers={**owner, "Idempotency-Key": str(uuid4())},
    )
    assert settled.status_code == 201, settled.text
    turn = client.get(where, headers=owner).json()["turn"]
    assert turn["why"] != "see_to_urgent_needs"
    with begin() as session:
        session.execute(delete(HeldRole))
    again = client.get(where, headers=owner).json()["turn"]
    if turn["who"] == "case_owner":
        assert (again["who"], again["organisation_id"]) == ("nobody", None)
    else:
        assert again == turn
