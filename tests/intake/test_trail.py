"""The audit of a case in intake: who was told who she is, and nothing of who she is."""

from collections.abc import Sequence
from uuid import UUID, uuid4

import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient

from services.intake import api, domain
from shared.auditing.api import audit_routes
from shared.contracts.vocabulary import OrganisationKind, ReferralStatus
from shared.kit.database import Begin
from tests.audited import entries
from tests.conftest import NOON
from tests.intake.answers import CASES, Headers, Submit, TokenFor, problem
from tests.noted import readings

BASE = CASES.removesuffix("/cases")
CASES_OF_AUDIT = f"{BASE}/audited-cases"


@pytest.fixture
def routers() -> Sequence[APIRouter]:
    return [api.router, audit_routes(domain.TRAIL)]


@pytest.fixture
def auditor(token_for: TokenFor) -> Headers:
    return token_for("auditor", client_id="auditor")


def test_a_case_is_found_by_its_code_and_by_its_id(
    client: TestClient, submit: Submit, auditor: Headers, begin: Begin
) -> None:
    case, other = submit().json(), submit().json()
    spoken = case["code"].replace("-", " ").lower()
    (found,) = client.get(CASES_OF_AUDIT, params={"code": spoken}, headers=auditor).json()["items"]
    assert found == {"id": case["id"], "code": case["code"], "received_at": case["received_at"]}
    by_id = {"case_id": other["id"]}
    (found,) = client.get(CASES_OF_AUDIT, params=by_id, headers=auditor).json()["items"]
    assert found["code"] == other["code"]
    assert [which for _, _, which in readings(begin)] == [UUID(case["id"]), UUID(other["id"])]
    page = client.get(CASES_OF_AUDIT, params={"page_size": 1}, headers=auditor).json()
    assert [it["id"] for it in page["items"]] == [other["id"]]
    asked = {"page_size": 1, "cursor": page["next_cursor"]}
    page = client.get(CASES_OF_AUDIT, params=asked, headers=auditor).json()
    assert [it["id"] for it in page["items"]] == [case["id"]]


def test_a_mistyped_code_is_refused_and_one_of_elsewhere_is_not_there(
    client: TestClient, submit: Submit, auditor: Headers, token_for: TokenFor
) -> None:
    code = submit().json()["code"]
    mistyped = code[:-1] + ("2" if code[-1] != "2" else "3")
    answer = client.get(CASES_OF_AUDIT, params={"code": mistyped}, headers=auditor)
    assert problem(answer)[1] == "case-code-mistyped"
    elsewhere = token_for("auditor", areas=("11749",))
    found = client.get(CASES_OF_AUDIT, params={"code": code}, headers=elsewhere)
    assert found.json()["items"] == []


def test_who_learned_who_she_is_is_told_and_who_she_is_is_not(
    client: TestClient, submit: Submit, auditor: Headers, token_for: TokenFor, begin: Begin
) -> None:
    case_id = submit().json()["id"]
    school, offer_id = uuid4(), uuid4()
    with begin() as session:
        grant = domain.GrantFacts(
            referral_id=uuid4(),
            offer_id=offer_id,
            case_id=UUID(case_id),
            organisation_id=school,
            organisation_kind=OrganisationKind.VOCATIONAL_SCHOOL,
            status=ReferralStatus.ACCEPTED,
            accepted_at=NOON,
        )
        domain.note_grants(session, [grant])
    asking = token_for("provider", organisation_id=school, client_id="school")
    body = {"referral_id": str(offer_id), "purpose": "service_referral"}
    extra = {"Idempotency-Key": str(uuid4())}
    told = client.post(f"{BASE}/disclosures", json=body, headers=asking | extra)
    assert told.status_code == 201, told.text
    name = told.json()["person"]["full_name"]

    read, asked, received = entries(client, BASE, auditor, case_id)
    assert (read["action"], asked["action"]) == ("disclosure.read", "disclosure.request")
    assert received["action"] == "case.receive"
    for entry in (read, asked):
        assert (entry["actor"], entry["purpose"]) == ("client:school", "service_referral")
        assert entry["facts"]["organisation_id"] == str(school)
        assert "full_name" in entry["facts"]["fields"]
    seen = entries(client, BASE, auditor, case_id, kind="seen")
    assert [it["id"] for it in (read, asked)] == [
        it["id"] for it in seen if it["actor"] == "client:school"
    ]
    assert {it["kind"] for it in (read, asked)} == {"seen"}
    whole = client.get(f"{BASE}/audit-entries", params={"case_id": case_id}, headers=auditor).text
    assert name not in whole


def test_what_was_asked_of_a_referral_before_it_was_known_is_found_later(
    client: TestClient, submit: Submit, auditor: Headers, token_for: TokenFor, begin: Begin
) -> None:
    case_id = submit().json()["id"]
    offer_id = uuid4()
    curious = token_for("provider", client_id="curious")
    body = {"referral_id": str(offer_id), "purpose": "service_referral"}
    extra = {"Idempotency-Key": str(uuid4())}
    answer = client.post(f"{BASE}/disclosures", json=body, headers=curious | extra)
    assert problem(answer)[1] == "referral-not-found"
    with begin() as session:
        grant = domain.GrantFacts(
            referral_id=uuid4(),
            offer_id=offer_id,
            case_id=UUID(case_id),
            organisation_id=uuid4(),
            organisation_kind=OrganisationKind.VOCATIONAL_SCHOOL,
            status=ReferralStatus.REQUESTED,
            accepted_at=None,
        )
        domain.note_grants(session, [grant])
    newest = entries(client, BASE, auditor, case_id)[0]
    assert newest == entries(client, BASE, auditor, case_id, kind="refused")[0]
    assert (newest["actor"], newest["object_id"]) == ("client:curious", str(offer_id))
    assert newest["outcome"] != "done"
