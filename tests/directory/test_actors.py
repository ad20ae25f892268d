"""Whose an actor of the audit is: for auditors, and noted."""

from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from services.directory.models import Staff
from services.directory.policy import StaffVault
from shared.access import needs_second_factor
from shared.contracts.vocabulary import Role
from shared.kit.database import Database
from tests.directory.builders import CLIENT_ID, Signer
from tests.directory.calls import V1, Headers, TokenFor, post, refused
from tests.directory.people import NAME, take_in
from tests.noted import readings


def asked(client: TestClient, headers: Headers, *actors: str) -> list[dict[str, Any]]:
    answer = client.get(f"{V1}/actors", params={"named": ",".join(actors)}, headers=headers)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


@pytest.fixture
def auditor(token_for: TokenFor) -> Headers:
    return token_for("auditor", client_id="auditor", areas=("11680",))


@pytest.fixture
def system(
    client: TestClient, administrator: Headers, school: dict[str, Any], signer: Signer
) -> str:
    """A client of the school, as the audit names it."""
    key = {**signer.public_jwk, "use": "sig", "alg": "Ed25519", "kid": "mine"}
    body = {"client_id": CLIENT_ID, "organisation_id": school["id"], "public_jwk": key}
    assert post(client, "/clients", body, administrator).status_code == 201
    return f"client:{CLIENT_ID}"


@pytest.fixture
def person(database: Database, vault: StaffVault) -> Staff:
    return take_in(database, vault, Role.RECEIVER).staff


def test_an_auditor_is_told_whose_systems_and_accounts_these_are(
    client: TestClient, school: dict[str, Any], system: str, person: Staff, auditor: Headers
) -> None:
    strangers = ("client:nobody", f"staff:{uuid4()}", "staff:me", "sweep:assign", "message:x.v1")
    first, second = asked(client, auditor, f"staff:{person.id}", system, *strangers)
    assert (first["actor"], first["display_name"]) == (system, None)
    names = {name: first[f"organisation_{name}"] for name in ("id", "name_vi", "name_en")}
    assert names == {name: school[name] for name in names}
    assert (second["actor"], second["display_name"]) == (f"staff:{person.id}", NAME)
    assert second["organisation_id"] == str(person.organisation_id)
    assert "chim.bao" not in str(second), "what somebody logs in with is nobody's business"


def test_who_asks_whose_they_are_is_noted(
    client: TestClient, database: Database, person: Staff, auditor: Headers
) -> None:
    assert asked(client, auditor, "client:nobody") == []
    assert readings(database.begin) == []
    asked(client, auditor, f"staff:{person.id}")
    assert [(who, what) for who, what, _ in readings(database.begin)] == [
        ("client:auditor", f"{V1}/actors")
    ]


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.AUDITOR}))
def test_nobody_else_is_told(client: TestClient, token_for: TokenFor, role: str) -> None:
    params = {"named": "client:nobody"}
    answer = client.get(f"{V1}/actors", params=params, headers=token_for(role))
    refused(answer, 403, "role-missing")


def test_nobody_is_asked_for_and_too_many_are_refused(client: TestClient, auditor: Headers) -> None:
    for query in ({}, {"named": ""}, {"named": "client:a," * 600}):
        answer = client.get(f"{V1}/actors", params=query, headers=auditor)
        refused(answer, 422, "invalid-request")


def test_a_person_who_may_learn_who_acted_shows_a_second_factor() -> None:
    assert needs_second_factor(Role.AUDITOR)
