"""Clients of a sandbox: an organisation of each sort, each with a key, registered over the API."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import orjson
from joserfc.jwk import OKPKey

from deploy.stack.client import ApiClient
from deploy.stack.keys import write_private
from shared.contracts.vocabulary import Role
from shared.kit.auth import ALGORITHM
from shared.places import WHOLE_CITY

DIRECTORY = "/directory/v1"

Change = Callable[[Sequence[Mapping[str, Any]]], Sequence[Mapping[str, Any]]]
"""What becomes of the roles of an organisation."""


@dataclass(frozen=True)
class Sandbox:
    """Registers clients and endpoints as the administrator does."""

    administrator: ApiClient

    def organisations(self) -> dict[str, dict[str, Any]]:
        """All organisations by code."""
        return {it["code"]: it for it in self._all("organisations")}

    def programmes(self) -> list[dict[str, Any]]:
        """All programmes."""
        return list(self._all("programmes"))

    def add_client(self, client_id: str, organisation: Mapping[str, Any]) -> dict[str, Any]:
        """Register a new key for an organisation; the private half exists only in the answer."""
        key = OKPKey.generate_key("Ed25519", parameters={"alg": ALGORITHM, "use": "sig"})
        key.ensure_kid()
        answer = self.administrator.post(
            f"{DIRECTORY}/clients",
            {
                "client_id": client_id,
                "organisation_id": organisation["id"],
                "public_jwk": key.as_dict(private=False),
            },
        )
        answer.raise_for_status()
        return entry(client_id, organisation, key)

    def assure(self, assured_by: Mapping[str, ApiClient]) -> None:
        """Have organisations assure their programmes, each by its own client; here by their ids.

        Nobody is sent to a programme before. No installation of real people may do this for them.
        """
        for programme in self.programmes():
            client = assured_by.get(programme["organisation_id"])
            if client is not None:
                answer = client.post(
                    f"{DIRECTORY}/programmes/{programme['id']}/assurances",
                    {},
                    version=f'"{programme["version"]}"',
                )
                answer.raise_for_status()

    def let_manage(self, organisation_id: str) -> None:
        """Have an organisation hold the role that lets its people manage its accounts."""

        def manager(roles: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
            if any(it["role"] == Role.MANAGER for it in roles):
                return roles
            first = min(it["valid_from"] for it in roles)
            return [*roles, {"role": Role.MANAGER, "area_code": WHOLE_CITY, "valid_from": first}]

        self._change_roles(organisation_id, manager)

    def end_role(self, organisation_id: str, role: Role, on: date) -> None:
        """Have an organisation hold a role no longer, from a day on."""

        def ended(roles: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
            over = {"valid_to": on.isoformat()}
            return [{**it, **over} if it["role"] == role else it for it in roles]

        self._change_roles(organisation_id, ended)

    def _change_roles(self, organisation_id: str, change: Change) -> None:
        place = f"{DIRECTORY}/organisations/{organisation_id}"
        found = self.administrator.get(place)
        found.raise_for_status()
        known = found.json()
        roles = change(known["roles"])
        if roles == known["roles"]:
            return
        facts = ("name_vi", "name_en", "is_active", "source", "certainty")
        body = {name: known[name] for name in facts} | {"roles": roles}
        changed = self.administrator.put(place, body, version=found.headers["ETag"])
        changed.raise_for_status()

    def add_endpoint(self, organisation: Mapping[str, Any], url: str) -> str:
        """Register where an organisation takes webhooks; returns its signing secret."""
        answer = self.administrator.post(
            f"{DIRECTORY}/organisations/{organisation['id']}/endpoints", {"url": url}
        )
        answer.raise_for_status()
        secret: str = answer.json()["secret"]
        return secret

    def add_mailbox(self, organisation: Mapping[str, Any], mailbox: str) -> str:
        """Have an office written to at a mailbox; returns the code agreed for its answers."""
        places = f"{DIRECTORY}/organisations/{organisation['id']}/contact-points"
        made = self.administrator.post(places, {"mailbox": mailbox})
        made.raise_for_status()
        agreed = self.administrator.post(f"{places}/{made.json()['id']}/answer-code", {})
        agreed.raise_for_status()
        code: str = agreed.json()["code"]
        return code

    def _all(self, collection: str) -> Sequence[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        cursor = None
        while True:
            query = {"page_size": 100} | ({"cursor": cursor} if cursor else {})
            answer = self.administrator.get(f"{DIRECTORY}/{collection}", **query)
            answer.raise_for_status()
            page = answer.json()
            found.extend(page["items"])
            cursor = page["next_cursor"]
            if cursor is None:
                return found


def entry(client_id: str, organisation: Mapping[str, Any], key: OKPKey) -> dict[str, Any]:
    """A client as the sandbox file tells of it."""
    return {
        "client_id": client_id,
        "organisation_id": organisation["id"],
        "organisation_code": organisation["code"],
        "organisation_kind": organisation["kind"],
        "private_jwk": key.as_dict(private=True),
    }


def write(path: Path, content: Mapping[str, Any]) -> None:
    """Write the sandbox file, readable by its owner only."""
    write_private(path, orjson.dumps(content, option=orjson.OPT_INDENT_2) + b"\n")
