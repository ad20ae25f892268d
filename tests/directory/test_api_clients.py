"""Clients and webhook endpoints over HTTP, on real commits."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select, text

from services.directory import api
from services.directory.models import Client, Endpoint
from shared.kit.database import Database
from shared.kit.webhook_secrets import derive_secret
from tests.conftest import NOON
from tests.directory.builders import CLIENT_ID, Signer, audited
from tests.directory.calls import SCHOOL, URL, V1, Headers, TokenFor, key, match, post, refused


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


def test_the_clients_of_an_organisation_are_listed_for_an_administrator(
    client: TestClient, administrator: Headers, school: dict[str, Any], token_for: TokenFor
) -> None:
    for name in ("truong.hai", "truong.mot"):
        body = {
            "client_id": name,
            "organisation_id": school["id"],
            "public_jwk": Signer(NOON).public_jwk,
        }
        post(client, "/clients", body, administrator)
    asked = {"organisation_id": school["id"]}
    listed = client.get(f"{V1}/clients", params=asked, headers=administrator).json()["items"]
    assert [each["client_id"] for each in listed] == ["truong.hai", "truong.mot"]
    other = {"organisation_id": str(uuid4())}
    nobodys = client.get(f"{V1}/clients", params=other, headers=administrator).json()
    assert nobodys == {"items": []}
    refused(client.get(f"{V1}/clients", headers=administrator), 422, "invalid-request")
    asks = token_for("provider", organisation_id=UUID(school["id"]))
    refused(client.get(f"{V1}/clients", params=asked, headers=asks), 403, "role-missing")


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


def test_the_secret_is_shown_when_registered_repeated_with_its_key_and_stored_nowhere(
    client: TestClient,
    administrator: Headers,
    school: dict[str, Any],
    database: Database,
    webhooks: api.WebhookRules,
) -> None:
    place = f"{V1}/organisations/{school['id']}/endpoints"
    headers = administrator | key("once")
    made = client.post(place, json={"url": URL}, headers=headers)
    assert made.status_code == 201
    secret = made.json()["secret"]
    assert secret == derive_secret(webhooks.master, UUID(made.json()["id"]), 1)
    assert client.post(place, json={"url": URL}, headers=headers).json() == made.json()
    (read,) = client.get(place, headers=administrator).json()["items"]
    assert "secret" not in read
    assert read == {name: value for name, value in made.json().items() if name != "secret"}
    with database.read() as session:
        assert is_anywhere(session, "truong.edu.vn") is True
        assert is_anywhere(session, secret.removeprefix("whsec_")) is False
        assert session.scalars(select(Endpoint)).one().secret_version == 1


def test_a_replaced_endpoint_shows_the_next_secret_and_a_deleted_one_is_gone(
    client: TestClient, administrator: Headers, school: dict[str, Any]
) -> None:
    path = f"/organisations/{school['id']}/endpoints"
    first = post(client, path, {"url": URL}, administrator).json()
    second = post(client, path, {"url": URL}, administrator).json()
    assert second["id"] == first["id"]
    assert second["secret_version"] == 2
    assert second["secret"] != first["secret"]
    place = f"{V1}{path}/{first['id']}"
    gone = client.delete(place, headers=administrator | key())
    assert (gone.status_code, gone.json()["status"]) == (200, "disabled")
    assert client.get(V1 + path, headers=administrator).json() == {"items": []}
    refused(client.delete(place, headers=administrator | key()), 404, "endpoint-not-found")


def test_each_system_of_an_organisation_has_an_address_a_secret_and_a_topic_of_its_own(
    client: TestClient, administrator: Headers, school: dict[str, Any]
) -> None:
    path = f"/organisations/{school['id']}/endpoints"
    systems = {
        topic: post(client, path, {"url": f"{URL}/{topic}", "topic": topic}, administrator).json()
        for topic in ("verifications", None, "cases")
    }
    assert len({each["secret"] for each in systems.values()}) == 3
    replaced = {"url": f"{URL}/moi", "topic": "cases"}
    again = post(client, path, replaced, administrator).json()
    assert (again["id"], again["secret_version"]) == (systems["cases"]["id"], 2)
    shown = client.get(V1 + path, headers=administrator).json()["items"]
    assert [(each["topic"], each["url"], each["secret_version"]) for each in shown] == [
        (None, f"{URL}/None", 1), ("cases", f"{URL}/moi", 2),
        ("verifications", f"{URL}/verifications", 1),
    ]  # fmt: skip
    place = f"{V1}{path}/{systems['cases']['id']}"
    withdrawn = client.delete(place, headers=administrator | key())
    assert (withdrawn.json()["topic"], withdrawn.json()["reason"]) == ("cases", "withdrawn")
    left = client.get(V1 + path, headers=administrator).json()["items"]
    assert [each["topic"] for each in left] == [None, "verifications"]
    assert {each["status"] for each in left} == {"active"}


def test_a_topic_that_there_is_none_of_is_refused(
    client: TestClient, administrator: Headers, school: dict[str, Any]
) -> None:
    place = f"{V1}/organisations/{school['id']}/endpoints"
    body = {"url": URL, "topic": "everything"}
    refused(client.post(place, json=body, headers=administrator | key()), 422, "invalid-request")


def test_an_endpoint_is_withdrawn_from_its_own_organisation_only(
    client: TestClient, administrator: Headers, school: dict[str, Any]
) -> None:
    other = post(client, "/organisations", SCHOOL | {"code": "truong-khac"}, administrator).json()
    path = f"/organisations/{school['id']}/endpoints"
    made = post(client, path, {"url": URL}, administrator).json()
    elsewhere = f"{V1}/organisations/{other['id']}/endpoints/{made['id']}"
    refused(client.delete(elsewhere, headers=administrator | key()), 404, "endpoint-not-found")
    (shown,) = client.get(V1 + path, headers=administrator).json()["items"]
    assert shown["status"] == "active"


def test_an_organisation_sets_its_own_endpoint_and_learns_of_no_other(
    client: TestClient, administrator: Headers, school: dict[str, Any], token_for: TokenFor
) -> None:
    path = f"/organisations/{school['id']}/endpoints"
    own = token_for("provider", organisation_id=UUID(school["id"]), kind="vocational_school")
    made = post(client, path, {"url": URL}, own).json()
    assert made["url"] == URL
    assert client.get(V1 + path, headers=own).status_code == 200
    stranger = token_for("provider", "case_owner", "operator")
    for answer in (
        client.get(V1 + path, headers=stranger),
        client.post(V1 + path, json={"url": URL}, headers=stranger | key()),
        client.delete(f"{V1}{path}/{made['id']}", headers=stranger | key()),
    ):
        refused(answer, 404, "organisation-not-found")
    (shown,) = client.get(V1 + path, headers=own).json()["items"]
    assert shown["secret_version"] == 1


@pytest.mark.parametrize("url", ["http://truong.edu.vn", "https://10.0.0.1", "http://127.0.0.1:1"])
def test_an_address_that_must_not_be_called_is_a_problem_that_does_not_repeat_it(
    client: TestClient, administrator: Headers, school: dict[str, Any], url: str
) -> None:
    place = f"{V1}/organisations/{school['id']}/endpoints"
    answer = client.post(place, json={"url": url}, headers=administrator | key())
    refused(answer, 422, "endpoint-address-refused")
    assert url not in answer.text


def test_a_demonstration_may_take_loopback_addresses(
    client: TestClient, administrator: Headers, school: dict[str, Any]
) -> None:
    client.app.state.webhooks = api.WebhookRules.of("0f" * 32, allow_loopback=True)  # type: ignore[attr-defined]
    path = f"/organisations/{school['id']}/endpoints"
    assert post(client, path, {"url": "http://127.0.0.1:9001/hooks"}, administrator)


@pytest.mark.parametrize("content", ["", "0f" * 31, "0f" * 33, "not hex"])
def test_a_master_key_that_is_none_starts_nothing(content: str) -> None:
    with pytest.raises(ValueError, match="hex"):
        api.WebhookRules.of(content, allow_loopback=False)
