"""What cannot wait is a duty of whoever owns the case, until somebody says how it ended."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.intake.policy import REASONS, LegalPurpose, LegalReason, NeedOutcome
from shared.contracts import CaseReceived, IntakeAlertRaised, Message, Queue
from shared.contracts.vocabulary import Role
from shared.kit.audit import AUDIT
from shared.kit.crypto import MasterKeys
from shared.kit.database import Begin, Database
from tests.intake.acting import (
    Open,
    Scene,
    organisation,
    owner_of,
    problem,
)
from tests.intake.answers import TokenFor
from tests.intake.builders import facts, minor, receive

READS_NEEDS = sorted(REASONS[LegalPurpose.CASE_MANAGEMENT] - {LegalReason.OFFICIAL_PAPER})
"""For whatever its owner opens the case but to print a paper: no paper says what is needed."""


def settle(client: TestClient, token_for: TokenFor, scene: Scene, outcome: str) -> Response:
    answer: Response = client.post(
        f"/intake/v1/cases/{scene.case_id}/immediate-needs/medical/ends",
        json={"outcome": outcome, "ended_on": "2026-03-02"},
        headers={**owner_of(token_for, scene), "Idempotency-Key": str(uuid4())},
    )
    return answer


def waiting(client: TestClient, token_for: TokenFor, scene: Scene) -> list[dict[str, Any]]:
    answer = client.get("/intake/v1/urgent-needs", headers=owner_of(token_for, scene))
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def test_what_cannot_wait_is_a_duty_of_whoever_owns_the_case(
    client: TestClient, token_for: TokenFor, scene: Scene
) -> None:
    (alert,) = waiting(client, token_for, scene)
    assert (alert["kind"], alert["case_id"]) == ("immediate_needs", str(scene.case_id))
    assert (alert["must_act"], alert["organisation_id"]) == (
        "case_owner",
        str(scene.ids["case_owner"]),
    )
    assert alert["since"] == "2026-03-02T05:00:00Z"


@pytest.mark.parametrize("reason", READS_NEEDS)
def test_the_duty_waits_on_when_its_owner_has_read_what_it_is(
    client: TestClient, token_for: TokenFor, scene: Scene, open_file: Open, reason: str
) -> None:
    open_file(LegalPurpose.CASE_MANAGEMENT, fields=["full_name"])
    open_file(LegalPurpose.SHELTER, fields=["immediate_needs"])
    assert [it["read_at"] for it in waiting(client, token_for, scene)] == [None]
    opened = open_file(LegalPurpose.CASE_MANAGEMENT, reason=reason)
    assert opened.json()["person"]["immediate_needs"] == ["medical"]
    (alert,) = waiting(client, token_for, scene)
    assert alert["read_at"] == "2026-03-02T05:00:00Z"
    assert settle(client, token_for, scene, "met").status_code == 201
    assert waiting(client, token_for, scene) == []
    assert problem(settle(client, token_for, scene, "met")) == (409, "immediate-need-ended")


def test_that_it_was_read_is_recorded_once(
    database: Database, scene: Scene, open_file: Open
) -> None:
    for _ in range(2):
        open_file(LegalPurpose.CASE_MANAGEMENT)
    with database.read() as session:
        entry = session.execute(select(AUDIT).where(AUDIT.c.action == "urgency.read")).one()
    assert entry.object_id == scene.case_id


def test_the_duty_passes_to_the_next_owner_though_the_former_one_has_read_of_it(
    client: TestClient, token_for: TokenFor, scene: Scene, open_file: Open, begin: Begin
) -> None:
    open_file(LegalPurpose.CASE_MANAGEMENT)
    former, scene.ids["case_owner"] = scene.ids["case_owner"], uuid4()
    organisation(begin, scene.ids["case_owner"], Role.CASE_OWNER, area_code="11560")
    (alert,) = waiting(client, token_for, scene)
    assert alert["organisation_id"] == str(scene.ids["case_owner"]) != str(former)
    assert settle(client, token_for, scene, "met").status_code == 201


@pytest.mark.parametrize("how", NeedOutcome)
def test_the_duty_ends_when_its_owner_says_so(
    client: TestClient, token_for: TokenFor, scene: Scene, how: str, database: Database
) -> None:
    assert settle(client, token_for, scene, how).status_code == 201
    assert waiting(client, token_for, scene) == []
    with database.read() as session:
        entry = session.execute(select(AUDIT).where(AUDIT.c.action == "urgency.settle")).one()
    assert entry.facts["how"] == how


def test_nobody_else_ends_it_and_reading_is_not_said(
    client: TestClient, token_for: TokenFor, scene: Scene
) -> None:
    assert problem(settle(client, token_for, scene, "read")) == (422, "invalid-request")
    scene.ids["case_owner"] = uuid4()
    assert problem(settle(client, token_for, scene, "met")) == (403, "not-responsible-now")


def test_the_message_of_a_case_says_that_something_cannot_wait_and_not_what(
    session: Session, keys: MasterKeys, told: Callable[[Queue], list[Message]]
) -> None:
    urgent, calm = (
        facts(keys, minor(immediate_needs=["medical"])),
        facts(keys, minor(immediate_needs=[])),
    )
    receive(session, urgent, calm)
    news = told(Queue.VERIFICATION)
    said = {it.case_id: it for it in news if isinstance(it, CaseReceived)}
    assert {key: it.has_immediate_needs for key, it in said.items()} == {
        urgent.case_id: True,
        calm.case_id: False,
    }
    assert "medical" not in said[urgent.case_id].model_dump_json()


def test_its_owner_is_told_of_the_alert_under_the_id_it_is_listed_by(
    session: Session, keys: MasterKeys, told: Callable[[Queue], list[Message]]
) -> None:
    urgent, calm = (
        facts(keys, minor(immediate_needs=["medical"])),
        facts(keys, minor(immediate_needs=[])),
    )
    receive(session, urgent, calm)
    (alert,) = told(Queue.NOTIFICATION)
    assert isinstance(alert, IntakeAlertRaised)
    assert alert.area_code == "11560", "by which its owner is found before anybody verifies"
    assert (alert.case_id, alert.alert_id) == (urgent.case_id, urgent.case_id)
    assert (alert.kind, alert.must_act) == ("immediate_needs", Role.CASE_OWNER)
    assert "medical" not in alert.model_dump_json()


def test_it_is_listed_with_all_that_waits_in_the_shape_of_every_service(
    client: TestClient, token_for: TokenFor, scene: Scene
) -> None:
    def listed(**query: str) -> list[dict[str, Any]]:
        headers = owner_of(token_for, scene)
        answer = client.get("/intake/v1/alerts", headers=headers, params=query)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["items"]
        return found

    case_id = str(scene.case_id)
    (alert,) = listed()
    assert alert == {
        "id": case_id,
        "kind": "immediate_needs",
        "case_id": case_id,
        "subject": "case",
        "object_id": case_id,
        "must_act": "case_owner",
        "organisation_id": str(scene.ids["case_owner"]),
        "since": "2026-03-02T05:00:00Z",
        "facts": {"read_at": None},
    }
    assert listed(case_id=case_id) == [alert]
    assert listed(case_id=str(uuid4())) == []
