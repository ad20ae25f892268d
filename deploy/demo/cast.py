"""Who takes part in the demonstration, and how each simulated partner behaves."""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import orjson

from deploy.demo.ledger import Ledger
from deploy.demo.simulator import ACCEPTING, LISTENING, REJECTING
from deploy.local.ports import is_free
from deploy.stack.client import ApiClient, Credentials
from deploy.stack.sandbox import Sandbox
from shared.contracts.vocabulary import AgeBand

CASE_OWNER = "so-y-te"
FULL_SCHOOL = "cao-dang-cong-nghiep"
"""Answers every offer with: no place left."""
BROKEN_SCHOOL = "cao-dang-du-lich"
"""Its system is out of order until it has found out and mended it; what it misses comes again."""
UNREACHED = "trung-tam-cong-tac-xa-hoi"
"""Has told a wrong address, until the case owner asks: nothing that it is sent arrives before."""
FULL_FOR = {UNREACHED: AgeBand.UNDER_18}
"""Who has no place left for whom; it is asked first for every child, however often it declines."""
NEXT_ASKED = "benh-vien-tam-than"
"""The only other one that counsels a child; it answers nothing until the case owner was told."""
UNREADING = "trung-tam-tro-giup-phap-ly"
"""The only one that gives legal aid; it reads and answers nothing until the case owner was told."""
OFFICE = "cao-dang-ky-thuat"
"""A school without a system: it is written to, and answers by the link of the mail and a code."""
MAILBOX = "dao-tao@truong-day-nghe.edu.vn"
NOBODY_LISTENS = "http://127.0.0.1:9"
"""The port that discards whatever it is sent (RFC 863), where there is a server for it at all."""
NO_MAILBOXES: Mapping[str, str] = {}
VERIFIERS = ("cong-an-thanh-pho", "bien-phong-thanh-pho", "quan-ly-xuat-nhap-canh")


@dataclass(frozen=True)
class Cast:
    """The clients of everybody who acts in the demonstration."""

    base_url: str
    stored: dict[str, dict[str, Any]]
    listen_on: str
    """Where the partners' systems are, each at a path of its own."""

    def client(self, code: str) -> ApiClient:
        """Call the APIs as an organisation."""
        return ApiClient(self.base_url, Credentials.read(self.stored[code]))

    def id_of(self, code: str) -> str:
        """The id of an organisation."""
        found: str = self.stored[code]["organisation_id"]
        return found

    def address_of(self, code: str) -> str:
        """Where an organisation takes webhooks."""
        return f"{self.listen_on}/{code}"

    def names(self) -> dict[str, str]:
        """The code of each organisation that takes part, by its id."""
        return {it["organisation_id"]: code for code, it in self.stored.items()}


def assemble(
    sandbox: Sandbox,
    *,
    base_url: str,
    agencies: set[str],
    listen_on: str,
    unreached: Collection[str] = (),
    offices: Collection[str] = (),
) -> tuple[Cast, list[dict[str, Any]]]:
    """Register everybody and have the providers assure what they offer.

    Returns the cast and the simulator's entries for all who listen; those ``unreached`` have told
    an address at which nobody does. ``offices`` have no system and tell none, but a mailbox.

    The clients are this run's own: in a folder that is used again there are others already.
    """
    run = secrets.token_hex(4)
    organisations = sandbox.organisations()
    by_id = {it["id"]: it["code"] for it in organisations.values()}
    providers = {by_id[it["organisation_id"]] for it in sandbox.programmes()}
    listeners = providers | agencies | {CASE_OWNER, *VERIFIERS}
    stored = {
        code: sandbox.add_client(f"demo-{run}-{code}", organisations[code])
        for code in sorted(listeners)
    }
    cast = Cast(base_url, stored, listen_on)
    told = dict.fromkeys(unreached, NOBODY_LISTENS)
    by_organisation = {organisations[code]["id"]: cast.client(code) for code in providers}
    sandbox.assure(by_organisation)
    for client in by_organisation.values():
        client.close()
    partners = [
        {
            "code": code,
            "behaviour": _behaviour(code, is_provider=code in providers),
            "client": stored[code],
            **(
                _written_to(sandbox, organisations[code])
                if code in offices
                else _called(sandbox, organisations[code], told.get(code) or cast.address_of(code))
            ),
            "full_for": FULL_FOR.get(code, ""),
        }
        for code in sorted(listeners)
    ]
    return cast, partners


def _called(sandbox: Sandbox, organisation: Mapping[str, Any], url: str) -> dict[str, Any]:
    return {"secret": sandbox.add_endpoint(organisation, url), "office": None}


def _written_to(sandbox: Sandbox, organisation: Mapping[str, Any]) -> dict[str, Any]:
    code = sandbox.add_mailbox(organisation, MAILBOX)
    return {"secret": "", "office": {"mailbox": MAILBOX, "code": code}}


def _behaviour(code: str, *, is_provider: bool) -> str:
    if code == FULL_SCHOOL:
        return REJECTING
    return ACCEPTING if is_provider else LISTENING


def open_ledger(configuration: Path) -> Ledger:
    """What the partners will receive and do; two wait for the case owner, one is out of order."""
    ledger = Ledger(_ledger_of(configuration))
    for waits in (NEXT_ASKED, UNREADING):
        ledger.hold(waits)
    ledger.break_down(BROKEN_SCHOOL)
    return ledger


def _ledger_of(configuration: Path) -> Path:
    return configuration.with_name("partners.sqlite").absolute()


def configure(
    path: Path,
    *,
    base_url: str,
    port: int,
    partners: list[dict[str, Any]],
    console: Credentials,
    mail_port: int = 0,
    mailboxes: Mapping[str, str] = NO_MAILBOXES,
) -> None:
    """Write what the simulator reads; it holds keys, so its owner alone may.

    ``mailboxes`` are those of people, each with the code of their organisation.
    """
    path.touch(mode=0o600)
    path.write_bytes(
        orjson.dumps(
            {
                "base_url": base_url,
                "port": port,
                "mail_port": mail_port,
                "mailboxes": dict(mailboxes),
                "console": {
                    "client_id": console.client_id,
                    "organisation_id": console.organisation_id,
                    "private_jwk": console.key.as_dict(private=True),
                },
                "ledger": str(_ledger_of(path)),
                "partners": partners,
            },
        ),
    )


def are_there(port: int) -> bool:
    """Whether the partners' systems, and the mail server beside them, can be reached."""
    return not is_free(port)


def key_of(*words: str) -> str:
    """An Idempotency-Key that is the same however often the demonstration asks."""
    return str(uuid5(NAMESPACE_URL, "/".join(words)))
