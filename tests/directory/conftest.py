"""The directory under test."""

import base64
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient
from joserfc.jwk import OKPKey

from services.directory import api
from services.directory.gateways import ProviderGateway
from services.directory.policy import StaffVault, TokenIssuer
from shared.contracts import Queue
from shared.contracts.vocabulary import Role
from shared.kit.database import Database
from shared.messaging.envelope import Links
from tests.directory.builders import ISSUER, RULES, TOKEN_ENDPOINT, Signer
from tests.directory.calls import SCHOOL, Headers, TokenFor, post
from tests.directory.people import Console, Somebody, code_of, of, take_in

LINKS = Links(Queue.DIRECTORY, {"notification": "1"}, {"notification": {"1": bytes(32)}})
NOON = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
"""A Monday noon in Hải Phòng."""


@pytest.fixture(scope="session")
def service() -> Queue:
    return Queue.DIRECTORY


@pytest.fixture
def now() -> datetime:
    return NOON


@pytest.fixture
def signer(now: datetime) -> Signer:
    return Signer(now)


@pytest.fixture(scope="session")
def token_issuer(token_key: OKPKey) -> TokenIssuer:
    return TokenIssuer.of(
        issuer=ISSUER,
        audience="nhipcau",
        token_endpoint=TOKEN_ENDPOINT,
        private_jwk=orjson.dumps(token_key.as_dict(private=True)),
        jwks=orjson.dumps({"keys": [token_key.as_dict(private=False)]}),
    )


@pytest.fixture(scope="session")
def webhooks() -> api.WebhookRules:
    return api.WebhookRules.of("0f" * 32, allow_loopback=False)


@pytest.fixture
def routers() -> Sequence[APIRouter]:
    return [api.router]


@pytest.fixture(scope="session")
def vault() -> StaffVault:
    return StaffVault.of("a7" * 32)


@pytest.fixture
def providers() -> Iterator[ProviderGateway]:
    gateway = ProviderGateway(allow_loopback=True)
    yield gateway
    gateway.close()


@pytest.fixture
def resources(
    token_issuer: TokenIssuer,
    webhooks: api.WebhookRules,
    vault: StaffVault,
    providers: ProviderGateway,
) -> Mapping[str, Any]:
    return {
        "token_issuer": token_issuer,
        "webhooks": webhooks,
        "is_sandbox": True,
        "staff_vault": vault,
        "log_in_rules": RULES,
        "providers": providers,
        "links": LINKS,
    }


@pytest.fixture
def administrator(token_for: TokenFor) -> Headers:
    return token_for("administrator", kind="operations", client_id="administrator")


@pytest.fixture
def school(client: TestClient, administrator: Headers) -> dict[str, Any]:
    made: dict[str, Any] = post(client, "/organisations", SCHOOL, administrator).json()
    return made


@pytest.fixture
def console(client: TestClient, token_for: TokenFor) -> Console:
    return Console(client, token_for("console", client_id="console", kind="operations"))


@pytest.fixture
def receiver(database: Database, vault: StaffVault, console: Console) -> Somebody:
    """Somebody who needs no second factor, and has a password."""
    made = take_in(database, vault, Role.RECEIVER)
    of(console.redeem(made.link), "done")
    return made


@pytest.fixture
def verifier_of_cases(database: Database, vault: StaffVault, console: Console) -> Somebody:
    """Somebody who decides, with a password and an authenticator app."""
    made = take_in(database, vault, Role.VERIFIER, user_name="xac.minh")
    begun = of(console.redeem(made.link), "set_up")
    made.secret = base64.b32decode(begun["authenticator"]["secret"])
    done = of(console.second(begun["log_in"], code_of(made.secret, periods=-1)), "done")
    made.recovery_codes, made.device_token = done["recovery_codes"], done["device_token"]
    return made
