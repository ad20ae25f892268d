"""The demonstration against an exchange in containers, told from a container beside it."""

import os
from collections.abc import Iterable
from pathlib import Path

import psycopg

from deploy.demo import cases, cast
from deploy.demo.ledger import Ledger
from deploy.demo.story import Story
from deploy.stack import bootstrap, container
from deploy.stack.client import ApiClient
from deploy.stack.invariants import Balance, Breach, balance, breaches
from deploy.stack.keys import ADMINISTRATOR
from deploy.stack.leaks import leaks
from deploy.stack.sandbox import Sandbox
from shared.contracts import Queue

FOLDER = Path("/run/demo")
"""Shared with the container of the simulated partners."""
BASE_URL = "NHIPCAU_BASE_URL"
PORT = 8800
"""Where the partners listen, on the loopback address they share with the sender."""


class Containers:
    """The exchange as seen by whoever knows its databases."""

    def balance(self) -> Balance:
        """Count every message at its sender and its receiver."""
        return balance(_database)

    def deliveries(self) -> dict[str, int]:
        """How many deliveries are in which state."""
        with psycopg.connect(_database(Queue.NOTIFICATION)) as connection:
            rows = connection.execute("SELECT state, count(*) FROM deliveries GROUP BY state")
            return dict(rows.fetchall())

    def breaches(self) -> list[Breach]:
        """Rules of the field that the rows of some database break."""
        return breaches(_database)

    def leaks(self, words: Iterable[str]) -> list[str]:
        """Tables outside the vault where any of these words appears; logs are out of reach here."""
        return leaks(words, urls=_database)


def join() -> tuple[Story, Ledger]:
    """Register everybody and leave the partners what they wait for."""
    base_url = os.environ[BASE_URL]
    submissions = cases.load()
    file = FOLDER / "simulator.json"
    ledger = cast.open_ledger(file)
    everybody, partners = cast.assemble(
        Sandbox(ApiClient(base_url, bootstrap.credentials(container.keys().folder))),
        base_url=base_url,
        agencies={case.submit_as for case in submissions},
        listen_on=f"http://127.0.0.1:{PORT}",
        unreached={cast.UNREACHED},
    )
    cast.configure(file, base_url=base_url, port=PORT, partners=partners)
    return Story(everybody, submissions, ledger, _database), ledger


def _database(service: str) -> str:
    return container.url_of(service, ADMINISTRATOR).replace("+psycopg", "", 1)
