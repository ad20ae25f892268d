"""Over HTTP: who sees what, moves once and on the version read, problems that name the way out."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from openapi_spec_validator import validate

from services.livelihood_support.tasks import consumer
from shared.contracts import ConsentScope, ConsentWithdrawn
from shared.contracts.vocabulary import EntitlementCode, OrganisationKind, Purpose, Regime
from shared.kit.database import Begin
from tests.livelihood_support.builders import VOCATIONAL, Field
from tests.livelihood_support.calls import BASE, Moves, Scene, TokenFor, problem, read
from tests.strangers import tells_apart


def test_before_acceptance_an_organisation_reads_the_need_and_not_the_case(
    client: TestClient,
    scene: Scene,
) -> None:
    answer = read(client, scene, scene.first)
    body = answer.json()
    assert answer.headers["etag"] == '"1"'
    assert body["case_id"] is None
    assert (body["code"], body["area_code"]) == ("VOCATIONAL", "11359")
    assert (body["age_band"], body["sex"]) == ("adult", "female")
    assert body["answer_by"] == "2026-03-09T17:00:00Z"


def test_after_acceptance_it_does_not_read_the_case_either(
    client: TestClient,
    scene: Scene,
    move: Moves,
) -> None:
    answer = move(scene.first, {"move": "accept"})
    assert (answer.status_code, answer.headers["etag"]) == (201, '"2"')
    assert answer.json()["status"] == "accepted"
    assert client.get(answer.headers["location"], headers=scene.first).status_code == 200
    assert read(client, scene, scene.first).json()["case_id"] is None


@pytest.mark.parametrize("is_accepted", [True, False])
def test_an_organisation_never_reads_the_case_also_when_it_is_cancelled(
    client: TestClient,
    scene: Scene,
    move: Moves,
    *,
    is_accepted: bool,
) -> None:
    if is_accepted:
        move(scene.first, {"move": "accept"})
    version = 2 if is_accepted else 1
    cancel = {"move": "cancel", "reason": "person_declined"}
    assert move(scene.owner, cancel, version=version).status_code == 201
    body = read(client, scene, scene.first).json()
    assert body["status"] == "cancelled"
    assert body["case_id"] is None
    assert read(client, scene, scene.owner).json()["case_id"] == str(scene.case_id)


def test_a_partner_that_serves_is_told_to_purge_confirms_it_and_the_service_is_ended(
    client: TestClient,
    scene: Scene,
    move: Moves,
    begin: Begin,
    now: datetime,
) -> None:
    move(scene.first, {"move": "accept"})
    assert move(scene.first, {"move": "confirm_purge"}, version=2).status_code == 409
    with begin() as session:
        scope = ConsentScope(
            organisation_kind=OrganisationKind.VOCATIONAL_SCHOOL, purpose=Purpose.SERVICE_REFERRAL
        )
        told = ConsentWithdrawn(occurred_at=now, case_id=scene.case_id, scope=scope)
        consumer.handlers[ConsentWithdrawn](session, [told], now)
    owed = read(client, scene, scene.first).json()
    assert (owed["status"], owed["purge_confirmed_at"]) == ("accepted", None)
    assert owed["purge_asked_at"] is not None
    confirmed = move(scene.first, {"move": "confirm_purge"}, version=2)
    assert (confirmed.status_code, confirmed.json()["status"]) == (201, "accepted")
    assert read(client, scene, scene.owner).json()["purge_confirmed_at"] is not None
    cancel = {"move": "cancel", "reason": "consent_withdrawn"}
    assert move(scene.owner, cancel, version=2).json()["status"] == "cancelled"
    query = {"case_id": str(scene.case_id)}
    assert client.get(f"{BASE}/alerts", params=query, headers=scene.owner).json()["items"] == []


def test_someone_elses_referral_is_not_there(
    client: TestClient,
    scene: Scene,
    move: Moves,
) -> None:
    address = f"{BASE}/referrals/{scene.referral_id}"
    answers = [
        move(scene.stranger, {"move": "accept"}),
        move(scene.second, {"move": "accept"}),
        read(client, scene, scene.stranger),
        client.get(f"{address}/moves", headers=scene.stranger),
        client.get(f"{BASE}/referrals/{uuid4()}", headers=scene.owner),
    ]
    assert {problem(answer) for answer in answers} == {(404, "referral-not-found")}


def test_a_rejection_moves_the_referral_out_of_one_inbox_into_the_next(
    client: TestClient,
    scene: Scene,
    move: Moves,
) -> None:
    inbox = f"{BASE}/referrals"
    assert len(client.get(inbox, headers=scene.first).json()["items"]) == 1
    assert client.get(inbox, headers=scene.second).json()["items"] == []
    assert move(scene.first, {"move": "reject", "reason": "capacity"}).status_code == 201
    assert client.get(inbox, headers=scene.first).json()["items"] == []
    (found,) = client.get(inbox, headers=scene.second).json()["items"]
    assert (found["status"], found["version"]) == ("requested", 3)
    moves = f"{inbox}/{scene.referral_id}/moves"
    theirs = client.get(moves, headers=scene.second).json()["items"]
    everything = client.get(moves, headers=scene.owner).json()["items"]
    assert [each["status"] for each in theirs] == ["requested"]
    assert [each["status"] for each in everything] == ["requested", "rejected", "requested"]
    ladder = client.get(f"{inbox}/{scene.referral_id}/offers", headers=scene.owner).json()
    assert [each["status"] for each in ladder["items"]] == ["rejected", "offered"]
    assert ladder["items"][0]["points"]["shared_language"] == 20
    assert ladder["answer_rule"]["status"] == ladder["delivery_rule"]["status"] == "assumed"
    for each in ladder["items"]:
        assert each["delivery_due_why"]["rule"] == ladder["delivery_rule"]
        assert each["delivery_due_why"]["at"] == each["delivery_due_at"]
    rejected, offered = ladder["items"]
    assert rejected["expires_why"]["rule"] == ladder["answer_rule"]
    assert rejected["expires_why"]["at"] == rejected["expires_at"]
    # The second has not arrived yet: nobody's days to answer are running.
    assert (offered["expires_at"], offered["expires_why"], found["answer_by"]) == (None,) * 3


def test_the_same_key_moves_once_and_answers_the_same(scene: Scene, move: Moves) -> None:
    key = str(uuid4())
    first = move(scene.first, {"move": "reject", "reason": "capacity"}, key=key)
    again = move(scene.first, {"move": "reject", "reason": "capacity"}, key=key)
    other = move(scene.first, {"move": "accept"}, key=key)
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert problem(other) == (422, "idempotency-key-reused")


@pytest.mark.parametrize(
    ("body", "version", "expected"),
    [
        ({"move": "accept"}, None, (428, "precondition-required")),
        ({"move": "accept"}, 7, (412, "version-changed")),
        ({"move": "start"}, 1, (409, "move-not-allowed")),
        ({"move": "reject"}, 1, (422, "reason-missing")),
        ({"move": "reject", "reason": "no_answer"}, 1, (422, "reason-reserved")),
        ({"move": "reject", "reason": "undelivered"}, 1, (422, "reason-reserved")),
        ({"move": "accept", "reason": "other"}, 1, (422, "reason-unused")),
        ({"move": "accept", "outcome": "provided"}, 1, (422, "outcome-unused")),
        ({"move": "fly"}, 1, (422, "invalid-request")),
        ({"move": "accept", "note": "Chị Lan"}, 1, (422, "invalid-request")),
    ],
)
def test_a_move_that_cannot_be_is_a_problem(
    scene: Scene,
    move: Moves,
    body: dict[str, Any],
    version: int | None,
    expected: tuple[int, str],
) -> None:
    answer = move(scene.first, body, version=version)
    assert problem(answer) == expected
    assert "Lan" not in answer.text
    assert "fly" not in answer.text


def test_an_illegal_move_is_answered_with_the_legal_ones(scene: Scene, move: Moves) -> None:
    assert move(scene.first, {"move": "start"}).json()["legal"] == [
        "seen",
        "ask",
        "accept",
        "reject",
    ]
    assert move(scene.owner, {"move": "accept"}).json()["legal"] == ["cancel"]


def test_a_move_needs_a_key(client: TestClient, scene: Scene) -> None:
    answer = client.post(
        f"{BASE}/referrals/{scene.referral_id}/moves",
        json={"move": "accept"},
        headers={**scene.first, "If-Match": '"1"'},
    )
    assert problem(answer) == (400, "idempotency-key-missing")


def test_a_case_owner_reads_all_and_filters(client: TestClient, scene: Scene) -> None:
    def count(**filters: str) -> int:
        answer = client.get(f"{BASE}/referrals", params=filters, headers=scene.owner)
        return len(answer.json()["items"])

    assert count() == count(case_id=str(scene.case_id)) == count(status="requested") == 1
    assert count(case_id=str(uuid4())) == count(status="completed") == 0


def test_an_organisation_finds_nothing_by_a_case(
    client: TestClient,
    scene: Scene,
    move: Moves,
) -> None:
    query = {"case_id": str(scene.case_id)}
    before = client.get(f"{BASE}/referrals", params=query, headers=scene.first).json()
    move(scene.first, {"move": "accept"})
    after = client.get(f"{BASE}/referrals", params=query, headers=scene.first).json()
    assert (before["items"], after["items"]) == ([], [])


def test_pages_follow_one_another(
    client: TestClient,
    begin: Begin,
    now: datetime,
    scene: Scene,
) -> None:
    with begin() as session:
        field = Field(session, now)
        field.conclude(*[field.case() for _ in range(4)])
    seen: list[str] = []
    address: str | None = f"{BASE}/referrals?page_size=2"
    while address:
        answer = client.get(address, headers=scene.owner)
        seen += [each["id"] for each in answer.json()["items"]]
        address = answer.links.get("next", {}).get("url")
    assert len(seen) == len(set(seen)) == 5


def test_a_plan_is_read_with_the_law_behind_each_answer(client: TestClient, scene: Scene) -> None:
    query = {"case_id": str(scene.case_id)}
    (plan,) = client.get(f"{BASE}/plans", params=query, headers=scene.owner).json()["items"]
    answers = {each["code"]: each for each in plan["entitlements"]}
    assert answers["VOCATIONAL"]["decision"] == "entitled"
    contents = {each["when"]: each for each in answers["EDUCATION"].pop("contents")}
    assert contents["adult"]["status"] == "assumed"
    assert contents["adult"]["vi"] is contents["adult"]["en"] is None
    assert contents["under_18"]["vi"].startswith("Miễn học phí")
    assert answers["EDUCATION"] == {
        "code": "EDUCATION",
        "decision": "entitled",
        "facts": [],
        "legal_ref": "Law 53/2024/QH15 Art. 37",
        "status": "confirmed",
        "used": [
            {
                "fact": "citizen_or_permanent_resident",
                "holds": True,
                "fact_id": None,
                "evidence_ref": None,
                "last_day": None,
            }
        ],
        "can_be_told": [],
        "amounts": [],
    }
    assert (answers["HARDSHIP"]["decision"], answers["HARDSHIP"]["status"]) == (
        "entitled",
        "recalled",
    )


def test_alerts_are_read_by_case_owners_and_operators(
    client: TestClient,
    begin: Begin,
    now: datetime,
    scene: Scene,
    token_for: TokenFor,
) -> None:
    with begin() as session:
        field = Field(session, now)
        case_id = field.case(requested=[EntitlementCode.MEDICAL, VOCATIONAL])
        field.conclude(case_id, regime=Regime.LAW_2011)
    for caller in (scene.owner, token_for("operator")):
        answer = client.get(f"{BASE}/alerts", params={"case_id": str(case_id)}, headers=caller)
        kinds = {(each["kind"], each["code"]) for each in answer.json()["items"]}
        assert kinds == {("no_programme", "MEDICAL"), ("needs_information", "VOCATIONAL")}


@pytest.mark.parametrize("path", ["/plans", "/alerts"])
def test_a_provider_reads_neither_plans_nor_alerts(
    client: TestClient,
    scene: Scene,
    path: str,
) -> None:
    answer = client.get(BASE + path, params={"case_id": str(scene.case_id)}, headers=scene.first)
    assert problem(answer) == (403, "role-missing")


def test_nobody_without_a_token_is_answered(client: TestClient, scene: Scene) -> None:
    assert problem(read(client, scene, {})) == (401, "unauthenticated")


def test_the_interface_describes_itself(client: TestClient) -> None:
    document = client.get("/livelihood-support/openapi.json").json()
    validate(document)
    assert document["openapi"].startswith("3.1")
    names = [
        operation["operationId"]
        for path in document["paths"].values()
        for operation in path.values()
    ]
    assert names
    assert len(names) == len(set(names))
    assert "move_referral" in names


@pytest.mark.parametrize("caller", ["stranger", "second"])
@pytest.mark.parametrize("name", ["referral_id", "offer_id"])
def test_another_organisations_referral_cannot_be_told_from_none(
    *, client: TestClient, scene: Scene, begin: Begin, now: datetime, name: str, caller: str
) -> None:
    with begin() as session:
        offer_id = Field(session, now).offer(scene.referral_id).id
    known = {"referral_id": scene.referral_id, "offer_id": offer_id}[name]
    headers = getattr(scene, caller)
    base = f"{BASE}/referrals"

    def move(reference: UUID) -> Response:
        extra = {"Idempotency-Key": str(uuid4()), "If-Match": '"1"'}
        body = {"move": "accept"}
        return client.post(f"{base}/{reference}/moves", json=body, headers=headers | extra)

    for ask in (
        lambda reference: client.get(f"{base}/{reference}", headers=headers),
        lambda reference: client.get(f"{base}/{reference}/moves", headers=headers),
        lambda reference: client.get(f"{base}/{reference}/offers", headers=headers),
        move,
    ):
        assert tells_apart(ask, known) == []
