"""The directory over HTTP, on real commits."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import structlog
from fastapi.testclient import TestClient
from sqlalchemy import func, select, text

from services.directory import api, domain
from services.directory.models import Client, ClientAssertion, Endpoint
from services.directory.policy import TokenIssuer, signing_secret
from shared.kit.auth import TokenVerifier
from shared.kit.database import Database
from shared.kit.http import Edge, create_api
from shared.kit.idempotency import KEYS
from tests.directory.builders import CLIENT_ID, Signer, audited, open_school, register

V1 = "/directory/v1"
PROBLEM = "application/problem+json"
URL = "https://truong.edu.vn/hooks"
SCHOOL = {
    "code": "truong-nghe",
    "name_vi": "Trường nghề",
    "name_en": "A school",
    "kind": "vocational_school",
    "roles": [{"role": "provider", "area_code": "31", "valid_from": "2020-02-12"}],
}
OFFER = {
    "name_vi": "Lớp may",
    "name_en": "Sewing",
    "codes": ["VOCATIONAL"],
    "area_codes": ["31"],
    "capacity": 12,
}

Headers = dict[str, str]
TokenFor = Callable[..., Headers]


@pytest.fixture
def administrator(token_for: TokenFor) -> Headers:
    return token_for("administrator", kind="operations", client_id="administrator")


def key(value: str | None = None) -> Headers:
    return {"Idempotency-Key": f'"{value or uuid4()}"'}


def match(version: int) -> Headers:
    return {"If-Match": f'"{version}"'}


def post(
    client: TestClient, path: str, body: Mapping[str, Any], headers: Headers
) -> httpx.Response:
    """A creating request that is expected to succeed."""
    answer = client.post(V1 + path, json=body, headers=headers | key())
    assert answer.status_code == 201, answer.text
    return answer


def refused(answer: httpx.Response, status: int, problem: str) -> dict[str, Any]:
    """The problem a request was refused with."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == PROBLEM
    body: dict[str, Any] = answer.json()
    assert body["type"] == f"urn:nhipcau:problem:{problem}"
    return body


@pytest.fixture
def school(client: TestClient, administrator: Headers) -> dict[str, Any]:
    made: dict[str, Any] = post(client, "/organisations", SCHOOL, administrator).json()
    return made


# --- Organisations


def test_an_organisation_is_created_and_read_back(
    client: TestClient, administrator: Headers, token_for: TokenFor
) -> None:
    made = post(client, "/organisations", SCHOOL, administrator)
    assert made.headers["etag"] == '"1"'
    read = client.get(made.headers["location"], headers=token_for("receiver"))
    assert read.status_code == 200
    assert read.headers["etag"] == '"1"'
    assert read.json() == made.json()
    assert read.json()["roles"] == [
        {"role": "provider", "area_code": "31", "valid_from": "2020-02-12", "valid_to": None}
    ]
    assert read.json()["certainty"] == "assumed"


def test_a_name_is_stored_in_composed_letters(client: TestClient, administrator: Headers) -> None:
    decomposed = {**SCHOOL, "name_vi": "  Trươ\u0300ng  "}
    assert post(client, "/organisations", decomposed, administrator).json()["name_vi"] == "Trường"


def test_the_same_key_creates_one_organisation_and_answers_alike(
    client: TestClient, administrator: Headers, database: Database
) -> None:
    headers = administrator | key("once")
    answers = [client.post(f"{V1}/organisations", json=SCHOOL, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    with database.read() as session:
        assert audited(session) == [("organisation.opened", "done")]
    other = client.post(f"{V1}/organisations", json={**SCHOOL, "code": "b"}, headers=headers)
    refused(other, 422, "idempotency-key-reused")


def test_a_code_that_is_taken_is_a_conflict(
    client: TestClient, administrator: Headers, school: dict[str, Any]
) -> None:
    answer = client.post(f"{V1}/organisations", json=SCHOOL, headers=administrator | key())
    refused(answer, 409, "organisation-code-taken")


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"code": "Trường nghề"}, "/code"),
        ({"kind": "bank"}, "/kind"),
        ({"name_vi": ""}, "/name_vi"),
        ({"name_vi": "a\u0000b"}, "/name_vi"),
        ({"name_en": "x" * 201}, "/name_en"),
        ({"name_en": "\u202etxt"}, "/name_en"),
        ({"roles": [{"role": "provider"}]}, "/roles/0/area_code"),
        ({"roles": [{**SCHOOL["roles"][0], "area_code": "x"}]}, "/roles/0/area_code"),  # type: ignore[dict-item]
        ({"secret_note": "SECRET-VALUE"}, "/"),
    ],
)
def test_a_bad_field_is_named_and_not_repeated(
    client: TestClient, administrator: Headers, changes: dict[str, Any], pointer: str
) -> None:
    answer = client.post(
        f"{V1}/organisations", json={**SCHOOL, **changes}, headers=administrator | key()
    )
    problem = refused(answer, 422, "invalid-request")
    assert pointer in [error["pointer"] for error in problem["errors"]]
    assert "SECRET-VALUE" not in answer.text


def test_overlapping_roles_are_a_problem(client: TestClient, administrator: Headers) -> None:
    body = {**SCHOOL, "roles": [*SCHOOL["roles"], *SCHOOL["roles"]]}
    answer = client.post(f"{V1}/organisations", json=body, headers=administrator | key())
    refused(answer, 422, "roles-overlap")


def test_an_organisation_is_changed_by_whoever_read_it_last(
    client: TestClient, administrator: Headers, school: dict[str, Any]
) -> None:
    place = f"{V1}/organisations/{school['id']}"
    body = {"name_vi": "Tên mới", "name_en": "New", "roles": []}

    def put(headers: Headers) -> httpx.Response:
        return client.put(place, json=body, headers=administrator | headers)

    refused(put(key()), 428, "precondition-required")
    refused(put(match(1)), 400, "idempotency-key-missing")
    changed = put(key("a") | match(1))
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    assert (changed.json()["name_vi"], changed.json()["roles"]) == ("Tên mới", [])
    assert put(key("a") | match(1)).json() == changed.json()
    refused(put(key() | match(1)), 412, "version-changed")


def test_code_and_kind_cannot_be_changed(
    client: TestClient, administrator: Headers, school: dict[str, Any]
) -> None:
    place = f"{V1}/organisations/{school['id']}"
    body = {"name_vi": "Tên", "name_en": "Name", "kind": "hospital"}
    answer = client.put(place, json=body, headers=administrator | key() | match(1))
    refused(answer, 422, "invalid-request")


def test_what_does_not_exist_is_not_found(client: TestClient, administrator: Headers) -> None:
    for collection, problem in (
        ("organisations", "organisation-not-found"),
        ("programmes", "programme-not-found"),
    ):
        answer = client.get(f"{V1}/{collection}/{uuid4()}", headers=administrator)
        refused(answer, 404, problem)
    answer = client.get(f"{V1}/clients/nobody", headers=administrator)
    refused(answer, 404, "client-not-found")


@pytest.mark.parametrize(
    ("path", "body"),
    [("/organisations", SCHOOL), ("/programmes", OFFER), ("/clients", {})],
)
def test_only_an_administrator_creates(
    client: TestClient, token_for: TokenFor, path: str, body: dict[str, Any]
) -> None:
    refused(client.post(V1 + path, json=body, headers=key()), 401, "unauthenticated")
    for role in ("provider", "receiver", "case_owner", "operator", "auditor"):
        answer = client.post(V1 + path, json=body, headers=token_for(role) | key())
        refused(answer, 403, "role-missing")


@pytest.mark.parametrize(
    "path",
    ["/organisations", "/programmes", "/units", "/units/11560/successors", "/clients/a-client"],
)
def test_every_read_asks_for_a_token(client: TestClient, path: str) -> None:
    refused(client.get(V1 + path), 401, "unauthenticated")


def test_a_list_goes_on_where_its_page_ended(
    client: TestClient, administrator: Headers, token_for: TokenFor
) -> None:
    codes = [f"truong-{number}" for number in range(5)]
    for code in codes:
        post(client, "/organisations", {**SCHOOL, "code": code}, administrator)
    place: str | None = f"{V1}/organisations?page_size=2&kind=vocational_school"
    found, pages = [], 0
    while place is not None:
        answer = client.get(place, headers=token_for("receiver"))
        found += [item["code"] for item in answer.json()["items"]]
        following = answer.links.get("next")
        assert (following is None) == (answer.json()["next_cursor"] is None)
        place, pages = following["url"] if following else None, pages + 1
    assert found == codes
    assert pages == 3
    bad = client.get(f"{V1}/organisations?cursor=!", headers=token_for("receiver"))
    refused(bad, 422, "cursor-unknown")


def test_organisations_are_listed_by_role_area_and_day(
    client: TestClient, administrator: Headers, school: dict[str, Any]
) -> None:
    def codes(query: str) -> list[str]:
        answer = client.get(f"{V1}/organisations?{query}", headers=administrator)
        return [item["code"] for item in answer.json()["items"]]

    assert codes("role=provider&area=11557") == [SCHOOL["code"]]
    assert codes("role=provider&on=2020-02-11") == []
    assert codes("role=verifier") == []
    assert codes("kind=hospital") == []


# --- Programmes


def test_a_programme_is_created_changed_and_read(
    client: TestClient, administrator: Headers, school: dict[str, Any], token_for: TokenFor
) -> None:
    body = {**OFFER, "organisation_id": school["id"], "codes": ["VOCATIONAL", "VOCATIONAL"]}
    made = post(client, "/programmes", body, administrator)
    assert made.json()["codes"] == ["VOCATIONAL"]
    assert made.json()["assured_at"] == "2026-03-02T05:00:00Z"
    place = made.headers["location"]
    changed = client.put(
        place, json={**OFFER, "capacity": 0}, headers=administrator | key() | match(1)
    )
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    read = client.get(place, headers=token_for("provider"))
    assert read.json() == changed.json()
    assert read.json()["capacity"] == 0
    listed = client.get(f"{V1}/programmes?code=VOCATIONAL&area=11557", headers=administrator)
    assert [item["id"] for item in listed.json()["items"]] == [made.json()["id"]]


@pytest.mark.parametrize(
    ("changes", "status", "problem"),
    [
        ({"capacity": -1}, 422, "invalid-request"),
        ({"codes": []}, 422, "invalid-request"),
        ({"codes": ["WEALTH"]}, 422, "invalid-request"),
        ({"languages": ["tiếng Việt"]}, 422, "invalid-request"),
        ({"minimum_age": 18, "maximum_age": 17}, 422, "ages-crossed"),
        (
            {"organisation_id": "018f2f5e-0000-7000-8000-000000000001"},
            404,
            "organisation-not-found",
        ),
    ],
)
def test_a_bad_programme_is_refused(
    *,
    client: TestClient,
    administrator: Headers,
    school: dict[str, Any],
    changes: dict[str, Any],
    status: int,
    problem: str,
) -> None:
    body = {**OFFER, "organisation_id": school["id"], **changes}
    answer = client.post(f"{V1}/programmes", json=body, headers=administrator | key())
    refused(answer, status, problem)


# --- Units


def test_units_are_listed_by_day_and_parent(
    client: TestClient, administrator: Headers, database: Database
) -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    with database.begin() as session:
        facts = domain.Seed(domain.read_seed().units, [], [])
        domain.seed_directory(session, facts=facts, assured_at=now, now=now)

    def codes(query: str) -> list[str]:
        found: list[str] = []
        place: str | None = f"{V1}/units?{query}"
        while place is not None:
            answer = client.get(place, headers=administrator)
            assert answer.status_code == 200, answer.text
            found += [item["code"] for item in answer.json()["items"]]
            place = answer.links["next"]["url"] if answer.json()["next_cursor"] else None
        return found

    today = codes("parent=31&page_size=50")
    assert len(today) == 114
    assert today == sorted(set(today))
    assert len(codes("parent=31&on=2025-06-30")) == 15
    split = client.get(f"{V1}/units/11890/successors", headers=administrator).json()["items"]
    assert len(split) > 1
    for query in ("on=yesterday", "parent=x", "page_size=0", "cursor=%00"):
        refused(client.get(f"{V1}/units?{query}", headers=administrator), 422, "invalid-request")


# --- Clients


def test_a_client_is_registered_changed_and_read(
    client: TestClient, administrator: Headers, school: dict[str, Any], signer: Signer
) -> None:
    public = {**signer.public_jwk, "use": "sig", "alg": "Ed25519", "kid": "mine"}
    body = {"client_id": CLIENT_ID, "organisation_id": school["id"], "public_jwk": public}
    made = post(client, "/clients", body, administrator)
    assert made.json()["public_jwk"] == {"kty": "OKP", "crv": "Ed25519", "x": public["x"]}
    assert made.json()["thumbprint"] == signer.key.thumbprint()
    place = made.headers["location"]
    assert client.get(place, headers=administrator).json() == made.json()
    again = client.post(f"{V1}/clients", json=body, headers=administrator | key())
    refused(again, 409, "client-id-taken")
    stop = {"public_jwk": public, "is_active": False}
    stopped = client.put(place, json=stop, headers=administrator | key() | match(1))
    assert (stopped.status_code, stopped.json()["is_active"]) == (200, False)
    refused(
        client.put(place, json=stop, headers=administrator | key()), 428, "precondition-required"
    )


def test_a_private_key_is_refused_and_not_repeated_or_kept(
    client: TestClient,
    administrator: Headers,
    school: dict[str, Any],
    signer: Signer,
    database: Database,
) -> None:
    private = dict(signer.key.as_dict(private=True))
    body = {"client_id": CLIENT_ID, "organisation_id": school["id"], "public_jwk": private}
    answer = client.post(f"{V1}/clients", json=body, headers=administrator | key())
    refused(answer, 422, "private-key-submitted")
    assert str(private["d"]) not in answer.text
    with database.read() as session:
        assert session.scalars(select(func.count()).select_from(Client)).one() == 0
        assert is_anywhere(session, str(private["d"])) is False
        assert ("POST /directory/v1/clients", "private-key-submitted") in audited(session)


@pytest.mark.parametrize("client_id", ["", "ab", "Truong", "a b", "a/b", "x" * 65, "a\u0000bc"])
def test_a_client_id_is_plain(
    client: TestClient,
    administrator: Headers,
    school: dict[str, Any],
    signer: Signer,
    client_id: str,
) -> None:
    body = {
        "client_id": client_id,
        "organisation_id": school["id"],
        "public_jwk": signer.public_jwk,
    }
    answer = client.post(f"{V1}/clients", json=body, headers=administrator | key())
    refused(answer, 422, "invalid-request")


# --- Endpoints


def is_anywhere(session: Any, wanted: str) -> bool:
    """Whether a text is in any row of any table of this database."""
    tables = session.scalars(
        text("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'"),
    ).all()
    return any(
        session.scalar(
            text(f"SELECT EXISTS (SELECT 1 FROM {table} AS t WHERE t::text LIKE :wanted)"),  # noqa: S608 - names of our own tables
            {"wanted": f"%{wanted}%"},
        )
        for table in tables
    )


def test_the_secret_is_shown_when_registered_repeated_with_its_key_and_stored_nowhere(
    client: TestClient,
    administrator: Headers,
    school: dict[str, Any],
    database: Database,
    webhooks: api.WebhookRules,
) -> None:
    place = f"{V1}/organisations/{school['id']}/endpoint"
    headers = administrator | key("once")
    made = client.post(place, json={"url": URL}, headers=headers)
    assert made.status_code == 201
    secret = made.json()["secret"]
    assert secret == signing_secret(webhooks.master, UUID(made.json()["id"]), 1)
    assert client.post(place, json={"url": URL}, headers=headers).json() == made.json()
    read = client.get(place, headers=administrator).json()
    assert "secret" not in read
    assert read == {name: value for name, value in made.json().items() if name != "secret"}
    with database.read() as session:
        assert is_anywhere(session, "truong.edu.vn") is True
        assert is_anywhere(session, secret.removeprefix("whsec_")) is False
        assert session.scalars(select(Endpoint)).one().secret_version == 1


def test_a_replaced_endpoint_shows_the_next_secret_and_a_deleted_one_is_gone(
    client: TestClient, administrator: Headers, school: dict[str, Any]
) -> None:
    path = f"/organisations/{school['id']}/endpoint"
    first = post(client, path, {"url": URL}, administrator).json()
    second = post(client, path, {"url": URL}, administrator).json()
    assert second["id"] == first["id"]
    assert second["secret_version"] == 2
    assert second["secret"] != first["secret"]
    gone = client.delete(V1 + path, headers=administrator | key())
    assert (gone.status_code, gone.json()["status"]) == (200, "disabled")
    refused(client.get(V1 + path, headers=administrator), 404, "endpoint-not-found")
    refused(client.delete(V1 + path, headers=administrator | key()), 404, "endpoint-not-found")


def test_an_organisation_sets_its_own_endpoint_and_learns_of_no_other(
    client: TestClient, administrator: Headers, school: dict[str, Any], token_for: TokenFor
) -> None:
    path = f"/organisations/{school['id']}/endpoint"
    own = token_for("provider", organisation_id=UUID(school["id"]), kind="vocational_school")
    assert post(client, path, {"url": URL}, own).json()["url"] == URL
    assert client.get(V1 + path, headers=own).status_code == 200
    stranger = token_for("provider", "case_owner", "operator")
    for answer in (
        client.get(V1 + path, headers=stranger),
        client.post(V1 + path, json={"url": URL}, headers=stranger | key()),
        client.delete(V1 + path, headers=stranger | key()),
    ):
        refused(answer, 404, "organisation-not-found")
    assert client.get(V1 + path, headers=own).json()["secret_version"] == 1


@pytest.mark.parametrize("url", ["http://truong.edu.vn", "https://10.0.0.1", "http://127.0.0.1:1"])
def test_an_address_that_must_not_be_called_is_a_problem_that_does_not_repeat_it(
    client: TestClient, administrator: Headers, school: dict[str, Any], url: str
) -> None:
    place = f"{V1}/organisations/{school['id']}/endpoint"
    answer = client.post(place, json={"url": url}, headers=administrator | key())
    refused(answer, 422, "endpoint-address-refused")
    assert url not in answer.text


def test_a_demonstration_may_take_loopback_addresses(
    client: TestClient, administrator: Headers, school: dict[str, Any]
) -> None:
    client.app.state.webhooks = api.WebhookRules.of("0f" * 32, allow_loopback=True)  # type: ignore[attr-defined]
    path = f"/organisations/{school['id']}/endpoint"
    assert post(client, path, {"url": "http://127.0.0.1:9001/hooks"}, administrator)


@pytest.mark.parametrize("content", ["", "0f" * 31, "0f" * 33, "not hex"])
def test_a_master_key_that_is_none_starts_nothing(content: str) -> None:
    with pytest.raises(ValueError, match="hex"):
        api.WebhookRules.of(content, allow_loopback=False)


# --- Tokens


@pytest.fixture
def known(client: TestClient, database: Database, signer: Signer) -> Signer:
    """A client that is registered."""
    with database.begin() as session:
        register(session, signer, open_school(session, now=signer.now).id)
    return signer


def oauth_error(answer: httpx.Response, status: int, error: str) -> None:
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
    def ask(**fields: str) -> httpx.Response:
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
    client: TestClient, known: Signer
) -> None:
    assertion = known.assertion(aud="https://elsewhere.test")
    with structlog.testing.capture_logs() as logs:
        answer = client.post(f"{V1}/token", **known.form(assertion))
    oauth_error(answer, 401, "invalid_client")
    refusals = [entry for entry in logs if entry["event"] == "token_refused"]
    assert [(entry["code"], entry["reason"]) for entry in refusals] == [
        ("invalid_client", "wrong_audience")
    ]
    spoken = repr(logs) + answer.text
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
    made = create_api(edge, [api.router], token_issuer=token_issuer, webhooks=webhooks)
    with TestClient(made) as client:
        token = client.post(f"{V1}/token", **signer.form()).json()["access_token"]
        bearer = {"Authorization": f"Bearer {token}"}
        read = client.get(f"{V1}/organisations/{school.id}", headers=bearer)
        assert read.json()["code"] == "truong-nghe"
        own = client.post(
            f"{V1}/organisations/{school.id}/endpoint", json={"url": URL}, headers=bearer | key()
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
    post(client, f"/organisations/{school['id']}/endpoint", {"url": URL}, administrator)
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
    assert len(ids) == len(set(ids)) == 18
    assert "register_endpoint" in ids
