"""One person for each role of a sandbox, registered over the API as an organisation would do it.

The administrator makes the first manager of each organisation, who gives its people accounts, and
each sets a password with the code of a slip. The passwords lie in the sandbox file: a sandbox asks
for no second factor, and is for nobody's real data.
"""

import secrets
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import httpx2

from deploy.stack.client import ApiClient, Credentials
from deploy.stack.sandbox import DIRECTORY, Sandbox
from shared.contracts.directory import (
    CLIENT_ASSERTION,
    SESSION_TOKEN,
    TOKEN_EXCHANGE,
    TOKEN_PATH,
)
from shared.contracts.vocabulary import Role

PASSWORD_BYTES = 12
CONFLICT = 409
MANAGER = "Người quản lý"
MEMBER = "Cán bộ"
"""Nobody's names: a sandbox has no people who exist."""
HERE = {"device": "computer", "source": "127.0.0.1"}


class Door:
    """Lets people in as the console does, with its key."""

    def __init__(self, base_url: str, console: Credentials) -> None:
        self._console = ApiClient(base_url, console)
        self._credentials = console
        self._token_url = f"{base_url}{TOKEN_PATH}"
        self._http = httpx2.Client(base_url=base_url, timeout=30, trust_env=False)

    def close(self) -> None:
        """Close the connections."""
        self._console.close()
        self._http.close()

    def log_in(self, known: Mapping[str, str]) -> str:
        """The session of somebody who has a password, where no second factor is asked for."""
        named = {"user_name": known["user"], "password": known["password"]}
        answer = self._console.post(f"{DIRECTORY}/log-ins", {**named, **HERE})
        answer.raise_for_status()
        session: str = answer.json()["session"]
        return session

    def redeem(self, code: str) -> tuple[str, str]:
        """Set a password with the code of a slip; returns it, and the session it begins."""
        password = secrets.token_urlsafe(PASSWORD_BYTES)
        body = {"code": code, "password": password, **HERE}
        answer = self._console.post(f"{DIRECTORY}/log-ins/link", body)
        answer.raise_for_status()
        session: str = answer.json()["session"]
        return password, session

    def token(self, session: str) -> str:
        """An access token of a minute for the person of a session (RFC 8693)."""
        answer = self._http.post(
            TOKEN_PATH,
            data={
                "grant_type": TOKEN_EXCHANGE,
                "subject_token": session,
                "subject_token_type": SESSION_TOKEN,
                "client_assertion_type": CLIENT_ASSERTION,
                "client_assertion": self._credentials.assertion(self._token_url),
            },
        )
        answer.raise_for_status()
        token: str = answer.json()["access_token"]
        return token


class People:
    """Registers people; the console's key lets them log in."""

    def __init__(self, sandbox: Sandbox, console: Credentials, base_url: str) -> None:
        self._sandbox = sandbox
        self._door = Door(base_url, console)
        self._http = httpx2.Client(base_url=base_url, timeout=30, trust_env=False)
        self._managers: dict[str, str] = {}

    def close(self) -> None:
        """Close the connections."""
        self._door.close()
        self._http.close()

    def manager(self, organisation_id: str, user_name: str) -> dict[str, str] | None:
        """The first manager of an organisation; theirs is the session that makes the others.

        ``None`` where somebody manages it already, as after a start that was cut short: nobody but
        them makes accounts there.
        """
        self._sandbox.let_manage(organisation_id)
        made = self._sandbox.administrator.post(
            f"{DIRECTORY}/organisations/{organisation_id}/manager",
            {"user_name": user_name, "display_name": MANAGER},
        )
        if made.status_code == CONFLICT:
            return None
        made.raise_for_status()
        password, session = self._door.redeem(made.json()["code"])
        self._managers[organisation_id] = session
        return {"user": user_name, "password": password}

    def returns(self, organisation_id: str, known: Mapping[str, str]) -> None:
        """The manager of an organisation, who was made by an earlier start, logs in again."""
        self._managers[organisation_id] = self._door.log_in(known)

    def member(self, organisation: Mapping[str, Any], role: Role, user_name: str) -> dict[str, str]:
        """A person of an organisation that has its manager, in every area where it holds a role."""
        manager = self._door.token(self._managers[organisation["id"]])
        held = [it for it in organisation["roles"] if it["role"] == role]
        named = {"user_name": user_name, "display_name": MEMBER}
        account = self._as(manager, "/staff", {**named, "grants": held})
        slip = self._as(manager, f"/staff/{account['id']}/links", {})
        password, _ = self._door.redeem(slip["code"])
        return {"user": user_name, "password": password}

    def _as(self, token: str, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": f'"{uuid4()}"'}
        answer = self._http.post(f"{DIRECTORY}{path}", json=dict(body), headers=headers)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found
