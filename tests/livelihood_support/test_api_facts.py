"""Facts over HTTP: who tells them, in which form, once, and what is read of them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from shared.contracts.vocabulary import Citizenship, EntitlementCode, Regime
from shared.kit.database import Begin
from tests.livelihood_support.builders import OWNER, Field
from tests.livelihood_support.calls import BASE, Headers, TokenFor, problem

POOR = {"fact": "poor_household", "value": True, "evidence_ref": "15/QĐ-UBND"}
TOLD: list[dict[str, Any]] = [
    POOR,
    {"fact": "financial_hardship", "value": False, "evidence_ref": "1234/SYT-BTXH"},
    {"fact": "vietnamese_citizen", "value": True, "evidence_ref": "15/QĐ-SLĐTB&XH"},
    {"fact": "under_18", "value": False, "evidence_ref": "53/2024/QH15"},
    {"fact": "permanent_residence", "value": True, "evidence_ref": "05/GM-SYT"},
    {"fact": "granted_in_this_case", "value": True, "evidence_ref": "15/KH-SLĐTBXH-PCTNXH"},
    {"fact": "category", "value": "PRESUMED_IN_COUNTRY", "evidence_ref": "03-KH/ĐU"},
]

Post = Callable[..., Response]


@pytest.fixture
def owner(token_for: TokenFor) -> Headers:
    return token_for("case_owner", organisation_id=OWNER, client_id="owner")


@pytest.fixture
def case_id(begin: Begin, now: datetime) -> UUID:
    with begin() as session:
        field = Field(session, now)
        found = field.case(
            requested=[EntitlementCode.VOCATIONAL], citizenship=Citizenship.STATELESS
        )
        field.conclude(found, regime=Regime.LAW_2011)
    return found


@pytest.fixture
def tell(client: TestClient, case_id: UUID, owner: Headers) -> Post:
    def post(
        body: dict[str, Any],
        *,
        key: str | None = None,
        caller: Headers = owner,
        what: str = "facts",
    ) -> Response:
        answer: Response = client.post(
            f"{BASE}/cases/{case_id}/{what}",
            json=body,
            headers={**caller, "Idempotency-Key": key or str(uuid4())},
        )
        return answer

    return post


@pytest.mark.parametrize("body", TOLD, ids=lambda body: str(body["fact"]))
def test_every_fact_is_told_in_its_own_form(tell: Post, body: dict[str, Any]) -> None:
    answer = tell(body)
    assert answer.status_code == 201, answer.text
    kept = answer.json()["fact"]
    assert {name: kept[name] for name in body} == body
    assert kept["told_by"] == "client:owner"


@pytest.mark.parametrize(
    "body",
    [
        {**POOR, "value": "yes"},
        {**POOR, "value": "VICTIM_RESIDENT"},
        {**POOR, "note": "the brother says so"},
        {**POOR, "evidence_ref": "Nguyễn Văn A"},
        {**POOR, "evidence_ref": "0912345678"},
        {**POOR, "evidence_ref": None},
        {"fact": "poor_household", "value": True},
        {"fact": "category", "value": True, "evidence_ref": "15/QĐ-UBND"},
        {"fact": "wealth", "value": True, "evidence_ref": "15/QĐ-UBND"},
    ],
)
def test_what_has_another_form_is_refused(tell: Post, body: dict[str, Any]) -> None:
    assert tell(body).status_code == 422


def test_the_answer_shows_what_changed_and_the_plan_shows_by_what(
    client: TestClient, tell: Post, case_id: UUID, owner: Headers
) -> None:
    tell(POOR)
    told = tell({**POOR, "fact": "permanent_residence"}).json()
    changed = {
        each["code"]: (each["from_decision"], each["to_decision"]) for each in told["changes"]
    }
    assert changed["VOCATIONAL"] == ("needs_information", "entitled")
    assert told["referred"] == ["VOCATIONAL"]
    read = client.get(f"{BASE}/plans", params={"case_id": str(case_id)}, headers=owner)
    (plan,) = read.json()["items"]
    assert (plan["revision"], plan["cause"]) == (3, "fact_told")
    assert plan["fact_id"] == told["fact"]["id"]
    assert {each["code"] for each in plan["changes"]} == changed.keys()
    vocational = next(it for it in plan["entitlements"] if it["code"] == "VOCATIONAL")
    assert {each["fact"]: each["evidence_ref"] for each in vocational["used"]} == {
        "poor_household": "15/QĐ-UBND",
        "applied_in_time": None,
        "citizen_or_permanent_resident": "15/QĐ-UBND",
    }


def test_a_request_repeated_tells_nothing_twice(
    client: TestClient, tell: Post, case_id: UUID, owner: Headers
) -> None:
    key = str(uuid4())
    first, again = tell(POOR, key=key), tell(POOR, key=key)
    assert first.json() == again.json()
    listed = client.get(f"{BASE}/cases/{case_id}/facts", headers=owner).json()
    assert len(listed["items"]) == 1
    refused = tell({**POOR, "value": False}, key=key)
    assert problem(refused) == (422, "idempotency-key-reused")


def test_the_history_is_paged_and_says_what_counts(
    client: TestClient, tell: Post, case_id: UUID, owner: Headers
) -> None:
    for value in (True, False, True):
        tell({**POOR, "value": value})
    withdrawal = {"fact": "poor_household", "reason": "told_in_error"}
    withdrawn = tell(withdrawal, what="fact-withdrawals")
    assert (withdrawn.status_code, withdrawn.json()["fact"]["value"]) == (201, None)
    assert problem(tell(withdrawal, what="fact-withdrawals")) == (409, "fact-not-told")
    address, seen = f"{BASE}/cases/{case_id}/facts?page_size=3", []
    while address:
        page = client.get(address, headers=owner)
        seen += page.json()["items"]
        address = page.links["next"]["url"] if "next" in page.links else ""
    assert [each["value"] for each in seen] == [True, False, True, None]
    assert [each["ended_at"] is None for each in seen] == [False, False, False, True]


@pytest.mark.parametrize("role", ["provider", "receiver", "verifier", "operator", "auditor"])
def test_only_a_case_owner_tells_and_reads_facts(
    client: TestClient, tell: Post, token_for: TokenFor, case_id: UUID, role: str
) -> None:
    stranger = token_for(role)
    assert tell(POOR, caller=stranger).status_code == 403
    assert client.get(f"{BASE}/cases/{case_id}/facts", headers=stranger).status_code == 403


def test_a_case_that_is_not_there_has_no_facts(client: TestClient, owner: Headers) -> None:
    address = f"{BASE}/cases/{uuid4()}/facts"
    headers = {**owner, "Idempotency-Key": str(uuid4())}
    assert problem(client.post(address, json=POOR, headers=headers)) == (404, "case-not-found")
    assert problem(client.get(address, headers=owner)) == (404, "case-not-found")


def test_what_is_wrong_points_into_the_body_and_not_to_a_branch_of_its_kinds(tell: Post) -> None:
    answer = tell({"fact": "poor_household", "value": "perhaps"})
    assert answer.status_code == 422
    assert {each["pointer"] for each in answer.json()["errors"]} == {"/value", "/evidence_ref"}
