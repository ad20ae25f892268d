"""Which keys the databases of an installation were written with, so that none is replaced.

A new key in the place of a lost one opens nothing, and nobody would notice before somebody asks:
sealed identities could not be read, and partners would refuse every webhook as forged.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

import psycopg

from deploy.stack.keys import MASTER_KEYS, PASSWORDS, WEBHOOK_MASTER
from shared.contracts import Queue
from shared.kit.key_checks import KEY_CHECKS

WRITTEN_WITH: Mapping[Queue, tuple[str, str]] = MappingProxyType(
    {
        Queue.INTAKE: (MASTER_KEYS, "persons"),
        Queue.DIRECTORY: (WEBHOOK_MASTER, "endpoints"),
    }
)
"""A service's file of keys, and a table that has rows only if something was written with them."""

OF_CONTAINERS = frozenset({MASTER_KEYS, WEBHOOK_MASTER, PASSWORDS})
"""What belongs to a database server in a container: its administrator's password, too."""


def needed(admin_url: Callable[[str], str]) -> frozenset[str]:
    """Names of the files without which something in these databases is lost."""
    return frozenset(
        name
        for service, (name, table) in WRITTEN_WITH.items()
        if _is_written(admin_url("postgres"), admin_url(service), service, table)
    )


def needed_by_data(folder: Path) -> frozenset[str]:
    """The same of a server's data folder that is not running: a cluster in it needs all of them."""
    return OF_CONTAINERS if any(folder.rglob("PG_VERSION")) else frozenset()


def _is_written(server: str, url: str, service: str, table: str) -> bool:
    with psycopg.connect(_plain(server)) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [service])
        if known.fetchone() is None:
            return False
    with psycopg.connect(_plain(url)) as connection:
        return any(_has_rows(connection, each) for each in (KEY_CHECKS.name, table))


def _has_rows(connection: psycopg.Connection[tuple[object, ...]], table: str) -> bool:
    there = connection.execute("SELECT to_regclass(%s)", [table]).fetchone()
    if there is None or there[0] is None:
        return False
    name = psycopg.sql.Identifier(table)
    found = connection.execute(psycopg.sql.SQL("SELECT 1 FROM {} LIMIT 1").format(name))
    return found.fetchone() is not None


def _plain(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://", 1)
