"""A console with its own key and the real clock, and somebody who has logged in at it."""

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx2
import orjson
import pytest
from fastapi.testclient import TestClient

from services.directory import api, domain
from services.directory.policy import StaffVault
from shared.contracts.directory import SESSION_TOKEN, TOKEN_EXCHANGE
from shared.contracts.vocabulary import OrganisationKind, Role
from shared.kit.auth import TokenVerifier
from shared.kit.database import Database
from shared.kit.http import Edge, create_api
from shared.texts import of_service
from tests.directory.builders import ACTOR, Signer, held, register
from tests.directory.calls import V1, Headers, TokenFor
from tests.directory.people import (
    Console,
    Somebody,
    of,
    take_in,
)


@pytest.fixture
def client(
    database: Database, verifier: TokenVerifier, resources: Mapping[str, Any]
) -> Iterator[TestClient]:
    edge = Edge(
        service="directory",
        title="Directory",
        begin=database.begin,
        read=database.read,
        verifier=verifier,
        clock=lambda: datetime.now(UTC),
        texts=of_service("directory"),
    )
    with TestClient(create_api(edge, [api.router], **resources)) as made:
        yield made


@pytest.fixture
def console(client: TestClient, token_for: TokenFor) -> Console:
    return Console(client, token_for("console", client_id="console", kind="operations"))


def open_for(database: Database, role: Role, client_id: str) -> Signer:
    """A client of an organisation that holds this role."""
    signer = Signer(datetime.now(UTC), client_id)
    with database.begin() as session:
        made = domain.open_organisation(
            session,
            code=client_id,
            kind=OrganisationKind.OPERATIONS,
            facts=domain.OrganisationFacts(name_vi="X", name_en="X", roles=(held(role),)),
            now=signer.now,
            actor=ACTOR,
        )
        register(session, signer, made.id)
    return signer


@dataclass
class Desk:
    """The console with its own key."""

    client: TestClient
    signer: Signer

    def exchange(self, session_token: str, **fields: str) -> httpx2.Response:
        form = {
            "grant_type": TOKEN_EXCHANGE,
            "subject_token": session_token,
            "subject_token_type": SESSION_TOKEN,
        }
        return self.client.post(f"{V1}/token", **self.signer.form(**form | fields))

    def bearer(self, session_token: str) -> Headers:
        answer = self.exchange(session_token)
        assert answer.status_code == 200, answer.text
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}


@pytest.fixture
def desk(client: TestClient, database: Database) -> Desk:
    return Desk(client, open_for(database, Role.CONSOLE, "bang-lam-viec"))


@pytest.fixture
def receiver(database: Database, vault: StaffVault) -> Somebody:
    return take_in(database, vault, Role.RECEIVER)


@pytest.fixture
def entered(console: Console, receiver: Somebody) -> str:
    """The token of a session of the receiver."""
    return str(of(console.redeem(receiver.link), "done")["session"])


def claims_of(headers: Headers) -> dict[str, Any]:
    part = headers["Authorization"].split(".")[1]
    found: dict[str, Any] = orjson.loads(base64.urlsafe_b64decode(part + "=="))
    return found


def over(answer: httpx2.Response) -> None:
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request"), answer.text
