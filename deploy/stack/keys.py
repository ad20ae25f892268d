"""Every secret of an installation, made once, as files only their owner may read."""

import itertools
import os
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from joserfc.jwk import OKPKey

from deploy.stack.refusals import Refused
from deploy.words import say
from shared.contracts import Queue
from shared.kit.auth import ALGORITHM

TOKEN_KEY = "token_key.json"  # noqa: S105 - names of files
JWKS = "jwks.json"
MASTER_KEYS = "master_keys.json"
WEBHOOK_MASTER = "webhook_master.hex"
STAFF_MASTER = "staff_master.hex"
CONSOLE_KEY = "console_key.json"
"""The private key of the console, a client like any other: lost, it is given another."""
ADMINISTRATOR = "postgres"
"""The database server's own administrator, as the official image names it."""
SMTP_PASSWORD = "smtp_password"  # noqa: S105 - as above
SMS_SECRET = "sms_secret"  # noqa: S105 - as above
SMS_GATEWAYS = "sms_gateways.toml"
MAIL_SERVERS = "mail_servers.toml"
"""What a mail server and a gateway of SMS give an installation; it makes neither."""
PASSWORDS = "passwords.json"
BROKER_OWNER = "redis_owner"
"""Of an embedded installation: containers have no broker user who may do everything."""


class KeysLost(Refused):
    """A file of keys is missing that the databases of this installation were written with."""

    def __init__(self, folder: Path, names: Iterable[str]) -> None:
        super().__init__(say("keys-lost", files=", ".join(names), folder=folder))


@dataclass(frozen=True)
class Keys:
    """The folder of an installation's secrets."""

    folder: Path

    @classmethod
    def make(cls, folder: Path, needed: Iterable[str] = ()) -> "Keys":
        """Make what is missing; what exists stays, because data is sealed with it.

        So a service that joins an installation gets its own, and the others keep theirs. Raises
        ``KeysLost`` if one of these needed files is missing, and makes nothing then.
        """
        keys = cls(folder)
        if lost := sorted(name for name in needed if not keys.path(name).exists()):
            raise KeysLost(folder, lost)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        keys._once(MASTER_KEYS, _master_keys)
        for name in (WEBHOOK_MASTER, STAFF_MASTER):
            keys._once(name, lambda: secrets.token_hex(32).encode())
        keys._passwords()
        keys._token_keys()
        keys._once(CONSOLE_KEY, _client_key)
        keys._links()
        return keys

    def path(self, name: str) -> Path:
        """Where a secret is."""
        return self.folder / name

    def link_file(self, service: str) -> Path:
        """The link keys of one service."""
        return self.folder / f"{service}_links.json"

    def passwords(self) -> dict[str, str]:
        """Passwords of database roles by role, and of broker users by ``broker_user``."""
        found: dict[str, str] = orjson.loads(self.path(PASSWORDS).read_bytes())
        return found

    def _passwords(self) -> None:
        """One for each name; names that are new since the file was made are added to it."""
        path = self.path(PASSWORDS)
        known: dict[str, str] = orjson.loads(path.read_bytes()) if path.exists() else {}
        missing = {name: secrets.token_urlsafe(24) for name in _names() if name not in known}
        if missing:
            write_private(path, _json(known | missing))

    def _token_keys(self) -> None:
        # Both or none: what was signed with a lost key is believed for ten minutes at most.
        if self.path(JWKS).exists() and self.path(TOKEN_KEY).exists():
            return
        key = OKPKey.generate_key("Ed25519", parameters={"alg": ALGORITHM, "use": "sig"})
        key.ensure_kid()
        write_private(self.path(TOKEN_KEY), _json(key.as_dict(private=True)))
        write_private(self.path(JWKS), _json({"keys": [key.as_dict(private=False)]}))

    def _links(self) -> None:
        """One key for each pair of services: whoever reads one service's file learns no other.

        Both ends have it, so a lost file is written again from those of its peers. A service that
        joins gets a file, and a place in those of the others; what they have stays as it is.
        """
        known = {service: self._peers(service) for service in Queue}
        links: dict[Queue, dict[str, Any]] = {service: {} for service in Queue}
        for one, other in itertools.combinations(Queue, 2):
            new = {"current": "1", "keys": {"1": secrets.token_hex(32)}}
            link = known[one].get(other) or known[other].get(one) or new
            links[one][other] = links[other][one] = link
        for service, peers in links.items():
            if peers.keys() - known[service].keys():
                told = {"service": service, "links": peers | known[service]}
                write_private(self.link_file(service), _json(told))

    def _peers(self, service: str) -> dict[str, Any]:
        path = self.link_file(service)
        found: dict[str, Any] = orjson.loads(path.read_bytes())["links"] if path.exists() else {}
        return found

    def _once(self, name: str, make: Callable[[], bytes]) -> None:
        if not self.path(name).exists():
            write_private(self.path(name), make())


def _client_key() -> bytes:
    key = OKPKey.generate_key("Ed25519", parameters={"alg": ALGORITHM, "use": "sig"})
    key.ensure_kid()
    return _json(key.as_dict(private=True))


def _master_keys() -> bytes:
    return _json({"keys": {"1": secrets.token_hex(32)}, "index_key": secrets.token_hex(32)})


def _names() -> list[str]:
    roles = [role for service in Queue for role in (service, f"{service}_owner")]
    users = [broker_user(service) for service in Queue]
    return [ADMINISTRATOR, *roles, *users, BROKER_OWNER]


def broker_user(service: str) -> str:
    """Under which name the password of a service's broker user is kept."""
    return f"redis_{service}"


def _json(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS)


def write_private(path: Path, content: bytes) -> None:
    """Write a secret in one step, never readable by others, not even for a moment."""
    new = path.with_suffix(".new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    new.replace(path)
