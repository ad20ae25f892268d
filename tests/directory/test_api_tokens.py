"""The token endpoint over HTTP, on real commits."""

from datetime import UTC, datetime
from typing import Any

import httpx2
import orjson
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from services.directory import api
from services.directory.models import ClientAssertion
from services.directory.policy import TokenIssuer
from shared.kit.auth import TokenVerifier
from shared.kit.database import Database
from shared.kit.http import Edge, create_api
from shared.kit.idempotency import KEYS
from tests.directory.builders import RULES, Signer, open_school, register
from tests.directory.calls import SCHOOL, URL, V1, Headers, key, post, refused


@pytest.fixture
def known(client: TestClient, database: Database, signer: Signer) -> Signer:
    """A client that is registered."""
    with database.begin() as session:
        register(session, signer, open_school(session, now=signer.now).id)
    return signer


def oauth_error(answer: httpx2.Response, status: int, error: str) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["pragma"] == "no-cache"
    assert answer.json()["error"] == error
    assert ("www-authenticate" in answer.headers) == (status == 401)


def test_a_token_is_answered_as_rfc_6749_says(client: TestClient, known: Signer) -> None:
    answer = client.post(f"{V1}/token", **known.form())
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["pragma"] == "no-cache"
    body = answer.json()
    assert set(body) == {"access_token", "token_type", "expires_in", "scope"}
    assert (body["token_type"], body["expires_in"], body["scope"]) == ("Bearer", 600, "provider")


def test_an_assertion_is_spent_by_the_first_of_two_requests(
    client: TestClient, known: Signer, database: Database
) -> None:
    call = known.form()
    assert client.post(f"{V1}/token", **call).status_code == 200
    oauth_error(client.post(f"{V1}/token", **call), 401, "invalid_client")
    with database.read() as session:
        assert session.scalars(select(func.count()).select_from(ClientAssertion)).one() == 1


def test_refusals_are_named_as_rfc_6749_names_them(client: TestClient, known: Signer) -> None:
    def ask(**fields: str) -> httpx2.Response:
        return client.post(f"{V1}/token", **known.form(**fields))

    oauth_error(ask(grant_type="password"), 400, "unsupported_grant_type")
    oauth_error(ask(client_assertion_type="x"), 400, "invalid_request")
    oauth_error(ask(scope="administrator"), 400, "invalid_scope")
    oauth_error(ask(client_id="another-client"), 401, "invalid_client")
    oauth_error(ask(client_assertion=Signer(known.now).assertion()), 401, "invalid_client")
    as_json = client.post(f"{V1}/token", json={"grant_type": "client_credentials"})
    oauth_error(as_json, 400, "invalid_request")
    oauth_error(client.post(f"{V1}/token"), 400, "invalid_request")


def test_a_refusal_is_logged_by_its_reason_and_never_with_the_assertion(
    client: TestClient, known: Signer, capsys: pytest.CaptureFixture[str]
) -> None:
    assertion = known.assertion(aud="https://elsewhere.test")
    answer = client.post(f"{V1}/token", **known.form(assertion))
    oauth_error(answer, 401, "invalid_client")
    written = capsys.readouterr().out
    logs = [orjson.loads(line) for line in written.splitlines()]
    refusals = [entry for entry in logs if entry["event"] == "token_refused"]
    assert [(entry["code"], entry["reason"]) for entry in refusals] == [
        ("invalid_client", "wrong_audience")
    ]
    spoken = written + answer.text
    assert all(part not in spoken for part in assertion.split("."))


def test_an_issued_token_opens_the_directory_itself(
    database: Database,
    verifier: TokenVerifier,
    token_issuer: TokenIssuer,
    webhooks: api.WebhookRules,
) -> None:
    """The whole way, with the real clock: assertion, token, and a request with it."""
    signer = Signer(datetime.now(UTC))
    with database.begin() as session:
        school = open_school(session, now=signer.now)
        register(session, signer, school.id)
    edge = Edge(
        service="directory",
        title="Directory",
        begin=database.begin,
        read=database.read,
        verifier=verifier,
        clock=lambda: datetime.now(UTC),
    )
    made = create_api(
        edge, [api.router], token_issuer=token_issuer, webhooks=webhooks, log_in_rules=RULES
    )
    with TestClient(made) as client:
        token = client.post(f"{V1}/token", **signer.form()).json()["access_token"]
        bearer = {"Authorization": f"Bearer {token}"}
        read = client.get(f"{V1}/organisations/{school.id}", headers=bearer)
        assert read.json()["code"] == "truong-nghe"
        own = client.post(
            f"{V1}/organisations/{school.id}/endpoints", json={"url": URL}, headers=bearer | key()
        )
        assert own.status_code == 201
        answer = client.post(f"{V1}/organisations", json=SCHOOL, headers=bearer | key())
        refused(answer, 403, "role-missing")


def test_the_key_set_is_public_and_holds_public_keys_only(client: TestClient) -> None:
    answer = client.get(f"{V1}/jwks.json")
    assert answer.status_code == 200
    (shown,) = answer.json()["keys"]
    assert (shown["kty"], shown["crv"], shown["kid"]) == ("OKP", "Ed25519", "test")
    assert "d" not in shown


def test_the_ledger_of_keys_holds_no_secret_and_no_assertion(
    client: TestClient, administrator: Headers, school: dict[str, Any], database: Database
) -> None:
    post(client, f"/organisations/{school['id']}/endpoints", {"url": URL}, administrator)
    with database.read() as session:
        bodies = session.scalars(select(KEYS.c.body)).all()
    assert len(bodies) == 2
    assert all("secret" not in body for body in bodies)


def test_the_interface_is_described(client: TestClient) -> None:
    document = client.get("/directory/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    form = document["paths"][f"{V1}/token"]["post"]["requestBody"]["content"]
    assert list(form) == ["application/x-www-form-urlencoded"]
    ids = [
        operation["operationId"]
        for path in document["paths"].values()
        for operation in path.values()
    ]
    assert len(ids) == len(set(ids)) == 79
    assert "register_endpoint" in ids
