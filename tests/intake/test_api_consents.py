"""Consents over HTTP: a ledger whose live entries decide."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from services.intake import tasks
from services.intake.models import Consent
from shared.kit.audit import AUDIT
from shared.kit.crypto import MasterKeys
from shared.kit.database import Begin, Database
from tests.intake.builders import NOON, SCHOOLS, caller, facts, receive
from tests.intake.messages import opened
from tests.told import IN_OUTBOX

HOSPITALS = {"organisation_kind": "hospital", "purpose": "service_referral"}
TokenFor = Callable[..., dict[str, str]]
Post = Callable[..., Response]


@pytest.fixture
def organisation_id() -> UUID:
    return uuid4()


@pytest.fixture
def where(begin: Begin, keys: MasterKeys, organisation_id: UUID) -> str:
    submitted = facts(keys, sender=caller(organisation_id))
    with begin() as session:
        receive(session, submitted)
    return f"/intake/v1/cases/{submitted.case_id}"


@pytest.fixture
def sender(token_for: TokenFor, organisation_id: UUID) -> dict[str, str]:
    return token_for("receiver", organisation_id=organisation_id)


@pytest.fixture
def post(client: TestClient, where: str, sender: dict[str, str]) -> Post:
    def send(path: str, body: Any, *, key: str | None = None, headers: Any = None) -> Response:
        extra = {"Idempotency-Key": key or str(uuid4())}
        answer: Response = client.post(
            f"{where}/{path}", json=body, headers={**(headers or sender), **extra}
        )
        return answer

    return send


def problem(answer: Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["type"].removeprefix("urn:nhipcau:problem:")


@pytest.mark.parametrize(
    ("path", "body"), [("consents", HOSPITALS), ("consents/withdrawals", SCHOOLS)]
)
def test_whoever_says_what_they_read_records_nothing_over_what_they_have_not_seen(
    post: Post, sender: dict[str, str], session: Session, path: str, body: dict[str, str]
) -> None:
    banks = {"organisation_kind": "policy_bank", "purpose": "service_referral"}
    assert post("consents", banks).headers["ETag"] == '"2"'
    late = post(path, body, headers=sender | {"If-Match": '"1"'})
    assert problem(late) == (412, "version-changed")
    assert session.scalars(select(Consent).where(Consent.withdrawn_at.is_not(None))).all() == []
    seen = post(path, body, headers=sender | {"If-Match": '"2"'})
    assert (seen.status_code, seen.headers["ETag"]) == (201, '"3"')


@pytest.mark.parametrize(
    ("path", "body"), [("consents", HOSPITALS), ("consents/withdrawals", SCHOOLS)]
)
def test_what_other_services_tell_meanwhile_refuses_no_consent(
    *,
    post: Post,
    where: str,
    sender: dict[str, str],
    begin: Begin,
    path: str,
    body: dict[str, str],
) -> None:
    with begin() as session:
        tasks.note_verifications(session, [opened(UUID(where.rpartition("/")[2]))], NOON)
    made = post(path, body, headers=sender | {"If-Match": '"1"'})
    assert (made.status_code, made.headers["ETag"]) == (201, '"3"')
    banks = {"organisation_kind": "policy_bank", "purpose": "service_referral"}
    for unseen in ('"1"', '"2"', '"4"'):
        late = post("consents", banks, headers=sender | {"If-Match": unseen})
        assert problem(late) == (412, "version-changed")
    assert post("consents", banks, headers=sender | {"If-Match": '"1", "3"'}).status_code == 201


def test_a_consent_of_a_former_release_may_have_been_recorded_in_any_version(
    post: Post, where: str, sender: dict[str, str], begin: Begin
) -> None:
    with begin() as session:
        session.execute(update(Consent).values(version=None))
        tasks.note_verifications(session, [opened(UUID(where.rpartition("/")[2]))], NOON)
    late = post("consents", HOSPITALS, headers=sender | {"If-Match": '"1"'})
    assert problem(late) == (412, "version-changed")
    assert post("consents", HOSPITALS, headers=sender | {"If-Match": '"2"'}).status_code == 201


def test_a_consent_given_is_in_the_ledger_told_and_audited(
    client: TestClient, post: Post, where: str, sender: dict[str, str], database: Database
) -> None:
    answer = post("consents", {**HOSPITALS, "witness": "Bà Chứng Kiến"})
    assert answer.status_code == 201
    assert answer.headers["Location"] == where
    assert "Chứng" not in answer.text
    read = client.get(where, headers=sender)
    assert read.headers["ETag"] == '"2"'
    assert {it["organisation_kind"] for it in read.json()["consents"]} == {
        "vocational_school",
        "hospital",
    }
    with database.read() as session:
        told = session.execute(
            select(IN_OUTBOX).where(IN_OUTBOX.c.type.like("%consent_given%"))
        ).one()
        entry = session.execute(select(AUDIT).where(AUDIT.c.action == "consent.give")).one()
    assert (told.destination, told.body["scope"]) == ("livelihood_support", HOSPITALS)
    assert entry.facts["organisation_kind"] == "hospital"


def test_a_consent_withdrawn_ends_and_is_told(
    client: TestClient, post: Post, where: str, sender: dict[str, str], database: Database
) -> None:
    answer = post("consents/withdrawals", SCHOOLS)
    assert answer.status_code == 201
    assert answer.json()["withdrawn_at"] is not None
    (ended,) = client.get(where, headers=sender).json()["consents"]
    assert ended["withdrawn_at"] == answer.json()["withdrawn_at"]
    with database.read() as session:
        told = session.execute(select(IN_OUTBOX).where(IN_OUTBOX.c.type.like("%withdrawn%"))).one()
    assert told.body["scope"] == SCHOOLS
    assert problem(post("consents/withdrawals", SCHOOLS)) == (409, "nothing-to-withdraw")
    assert post("consents", SCHOOLS).status_code == 201


def test_a_live_consent_is_not_given_twice(post: Post, database: Database) -> None:
    assert problem(post("consents", SCHOOLS)) == (409, "consent-already-given")
    with database.read() as session:
        assert len(session.scalars(select(Consent)).all()) == 1
        refused = session.execute(select(AUDIT.c.outcome).where(AUDIT.c.outcome != "done")).one()
    assert refused.outcome == "consent-already-given"


def test_a_repeat_withdraws_once(post: Post) -> None:
    key = str(uuid4())
    first, again = (post("consents/withdrawals", SCHOOLS, key=key) for _ in range(2))
    assert (again.status_code, again.json()) == (201, first.json())


def test_a_stranger_finds_no_case_and_a_case_owner_may_act(post: Post, token_for: TokenFor) -> None:
    stranger = token_for("receiver", client_id="stranger")
    for path in ("consents", "consents/withdrawals"):
        assert problem(post(path, SCHOOLS, headers=stranger)) == (404, "case-not-found")
        assert problem(post(path, SCHOOLS, headers=token_for("provider"))) == (403, "role-missing")
    owner = token_for("case_owner", client_id="owner")
    assert post("consents/withdrawals", SCHOOLS, headers=owner).status_code == 201


@pytest.mark.parametrize(
    "body",
    [{}, {**SCHOOLS, "purpose": "marketing"}, {**SCHOOLS, "reason": "free text"}],
)
def test_a_scope_is_two_codes(post: Post, body: Any) -> None:
    assert problem(post("consents/withdrawals", body)) == (422, "invalid-request")


def test_a_condition_that_counts_where_it_is_sent_is_described_as_one(client: TestClient) -> None:
    paths = client.get("/intake/openapi.json").json()["paths"]
    here = "/intake/v1/cases/{case_id}"
    for path, is_needed in ((f"{here}/consents", False), (f"{here}/hand-overs", True)):
        described = paths[path]["post"]
        named = {it["name"]: it["required"] for it in described["parameters"]}
        assert named["If-Match"] is is_needed
        assert ("428" in described["responses"]) is is_needed
        assert "412" in described["responses"]
