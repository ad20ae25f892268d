"""Where the databases of an installation are, for the command that looks into it."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson

from deploy.stack import container
from deploy.stack.keys import write_private
from deploy.stack.refusals import Refused
from deploy.words import say
from shared.contracts import Queue
from shared.kit.configuration import SECRETS
from shared.kit.database import Database, make_engine

FILE = "addresses.json"
BY_COMMAND_SECONDS = 3600
"""How long a transaction of the command may take: somebody looks on, and may end it."""


class NoInstallation(Refused):
    """Neither this folder nor this environment says where the databases are."""


def write(folder: Path, url_of: Callable[[str], str]) -> None:
    """Leave the addresses, which hold passwords, for their owner alone."""
    found = {str(service): url_of(service) for service in Queue}
    write_private(folder / FILE, orjson.dumps(found))


def find(folder: Path, service: str) -> str:
    """The SQLAlchemy address of a service's database.

    Looked for in the environment (``INTAKE_DATABASE_URL``), among a container's secrets, with the
    keys of an installation in containers (``NHIPCAU_KEYS``), and in the folder of an embedded one;
    raises ``NoInstallation``.
    """
    name = f"{service}_database_url"
    if name.upper() in os.environ:
        return os.environ[name.upper()]
    if (SECRETS / name).exists():
        return (SECRETS / name).read_text().strip()
    if container.PLACE in os.environ:
        return container.url_of(service, service)
    try:
        found: str = orjson.loads((folder / FILE).read_bytes())[service]
    except FileNotFoundError:
        raise NoInstallation(say("no-installation", folder=folder)) from None
    return found


def plain(folder: Path, service: str) -> str:
    """The same address as psycopg reads it."""
    return find(folder, service).replace("postgresql+psycopg://", "postgresql://", 1)


@contextmanager
def database(folder: Path, service: Queue) -> Iterator[Database]:
    """The database of a service, after which no connection stays open."""
    found = Database(
        make_engine(find(folder, service), pool_size=1, transaction_seconds=BY_COMMAND_SECONDS)
    )
    try:
        yield found
    finally:
        found.engine.dispose()
