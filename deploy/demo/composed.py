"""The demonstration against an exchange in containers, told from a container beside it."""

import os
from collections.abc import Iterable
from pathlib import Path

import psycopg

from deploy.demo import cases, cast, officer
from deploy.demo.ledger import Ledger
from deploy.demo.story import Story
from deploy.local.patience import wait_until
from deploy.stack import bootstrap, container
from deploy.stack.client import ApiClient
from deploy.stack.invariants import Balance, Breach, balance, breaches
from deploy.stack.keys import ADMINISTRATOR
from deploy.stack.leaks import leaks
from deploy.stack.sandbox import Sandbox
from shared.contracts import Queue
from shared.contracts.vocabulary import Role

FOLDER = Path("/run/demo")
"""Shared with the container of the simulated partners."""
BASE_URL = "NHIPCAU_BASE_URL"
PORT, MAIL_PORT = 8800, 8825
"""Where the partners listen, and where their mails come, on the loopback address they share with
the sender.
"""

WITHIN = 60.0
"""Seconds in which the partners, who wait for what is written to them, begin to listen."""


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
    keys = container.keys().folder
    ledger = cast.open_ledger(file)
    registrar = Sandbox(ApiClient(base_url, bootstrap.credentials(keys)))
    everybody, partners = cast.assemble(
        registrar,
        base_url=base_url,
        agencies={case.submit_as for case in submissions},
        listen_on=f"http://127.0.0.1:{PORT}",
        unreached={cast.UNREACHED},
        offices={cast.OFFICE},
    )
    console = bootstrap.console_credentials(keys)
    employed = officer.appoint(registrar, console, base_url, FOLDER)
    cast.configure(
        file,
        base_url=base_url,
        port=PORT,
        partners=partners,
        console=console,
        mail_port=MAIL_PORT,
        mailboxes={employed.mailbox: cast.CASE_OWNER},
    )
    operator = ApiClient(base_url, bootstrap.credentials(keys, Role.OPERATOR))
    wait_until(lambda: cast.are_there(PORT), within=WITHIN)
    others = officer.Others(operator, employed)
    return Story(everybody, submissions, ledger, _database, others), ledger


def _database(service: str) -> str:
    return container.url_of(service, ADMINISTRATOR).replace("+psycopg", "", 1)
