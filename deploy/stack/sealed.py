"""Which keys the databases of an installation were written with, so that none is replaced.

A new key in the place of a lost one opens nothing, and nobody would notice before somebody asks:
sealed identities could not be read, and partners would refuse every webhook as forged.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg

from deploy.stack.keys import MASTER_KEYS, PASSWORDS, STAFF_MASTER, WEBHOOK_MASTER
from shared.contracts import Queue
from shared.kit import key_checks


@dataclass(frozen=True)
class Written:
    """A service's file of keys, and how its database tells that something was written with it."""

    service: Queue
    file: str
    table: str
    """It has rows only if something was written with the key."""
    key: str = "%"
    """The name under which the key is recognised, as SQL's LIKE asks for it."""


WRITTEN_WITH = (
    Written(Queue.INTAKE, MASTER_KEYS, "persons"),
    Written(Queue.DIRECTORY, WEBHOOK_MASTER, "endpoints", key_checks.WEBHOOK_MASTER),
    Written(Queue.DIRECTORY, STAFF_MASTER, "staff", "staff_master"),
)

OF_CONTAINERS = frozenset({MASTER_KEYS, WEBHOOK_MASTER, PASSWORDS})
"""What belongs to a database server in a container: its administrator's password, too.

The key of staff accounts is not among them: an installation of before there were any has none. One
that was lost is made again here, and the directory refuses to start with it.
"""


def needed(admin_url: Callable[[str], str]) -> frozenset[str]:
    """Names of the files without which something in these databases is lost."""
    return frozenset(
        each.file
        for each in WRITTEN_WITH
        if _is_written(admin_url("postgres"), admin_url(each.service), each)
    )


def needed_by_data(folder: Path) -> frozenset[str]:
    """The same of a server's data folder that is not running: a cluster in it needs all of them."""
    return OF_CONTAINERS if any(folder.rglob("PG_VERSION")) else frozenset()


def _is_written(server: str, url: str, written: Written) -> bool:
    with psycopg.connect(_plain(server)) as connection:
        known = connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", [written.service]
        )
        if known.fetchone() is None:
            return False
    with psycopg.connect(_plain(url)) as connection:
        return _has_rows(connection, written.table) or (
            _is_there(connection, key_checks.KEY_CHECKS.name)
            and _is_recognised(connection, written.key)
        )


def _is_recognised(connection: psycopg.Connection[tuple[object, ...]], key: str) -> bool:
    asked = "SELECT 1 FROM key_checks WHERE key_id LIKE %s LIMIT 1"
    return connection.execute(asked, [key]).fetchone() is not None


def _has_rows(connection: psycopg.Connection[tuple[object, ...]], table: str) -> bool:
    if not _is_there(connection, table):
        return False
    name = psycopg.sql.Identifier(table)
    found = connection.execute(psycopg.sql.SQL("SELECT 1 FROM {} LIMIT 1").format(name))
    return found.fetchone() is not None


def _is_there(connection: psycopg.Connection[tuple[object, ...]], table: str) -> bool:
    there = connection.execute("SELECT to_regclass(%s)", [table]).fetchone()
    return there is not None and there[0] is not None


def _plain(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://", 1)
