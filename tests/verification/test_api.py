"""Over HTTP: who sees what, moves once and on the version read, problems that name the way out."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from openapi_spec_validator import validate
from sqlalchemy import select

from services.verification.models import Verification
from shared.contracts.vocabulary import OrganisationKind, PaperType, Route
from shared.kit.database import Begin
from tests.strangers import tells_apart
from tests.told import IN_OUTBOX
from tests.verification.builders import Bench, verifier

BASE = "/verification/v1"
TokenFor = Callable[..., dict[str, str]]
Headers = dict[str, str]
CONCLUDE = {
    "move": "conclude",
    "outcome": "not_identified",
    "grounds": ["trafficker"],
    "reason": "purpose_not_established",
    "evidence_ref": "15/KL-CATP",
}


@dataclass
class Scene:
    """One verification assigned to the police, one nobody was found for, committed."""

    id: UUID
    case_id: UUID
    police_id: UUID
    unassigned: UUID
    police: Headers
    owner: Headers
    stranger: Headers


@pytest.fixture
def scene(begin: Begin, now: datetime, token_for: TokenFor) -> Scene:
    with begin() as session:
        bench = Bench(session, now)
        unassigned = bench.opened()
        police_id = bench.police()
        assigned = bench.opened()
    return Scene(
        id=assigned.id,
        case_id=assigned.case_id,
        police_id=police_id,
        unassigned=unassigned.id,
        police=token_for("verifier", organisation_id=police_id, client_id="police"),
        owner=token_for("case_owner", client_id="owner"),
        stranger=token_for("verifier", client_id="stranger"),
    )


Moves = Callable[..., Response]


@pytest.fixture
def move(client: TestClient, scene: Scene) -> Moves:
    def post(
        caller: Headers,
        body: dict[str, Any],
        *,
        version: int | None = 1,
        key: str | None = None,
        which: UUID | None = None,
    ) -> Response:
        extra = {"Idempotency-Key": key or str(uuid4())}
        if version is not None:
            extra["If-Match"] = f'"{version}"'
        answer: Response = client.post(
            f"{BASE}/verifications/{which or scene.id}/moves",
            json=body,
            headers={**caller, **extra},
        )
        return answer

    return post


def problem(answer: Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["type"].removeprefix("urn:nhipcau:problem:")


def listed(client: TestClient, caller: Headers, query: str = "") -> list[str]:
    answer = client.get(f"{BASE}/verifications{query}", headers=caller)
    assert answer.status_code == 200
    return [item["id"] for item in answer.json()["items"]]


def test_the_verifier_reads_what_it_is_to_decide(client: TestClient, scene: Scene) -> None:
    answer = client.get(f"{BASE}/verifications/{scene.id}", headers=scene.police)
    assert (answer.status_code, answer.headers["etag"]) == (200, '"1"')
    body = answer.json()
    assert (body["status"], body["verifier_id"]) == ("assigned", str(scene.police_id))
    assert (body["due_on"], body["complaint"]) == (None, None)
    assert body["due_why"] is None
    assert (body["due_rule"]["amount"], body["due_rule"]["status"]) == (None, "assumed")


def test_a_date_is_shown_with_its_rule_and_why_it_is_that_day(
    client: TestClient, scene: Scene, begin: Begin
) -> None:
    with begin() as session:
        old = Bench(session, datetime(2025, 6, 30, 5, tzinfo=UTC)).opened().id
    body = client.get(f"{BASE}/verifications/{old}", headers=scene.police).json()
    assert (body["due_on"], body["due_rule"]["status"]) == ("2025-07-21", "recalled")
    why = body["due_why"]
    assert why["rule"] == body["due_rule"]
    assert (why["started_on"], why["last_day"]) == ("2025-06-30", "2025-07-21")
    assert why["skipped"] == [{"day": "2025-07-20", "reason": "weekend", "name": None}]
    assert why["moved"] == {
        "day": "2025-07-20",
        "by": {
            "key": "civil_code.day_off",
            "legal_ref": "Civil Code 91/2015/QH13 Art. 148(5)",
            "status": "recalled",
        },
    }
    listed = client.get(f"{BASE}/verifications", headers=scene.police).json()["items"]
    assert body in listed


def test_lists_show_each_caller_its_own(client: TestClient, scene: Scene) -> None:
    assert listed(client, scene.police) == [str(scene.id)]
    assert listed(client, scene.stranger) == []
    assert listed(client, scene.owner) == [str(scene.unassigned), str(scene.id)]
    assert listed(client, scene.owner, "?status=opened") == [str(scene.unassigned)]
    assert listed(client, scene.owner, f"?case_id={scene.case_id}") == [str(scene.id)]
    assert listed(client, scene.stranger, f"?case_id={scene.case_id}") == []


def test_lists_come_in_pages(client: TestClient, scene: Scene) -> None:
    first = client.get(f"{BASE}/verifications?page_size=1", headers=scene.owner)
    assert [item["id"] for item in first.json()["items"]] == [str(scene.unassigned)]
    link = first.headers["link"].split(";")[0].strip("<>")
    second = client.get(link, headers=scene.owner)
    assert [item["id"] for item in second.json()["items"]] == [str(scene.id)]


@pytest.mark.parametrize("path", ["", "/moves"])
def test_someone_elses_verification_is_not_found(
    client: TestClient, scene: Scene, path: str
) -> None:
    address = f"{BASE}/verifications/{scene.id}{path}"
    assert problem(client.get(address, headers=scene.stranger)) == (404, "verification-not-found")


def test_a_stranger_moves_nothing(move: Moves, scene: Scene) -> None:
    assert problem(move(scene.stranger, {"move": "start"})) == (404, "verification-not-found")
    assert problem(move(scene.owner, {"move": "start"}, which=uuid4())) == (
        404,
        "verification-not-found",
    )


def test_callers_without_a_part_in_it_are_refused(
    client: TestClient, token_for: TokenFor, scene: Scene
) -> None:
    provider = token_for("provider")
    for path in ("", f"/{scene.id}", f"/{scene.id}/moves"):
        address = f"{BASE}/verifications{path}"
        assert problem(client.get(address, headers=provider)) == (403, "role-missing")
        assert problem(client.get(address)) == (401, "unauthenticated")


def test_a_verification_is_carried_to_its_decision(
    client: TestClient, move: Moves, scene: Scene, begin: Begin
) -> None:
    started = move(scene.police, {"move": "start"})
    assert (started.status_code, started.headers["etag"]) == (201, '"2"')
    assert started.json()["status"] == "in_progress"
    ended = move(scene.police, CONCLUDE, version=2)
    assert (ended.status_code, ended.json()["outcome"]) == (201, "not_identified")
    body = client.get(f"{BASE}/verifications/{scene.id}", headers=scene.owner).json()
    assert (body["outcome"], body["grounds"]) == ("not_identified", ["trafficker"])
    assert body["complaint"]["not_before"] == "2026-06-01"
    assert body["complaint"]["rule"]["status"] == "recalled"
    assert body["complaint"]["not_before_why"]["moved"]["day"] == "2026-05-31"
    moves = client.get(ended.headers["location"], headers=scene.police).json()["items"]
    assert [each["status"] for each in moves] == ["assigned", "in_progress", "concluded"]
    assert moves[2]["actor"] == "client:police"
    with begin() as session:
        types = session.scalars(
            select(IN_OUTBOX.c.type).where(IN_OUTBOX.c.destination == "livelihood_support")
        ).all()
    assert types == ["verification.verification_concluded.v1"]


def test_an_illegal_move_is_a_conflict_that_names_the_legal_ones(move: Moves, scene: Scene) -> None:
    refused = move(scene.police, CONCLUDE)
    assert problem(refused) == (409, "move-not-allowed")
    assert refused.json()["legal"] == ["start"]
    refused = move(scene.owner, {"move": "start"})
    assert problem(refused) == (409, "move-not-allowed")
    assert refused.json()["legal"] == ["assign"]


def test_a_negative_decision_needs_a_reason(move: Moves, scene: Scene) -> None:
    move(scene.police, {"move": "start"})
    without = {name: value for name, value in CONCLUDE.items() if name != "reason"}
    refused = move(scene.police, without, version=2)
    assert problem(refused) == (422, "reason-missing")
    assert "purpose_not_established" in refused.json()["reasons"]


def test_a_move_needs_the_version_read(move: Moves, scene: Scene) -> None:
    assert problem(move(scene.police, {"move": "start"}, version=None)) == (
        428,
        "precondition-required",
    )
    assert problem(move(scene.police, {"move": "start"}, version=7)) == (412, "version-changed")


def test_a_repeated_request_moves_once(move: Moves, scene: Scene, begin: Begin) -> None:
    key = str(uuid4())
    first = move(scene.police, {"move": "start"}, key=key)
    again = move(scene.police, {"move": "start"}, key=key)
    assert (again.status_code, again.json()) == (201, first.json())
    other = move(scene.police, CONCLUDE, key=key)
    assert problem(other) == (422, "idempotency-key-reused")
    with begin() as session:
        assert session.get_one(Verification, scene.id).version == 2


def test_a_move_without_a_key_is_refused(client: TestClient, scene: Scene) -> None:
    answer = client.post(
        f"{BASE}/verifications/{scene.id}/moves",
        json={"move": "start"},
        headers={**scene.police, "If-Match": '"1"'},
    )
    assert problem(answer) == (400, "idempotency-key-missing")


def test_a_case_owner_assigns_what_nobody_was_found_for(move: Moves, scene: Scene) -> None:
    body = {"move": "assign", "organisation_id": str(scene.police_id)}
    made = move(scene.owner, body, which=scene.unassigned)
    assert (made.status_code, made.json()["verifier_id"]) == (201, str(scene.police_id))
    body = {"move": "assign", "organisation_id": str(uuid4())}
    refused = move(scene.owner, body, which=scene.unassigned, version=2)
    assert problem(refused) == (422, "verifier-unfit")


@pytest.mark.parametrize(
    "number",
    [
        "Nguyễn Thị Mẫu",
        "0912345678",
        "+84 912 345 678",
        "1/0912345678",
        "031099001234",
        "15/KL CATP",
        "15",
        "",
        "15/" + "A" * 80,
    ],
)
def test_a_reference_has_no_room_for_a_name_or_a_phone(
    move: Moves, scene: Scene, number: str
) -> None:
    move(scene.police, {"move": "start"})
    refused = move(scene.police, {**CONCLUDE, "evidence_ref": number}, version=2)
    assert problem(refused) == (422, "invalid-request")
    assert refused.json()["errors"][0]["pointer"] == "/evidence_ref"
    assert not number or number not in refused.text


@pytest.mark.parametrize("number", ["15/Q\u00d0-CATP", "15\u2044QĐ\u2011CATP", "15 / QĐ - CATP"])
def test_a_reference_is_spelled_one_way(move: Moves, scene: Scene, number: str) -> None:
    move(scene.police, {"move": "start"})
    made = move(scene.police, {**CONCLUDE, "evidence_ref": number}, version=2)
    assert (made.status_code, made.json()["evidence_ref"]) == (201, "15/QĐ-CATP")


@pytest.mark.parametrize(
    "number",
    ["15/KL-CATP", "05/QĐ-BĐBP", "1234/QLXNC-P5", "03-KL/ĐU", "12/2026/KL-PC02", " 15/QĐ-CATP "],
)
def test_a_reference_takes_official_numbers_as_written(
    move: Moves, scene: Scene, number: str
) -> None:
    move(scene.police, {"move": "start"})
    made = move(scene.police, {**CONCLUDE, "evidence_ref": number}, version=2)
    assert (made.status_code, made.json()["evidence_ref"]) == (201, number.strip())


@pytest.mark.parametrize(
    "body",
    [{}, {"move": "opened"}, {"move": "start", "note": "x"}, {"move": "conclude", "grounds": "x"}],
)
def test_a_body_that_is_no_move_is_refused(move: Moves, scene: Scene, body: dict[str, Any]) -> None:
    assert problem(move(scene.police, body)) == (422, "invalid-request")


def test_the_opening_cannot_be_asked_for(move: Moves, scene: Scene) -> None:
    assert problem(move(scene.police, {"move": "open"})) == (409, "move-not-allowed")


def test_a_conclusion_by_paper_has_no_verifier_to_see_it(
    client: TestClient, scene: Scene, begin: Begin, now: datetime
) -> None:
    with begin() as session:
        made = Bench(session, now).opened(papers=[PaperType.RESCUER_CERTIFICATE])
    address = f"{BASE}/verifications/{made.id}"
    assert client.get(address, headers=scene.police).status_code == 404
    body = client.get(address, headers=scene.owner).json()
    assert (body["outcome"], body["proof"]) == ("identified", "RESCUER_CERTIFICATE")


def test_the_document_is_valid_and_names_every_route(client: TestClient) -> None:
    document = client.get("/verification/openapi.json").json()
    validate(document)
    ids = {
        operation["operationId"]
        for methods in document["paths"].values()
        for operation in methods.values()
    }
    assert ids == {
        "list_verifications",
        "read_verification",
        "move_verification",
        "list_moves",
        "record_paper",
        "list_papers",
        "record_evidence",
        "list_evidence",
        "request_protection",
        "list_protections",
        "read_protection",
        "move_protection",
        "list_protection_moves",
        "read_targets",
        "read_vocabulary",
    }


def test_another_authoritys_verification_cannot_be_told_from_none(
    client: TestClient, scene: Scene
) -> None:
    base = f"{BASE}/verifications"

    def move(verification_id: UUID) -> Response:
        extra = {"Idempotency-Key": str(uuid4()), "If-Match": '"1"'}
        body = {"move": "start"}
        place = f"{base}/{verification_id}/moves"
        return client.post(place, json=body, headers=scene.stranger | extra)

    for known in (scene.id, scene.unassigned):
        for ask in (
            lambda which: client.get(f"{base}/{which}", headers=scene.stranger),
            lambda which: client.get(f"{base}/{which}/moves", headers=scene.stranger),
            move,
        ):
            assert tells_apart(ask, known) == []


def test_a_proof_is_shown_with_its_rule_its_text_and_how_certain_it_is(
    client: TestClient, begin: Begin, token_for: TokenFor, now: datetime
) -> None:
    with begin() as session:
        bench = Bench(session, now)
        proven = bench.opened(papers=[PaperType.POLICE_CERTIFICATE])
    answer = client.get(f"{BASE}/verifications/{proven.id}", headers=token_for("case_owner"))
    assert answer.json()["proof"] == "POLICE_CERTIFICATE"
    rule = answer.json()["proof_rule"]
    assert (rule["key"], rule["status"]) == ("proof.police_certificate", "assumed")
    assert "Art. 33" in rule["legal_ref"]
    assert "not at hand" in rule["note"]


def test_a_border_guard_that_verifies_is_shown_with_why_it_may_be_doubted(
    client: TestClient, begin: Begin, token_for: TokenFor, now: datetime
) -> None:
    with begin() as session:
        bench = Bench(session, now)
        guard = bench.organisation(verifier(), kind=OrganisationKind.BORDER_GUARD)
        rescued = bench.opened(route=Route.RESCUED, receiver_id=guard)
    seen = client.get(f"{BASE}/verifications/{rescued.id}", headers=token_for("case_owner")).json()
    assert (seen["verifier_id"], seen["proof_rule"]) == (str(guard), None)
    assert (seen["verifier_rule"]["key"], seen["verifier_rule"]["status"]) == (
        "authority.border_guard",
        "assumed",
    )
    listed = client.get(f"{BASE}/verifications", headers=token_for("case_owner")).json()["items"]
    assert listed[0]["verifier_rule"] == seen["verifier_rule"]
