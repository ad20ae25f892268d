"""Whoever reports themselves is checked first, by the owner of the case and in time."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import delete, select, update

from services.intake import api, domain, tasks
from services.intake.models import Case, JourneyStep
from services.intake.policy import CaseStatus, Duty, InitialCheckOutcome, StepKind
from shared.clocks import CLOCKS
from shared.contracts.vocabulary import Role, Route
from shared.duties.api import duties_routes
from shared.kit.audit import AUDIT
from shared.kit.database import Begin
from tests.intake.acting import Scene, organisation, owner_of, problem
from tests.intake.answers import CASES, TokenFor
from tests.intake.builders import NOON
from tests.intake.messages import concluded

OLD = datetime(2025, 6, 30, 5, 0, tzinfo=UTC)
"""The last day of the law of 2011."""


@pytest.fixture
def routers() -> Sequence[APIRouter]:
    return [api.router, duties_routes(domain.DUTIES)]


@pytest.fixture
def police(begin: Begin, scene: Scene) -> UUID:
    organisation(begin, scene.ids["verifier"], Role.VERIFIER)
    return scene.ids["verifier"]


@pytest.fixture
def owner(token_for: TokenFor, scene: Scene) -> dict[str, str]:
    return owner_of(token_for, scene)


def record(
    client: TestClient, scene: Scene, headers: dict[str, str], with_id: UUID | None, **changes: Any
) -> Response:
    body = {"checked_on": "2026-03-02", "outcome": "signs_found", "evidence_ref": "07/BB-SYT"}
    named = {} if with_id is None else {"together_with_id": str(with_id)}
    answer: Response = client.post(
        f"{CASES}/{scene.case_id}/initial-check",
        json=body | named | changes,
        headers={**headers, "Idempotency-Key": str(uuid4())},
    )
    return answer


def standing(client: TestClient, scene: Scene, headers: dict[str, str]) -> dict[str, Any]:
    answer = client.get(f"{CASES}/{scene.case_id}/initial-check", headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def owed(client: TestClient, headers: dict[str, str]) -> list[dict[str, Any]]:
    listed = client.get("/intake/v1/duties", headers=headers).json()["items"]
    return [each for each in listed if each["what"] == Duty.TAKE_FIRST_LOOK]


def change(begin: Begin, **values: Any) -> None:
    with begin() as session:
        session.execute(update(Case).values(**values))


def looked(begin: Begin) -> None:
    """What waits is put on its clock, as each ten seconds, and as if it never was on another."""
    with begin() as session:
        session.execute(delete(CLOCKS))
        domain.watch_clocks(session, NOON)


def test_its_owner_has_three_days_and_the_list_says_by_which_rule(
    client: TestClient, scene: Scene, owner: dict[str, str]
) -> None:
    (due,) = owed(client, owner)
    assert due["case_id"] == str(scene.case_id)
    assert (due["rule"]["key"], due["rule"]["amount"]) == ("reception.initial_check", 3)
    assert due["why"]["last_day"] == "2026-03-05", "a Monday and three days"
    assert due["due_at"] == "2026-03-05T17:00:00Z", "the end of that day in Hải Phòng"
    told = client.get(due["link"], headers=owner).json()
    assert (told["is_owed"], told["check"]) == (True, None)
    assert told["due"]["why"] == due["why"]


def test_it_waits_no_more_once_it_is_recorded_and_the_journey_says_so(
    client: TestClient, scene: Scene, owner: dict[str, str], police: UUID, begin: Begin
) -> None:
    made = record(client, scene, owner, police)
    assert made.status_code == 201, made.text
    assert owed(client, owner) == []
    told = standing(client, scene, owner)
    assert (told["is_owed"], told["check"]) == (False, made.json())
    assert told["check"]["organisation_id"] == str(scene.ids["case_owner"])
    assert (told["check"]["together_with_id"], told["check"]["evidence_ref"]) == (
        str(police),
        "07/BB-SYT",
    )
    steps = client.get(f"{CASES}/{scene.case_id}/journey", headers=owner).json()["steps"]
    (step,) = [it for it in steps if it["kind"] == StepKind.INITIAL_CHECK]
    assert (step["outcome"], step["organisation_id"]) == (
        "signs_found",
        str(scene.ids["case_owner"]),
    )
    with begin() as session:
        asked = select(AUDIT).where(AUDIT.c.action == "initial_check.record")
        assert session.execute(asked).one().object_id == scene.case_id


def test_it_is_recorded_once(
    client: TestClient, scene: Scene, owner: dict[str, str], police: UUID, begin: Begin
) -> None:
    assert record(client, scene, owner, police).status_code == 201
    again = record(client, scene, owner, police, outcome="no_signs_found")
    assert problem(again) == (409, "initial-check-recorded")
    with begin() as session:
        asked = select(JourneyStep).where(JourneyStep.kind == StepKind.INITIAL_CHECK)
        assert len(session.scalars(asked).all()) == 1


@pytest.mark.parametrize("outcome", InitialCheckOutcome)
def test_whatever_it_found_the_case_goes_on_as_before(
    client: TestClient, scene: Scene, owner: dict[str, str], police: UUID, outcome: str
) -> None:
    before = client.get(f"{CASES}/{scene.case_id}", headers=owner).json()
    turn = client.get(f"{CASES}/{scene.case_id}/journey", headers=owner).json()["turn"]
    assert record(client, scene, owner, police, outcome=outcome).status_code == 201
    assert client.get(f"{CASES}/{scene.case_id}", headers=owner).json() == before
    assert client.get(f"{CASES}/{scene.case_id}/journey", headers=owner).json()["turn"] == turn


@pytest.mark.parametrize("day", ["2026-03-01", "2026-03-03"])
def test_it_was_not_taken_before_the_reception_and_not_tomorrow(
    client: TestClient, scene: Scene, owner: dict[str, str], police: UUID, day: str
) -> None:
    assert problem(record(client, scene, owner, police, checked_on=day)) == (
        422,
        "checked-on-unfit",
    )


def test_under_the_law_of_2024_it_counts_only_with_an_authority_that_verifies(
    client: TestClient, scene: Scene, owner: dict[str, str], police: UUID
) -> None:
    assert standing(client, scene, owner)["is_company_needed"] is True
    unfit = (422, "company-unfit")
    assert problem(record(client, scene, owner, None)) == unfit
    assert problem(record(client, scene, owner, scene.ids["facility"])) == unfit
    assert len(owed(client, owner)) == 1
    assert record(client, scene, owner, police).status_code == 201


def test_under_the_law_of_2011_its_owner_takes_it_alone(
    client: TestClient, scene: Scene, owner: dict[str, str], begin: Begin
) -> None:
    change(begin, received_at=OLD)
    looked(begin)
    (due,) = owed(client, owner)
    assert due["rule"]["legal_ref"].startswith("Joint Circular 01/2014")
    assert standing(client, scene, owner)["is_company_needed"] is False
    assert record(client, scene, owner, None, checked_on="2025-07-02").status_code == 201


@pytest.mark.parametrize("route", Route)
def test_nobody_waits_for_it_where_a_body_of_the_state_has_met_the_person(
    client: TestClient, scene: Scene, owner: dict[str, str], begin: Begin, route: Route
) -> None:
    change(begin, route=route)
    is_asked_for = route in {Route.SELF_REPORT, Route.SELF_REPORT_BORDER}
    assert len(owed(client, owner)) == is_asked_for
    told = standing(client, scene, owner)
    assert (told["is_owed"], told["due"] is not None) == (is_asked_for, is_asked_for)


@pytest.mark.parametrize("status", CaseStatus)
def test_nobody_waits_for_it_once_verification_has_an_answer(
    client: TestClient, scene: Scene, owner: dict[str, str], begin: Begin, status: CaseStatus
) -> None:
    change(begin, status=status)
    is_open = status in {CaseStatus.RECEIVED, CaseStatus.IN_VERIFICATION}
    assert len(owed(client, owner)) == is_open
    assert standing(client, scene, owner)["is_owed"] is is_open


def test_a_record_of_it_may_come_after_the_answer(
    client: TestClient, scene: Scene, owner: dict[str, str], police: UUID, begin: Begin
) -> None:
    with begin() as session:
        tasks.note_conclusions(session, [concluded(scene.case_id)], NOON)
    assert record(client, scene, owner, police).status_code == 201
    assert standing(client, scene, owner)["check"]["checked_on"] == "2026-03-02"


def test_cases_of_several_days_each_have_their_own_last_day(
    client: TestClient, scene: Scene, owner: dict[str, str], begin: Begin
) -> None:
    change(begin, received_at=NOON - timedelta(days=3))
    looked(begin)
    (due,) = owed(client, owner)
    assert due["why"]["started_on"] == "2026-02-27"
    assert date.fromisoformat(due["why"]["last_day"]) == date(2026, 3, 2)
    assert due["urgency"] == "today"


def test_who_does_not_own_the_case_records_nothing_in_it(
    client: TestClient, token_for: TokenFor, scene: Scene, police: UUID, begin: Begin
) -> None:
    with begin() as session:
        receiver = session.get_one(Case, scene.case_id).receiver_id
    sender = token_for("receiver", organisation_id=receiver)
    assert record(client, scene, sender, police).status_code == 403
    elsewhere = token_for("case_owner", organisation_id=uuid4(), areas=("11749",))
    assert problem(record(client, scene, elsewhere, police)) == (404, "case-not-found")
