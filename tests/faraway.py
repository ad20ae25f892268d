"""A database server of a test's own, reached over TCP through what may fall silent."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

import psycopg

from deploy.local.place import erase
from deploy.local.postgres import Postgres
from tests.faults.proxy import Proxy


@contextmanager
def faraway(*statements: str) -> Iterator[Postgres]:
    """A server, once the superuser has said these to its database ``postgres``."""
    folder = Path(mkdtemp(prefix="nhipcau-tests-silence-"))
    folder.chmod(0o711)
    server = Postgres.start(folder, listen_tcp=True)
    admin = server.url("postgres", "postgres").replace("+psycopg", "")
    with psycopg.connect(admin, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())
    yield server
    server.stop("immediate")
    erase(folder)


@contextmanager
def between(server: Postgres) -> Iterator[Proxy]:
    """What lies between us and that server."""
    made = Proxy(server.port)
    yield made
    made.close()
