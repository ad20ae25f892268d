"""Where the databases of an installation are, for the command that looks into it."""

import os
from collections.abc import Callable
from pathlib import Path

import orjson

from shared.contracts import Queue
from shared.kit.settings import SECRETS

FILE = "addresses.json"


class NoInstallation(Exception):
    """Neither this folder nor this environment says where the databases are."""


def write(folder: Path, url_of: Callable[[str], str]) -> None:
    """Leave the addresses, which hold passwords, for their owner alone."""
    path = folder / FILE
    path.touch(mode=0o600)
    path.write_bytes(orjson.dumps({str(service): url_of(service) for service in Queue}))


def find(folder: Path, service: str) -> str:
    """The SQLAlchemy address of a service's database.

    Looked for in the environment (``INTAKE_DATABASE_URL``), among a container's secrets, and in
    the folder of an embedded installation; raises ``NoInstallation``.
    """
    name = f"{service}_database_url"
    if name.upper() in os.environ:
        return os.environ[name.upper()]
    if (SECRETS / name).exists():
        return (SECRETS / name).read_text().strip()
    try:
        found: str = orjson.loads((folder / FILE).read_bytes())[service]
    except FileNotFoundError:
        raise NoInstallation(f"no installation in {folder}; start one with `make up`") from None
    return found
