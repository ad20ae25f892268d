"""Whoever changes how they log in, in tests: with the real clock, from a session that is open."""

import base64
import time
from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.hotp import HOTP
from fastapi.testclient import TestClient

from services.directory.policy import StaffVault
from shared.contracts.vocabulary import Role
from shared.kit.database import Database
from tests.directory.authenticators import Authenticator
from tests.directory.calls import V1, Headers
from tests.directory.desks import Desk
from tests.directory.people import PASSWORD, Console, Somebody, of, take_in


def app_code(secret: bytes, *, periods: int = 0) -> str:
    """What an authenticator app shows now, or some periods later."""
    return HOTP(secret, 6, SHA1()).generate(int(time.time()) // 30 + periods).decode()  # noqa: S303


@dataclass
class Owner:
    """A person who is logged in, with an authenticator app and codes."""

    client: TestClient
    desk: Desk
    console: Console
    somebody: Somebody
    session: str
    codes: list[str] = field(default_factory=list)

    @property
    def bearer(self) -> Headers:
        return self.desk.bearer(self.session)

    def ask(self, method: str, path: str, body: Any = None) -> httpx2.Response:
        return self.client.request(method, f"{V1}/me{path}", json=body, headers=self.bearer)

    def told(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        answer = self.ask(method, path, body)
        assert answer.status_code in {200, 201}, answer.text
        told: dict[str, Any] = answer.json()
        return told

    def confirm(self, password: str = PASSWORD, **more: Any) -> httpx2.Response:
        """With the next recovery code, unless something else is shown."""
        shown = more or ({"code": self.codes.pop()} if self.codes else {})
        return self.ask("POST", "/confirmations", {"password": password, **shown})

    def confirmed(self) -> "Owner":
        assert self.confirm().status_code == 204
        return self

    def add(self, authenticator: Authenticator, name: str = "Điện thoại") -> httpx2.Response:
        challenge = self.told("POST", "/passkeys/invitation")["challenge"]
        return self.ask("POST", "/passkeys", {"name": name, **authenticator.create(challenge)})

    def begin(self) -> str:
        """Log in with the password alone: what the second step is sent with."""
        return str(of(self.console.log_in(self.somebody.user_name), "second_factor")["log_in"])

    def asked(self, log_in: str) -> dict[str, Any]:
        answer = self.client.post(
            f"{V1}/log-ins/passkey", json={"log_in": log_in}, headers=self.console.headers
        )
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()["passkey"]
        return told

    def challenge(self, log_in: str) -> str:
        return str(self.asked(log_in)["challenge"])

    def second(self, log_in: str, signed: dict[str, str]) -> httpx2.Response:
        return self.console.post("/second-factor", log_in=log_in, passkey=signed)


@pytest.fixture
def verifier_in(
    client: TestClient, database: Database, vault: StaffVault, console: Console, desk: Desk
) -> Owner:
    """Somebody who decides, and so has set an authenticator app up."""
    somebody = take_in(database, vault, Role.VERIFIER, user_name="xac.minh")
    begun = of(console.redeem(somebody.link), "set_up")
    somebody.secret = base64.b32decode(begun["authenticator"]["secret"])
    done = of(console.second(begun["log_in"], app_code(somebody.secret, periods=-1)), "done")
    return Owner(client, desk, console, somebody, done["session"], done["recovery_codes"])


@pytest.fixture
def receiver_in(
    client: TestClient, console: Console, desk: Desk, receiver: Somebody, entered: str
) -> Owner:
    """Somebody who needs no second factor, and has none."""
    return Owner(client, desk, console, receiver, entered)
