"""An officer of the case owner: a person with an account, and a mailbox of their own."""

import secrets
import time
from dataclasses import dataclass
from pathlib import Path

import orjson

from deploy.demo.cast import CASE_OWNER
from deploy.stack import sandbox
from deploy.stack.client import ApiClient, Credentials
from deploy.stack.people import Door, People
from deploy.stack.sandbox import Sandbox
from shared.contracts.vocabulary import Role

GOOD_FOR = 30.0
"""Seconds for which a token of a minute is used."""


class Officer(ApiClient):
    """Calls the APIs as a person: the console exchanges a session for tokens of a minute."""

    def __init__(self, base_url: str, console: Credentials, *, user: str, password: str) -> None:
        super().__init__(base_url, console)
        self._door = Door(base_url, console)
        self._known = {"user": user, "password": password}
        self._session = ""
        self._let_in = ""
        self._good_until = 0.0

    @property
    def mailbox(self) -> str:
        """Where they read their mails: nobody's, and another one in each run."""
        return f"{self._known['user']}@vi-du.gov.vn"

    def bearer(self) -> str:
        """A token of the person, who logs in first."""
        if time.monotonic() > self._good_until:
            self._session = self._session or self._door.log_in(self._known)
            self._let_in = self._door.token(self._session)
            self._good_until = time.monotonic() + GOOD_FOR
        return self._let_in

    def close(self) -> None:
        """Close the connections, the console's as well."""
        self._door.close()
        super().close()


@dataclass(frozen=True)
class Others:
    """Who acts without having been asked: whoever runs the exchange, and an officer."""

    operator: ApiClient
    officer: Officer


def appoint(registrar: Sandbox, console: Credentials, base_url: str, folder: Path) -> Officer:
    """Have the manager of the case owner give a person an account.

    The manager is made once for a folder, by the administrator; nobody else could make a second.
    """
    organisation = registrar.organisations()[CASE_OWNER]
    run, file = secrets.token_hex(4), folder / "manager.json"
    people = People(registrar, console, base_url)
    try:
        if file.exists():
            people.returns(organisation["id"], orjson.loads(file.read_bytes()))
        else:
            made = people.manager(organisation["id"], f"quan-ly.{run}")
            sandbox.write(file, made or {})
        member = people.member(organisation, Role.CASE_OWNER, f"can-bo.{run}")
    finally:
        people.close()
    return Officer(base_url, console, **member)
