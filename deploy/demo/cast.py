"""Who takes part in the demonstration, and how each simulated partner behaves."""

import secrets
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import orjson

from deploy.demo.ledger import Ledger
from deploy.demo.simulator import ACCEPTING, LISTENING, REJECTING
from deploy.stack.client import ApiClient, Credentials
from deploy.stack.sandbox import Sandbox
from shared.contracts.vocabulary import AgeBand

CASE_OWNER = "so-y-te"
FULL_SCHOOL = "cao-dang-cong-nghiep"
"""Answers every offer with: no place left."""
BROKEN_SCHOOL = "cao-dang-du-lich"
"""Its system is out of order for a while; what it misses comes again."""
DOWN_SECONDS = 8.0
UNREACHED = "trung-tam-cong-tac-xa-hoi"
"""Has told a wrong address, until the case owner asks: nothing that it is sent arrives before."""
FULL_FOR = {UNREACHED: AgeBand.UNDER_18}
"""Who has no place left for whom; it is asked first for every child, however often it declines."""
NEXT_ASKED = "benh-vien-tam-than"
"""The only other one that counsels a child; it answers nothing until the case owner was told."""
NOBODY_LISTENS = "http://127.0.0.1:9"
"""The port that discards whatever it is sent (RFC 863), where there is a server for it at all."""
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
) -> tuple[Cast, list[dict[str, Any]]]:
    """Register everybody and have the providers assure what they offer.

    Returns the cast and the simulator's entries for all who listen; those ``unreached`` have told
    an address at which nobody does.

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
            "secret": sandbox.add_endpoint(
                organisations[code], told.get(code) or cast.address_of(code)
            ),
            "client": stored[code],
            "full_for": FULL_FOR.get(code, ""),
            "down_until": time.time() + DOWN_SECONDS if code == BROKEN_SCHOOL else 0,
        }
        for code in sorted(listeners)
    ]
    return cast, partners


def _behaviour(code: str, *, is_provider: bool) -> str:
    if code == FULL_SCHOOL:
        return REJECTING
    return ACCEPTING if is_provider else LISTENING


def open_ledger(configuration: Path) -> Ledger:
    """What the partners will receive and do; the one that is asked next waits for the owner."""
    ledger = Ledger(_ledger_of(configuration))
    ledger.hold(NEXT_ASKED)
    return ledger


def _ledger_of(configuration: Path) -> Path:
    return configuration.with_name("partners.sqlite").absolute()


def configure(path: Path, *, base_url: str, port: int, partners: list[dict[str, Any]]) -> None:
    """Write what the simulator reads; it holds keys, so its owner alone may."""
    path.touch(mode=0o600)
    path.write_bytes(
        orjson.dumps(
            {
                "base_url": base_url,
                "port": port,
                "ledger": str(_ledger_of(path)),
                "partners": partners,
            },
        ),
    )


def key_of(*words: str) -> str:
    """An Idempotency-Key that is the same however often the demonstration asks."""
    return str(uuid5(NAMESPACE_URL, "/".join(words)))
