"""Whoever has opened who a person is finds that they did, when and what for; and nobody else's."""

from typing import Any
from uuid import UUID, uuid4

from fastapi.testclient import TestClient
from sqlalchemy import func, select

from services.intake.models import Case, FileDisclosure
from services.intake.policy import LegalPurpose
from shared.kit.database import Begin
from tests.intake.acting import PURPOSES, Scene, problem
from tests.intake.answers import TokenFor
from tests.intake.builders import NAME

REVEALS = "/intake/v1/reveals"


def opened(
    client: TestClient, scene: Scene, headers: dict[str, str], purpose: LegalPurpose
) -> None:
    answer = client.post(
        f"/intake/v1/cases/{scene.case_id}/disclosures",
        json={"purpose": purpose, "reason": PURPOSES[purpose][1]},
        headers=headers | {"Idempotency-Key": str(uuid4())},
    )
    assert answer.status_code == 201, answer.text


def listed(client: TestClient, headers: dict[str, str], query: str = "") -> dict[str, Any]:
    answer = client.get(f"{REVEALS}{query}", headers=headers)
    assert answer.status_code == 200, answer.text
    assert NAME not in answer.text
    found: dict[str, Any] = answer.json()
    return found


def person(token_for: TokenFor, scene: Scene, role: str) -> dict[str, str]:
    return token_for(role, organisation_id=scene.ids[role], staff_id=uuid4())


def test_a_person_reads_what_they_have_opened_and_a_colleague_does_not(
    client: TestClient, scene: Scene, token_for: TokenFor, begin: Begin
) -> None:
    me, colleague = (person(token_for, scene, "facility") for _ in range(2))
    assert listed(client, me)["items"] == []
    opened(client, scene, me, LegalPurpose.SHELTER)
    with begin() as session:
        code = session.get_one(Case, scene.case_id).code
    (mine,) = listed(client, me)["items"]
    assert (mine["case_code"], mine["basis"], mine["purpose"]) == (code, "law", "shelter")
    assert mine["reason"] == PURPOSES[LegalPurpose.SHELTER][1]
    assert listed(client, colleague)["items"] == []


def test_what_was_opened_is_listed_page_by_page_newest_first(
    client: TestClient, scene: Scene, token_for: TokenFor, begin: Begin
) -> None:
    me = person(token_for, scene, "case_owner")
    for _ in range(5):
        opened(client, scene, me, LegalPurpose.CASE_MANAGEMENT)
    with begin() as session:
        by_age = select(FileDisclosure.id).order_by(FileDisclosure.at, FileDisclosure.id)
        every = [str(each) for each in session.scalars(by_age)][::-1]
        assert session.scalar(select(func.count()).select_from(FileDisclosure)) == 5
    found, query = list[str](), "?page_size=2"
    while query:
        page = listed(client, me, query)
        found += [it["id"] for it in page["items"]]
        query = page["next_cursor"] and f"?page_size=2&cursor={page['next_cursor']}"
    assert found == every


def test_who_can_open_nothing_has_no_such_list(client: TestClient, token_for: TokenFor) -> None:
    for role in ("receiver", "auditor", "administrator"):
        asks = token_for(role, staff_id=UUID(int=1))
        assert problem(client.get(REVEALS, headers=asks)) == (403, "role-missing")
