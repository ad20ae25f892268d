"""Who takes part in the demonstration, and how each simulated partner behaves."""

import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import orjson

from deploy.demo.simulator import ACCEPTING, LISTENING, REJECTING
from deploy.stack.client import ApiClient, Credentials
from deploy.stack.sandbox import Sandbox

CASE_OWNER = "so-y-te"
FULL_SCHOOL = "cao-dang-cong-nghiep"
"""Answers every offer with: no place left."""
BROKEN_SCHOOL = "cao-dang-du-lich"
"""Its system is out of order for a while; what it misses comes again."""
DOWN_SECONDS = 8.0
VERIFIERS = ("cong-an-thanh-pho", "bien-phong-thanh-pho", "quan-ly-xuat-nhap-canh")


@dataclass(frozen=True)
class Cast:
    """The clients of everybody who acts in the demonstration."""

    base_url: str
    stored: dict[str, dict[str, Any]]

    def client(self, code: str) -> ApiClient:
        """Call the APIs as an organisation."""
        return ApiClient(self.base_url, Credentials.read(self.stored[code]))

    def names(self) -> dict[str, str]:
        """The code of each organisation that takes part, by its id."""
        return {it["organisation_id"]: code for code, it in self.stored.items()}


def assemble(
    sandbox: Sandbox,
    *,
    base_url: str,
    agencies: set[str],
    listen_on: str,
) -> tuple[Cast, list[dict[str, Any]]]:
    """Register everybody and have the providers assure what they offer.

    Returns the cast and the simulator's entries for all who listen.

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
    cast = Cast(base_url, stored)
    by_organisation = {organisations[code]["id"]: cast.client(code) for code in providers}
    sandbox.assure(by_organisation)
    for client in by_organisation.values():
        client.close()
    partners = [
        {
            "code": code,
            "behaviour": _behaviour(code, is_provider=code in providers),
            "secret": sandbox.add_endpoint(organisations[code], f"{listen_on}/{code}"),
            "client": stored[code],
            "down_until": time.time() + DOWN_SECONDS if code == BROKEN_SCHOOL else 0,
        }
        for code in sorted(listeners)
    ]
    return cast, partners


def _behaviour(code: str, *, is_provider: bool) -> str:
    if code == FULL_SCHOOL:
        return REJECTING
    return ACCEPTING if is_provider else LISTENING


def configure(path: Path, *, base_url: str, port: int, partners: list[dict[str, Any]]) -> None:
    """Write what the simulator reads; it holds keys, so its owner alone may."""
    path.touch(mode=0o600)
    path.write_bytes(
        orjson.dumps(
            {
                "base_url": base_url,
                "port": port,
                "ledger": str(path.with_name("partners.sqlite").absolute()),
                "partners": partners,
            },
        ),
    )


def key_of(*words: str) -> str:
    """An Idempotency-Key that is the same however often the demonstration asks."""
    return str(uuid5(NAMESPACE_URL, "/".join(words)))
