"""One database per service: owned by a role that migrates, used by a role that cannot."""

import importlib
from collections.abc import Callable, Mapping

import psycopg
from psycopg import Connection, sql
from sqlalchemy import MetaData

from shared.contracts import Queue
from shared.kit import migrations
from shared.kit.columns import APPEND_ONLY

UrlOf = Callable[[str, str], str]
"""The SQLAlchemy address of a database (first) for a role (second)."""


def owner(service: str) -> str:
    """The role that owns and migrates a service's tables."""
    return f"{service}_owner"


def create(admin_url: Callable[[str], str], passwords: Mapping[str, str]) -> None:
    """Make missing roles and databases; ``admin_url`` gives the administrator's address of one."""
    with _connect(admin_url("postgres")) as connection:
        for service in Queue:
            for role in (owner(service), str(service)):
                _create_role(connection, role, passwords[role])
            _create_database(connection, service)
    for service in Queue:
        with _connect(admin_url(service)) as connection:
            _grant(connection, service)


def migrate(url_of: UrlOf) -> None:
    """Bring every service's database to its newest tables."""
    for service in Queue:
        migrations.upgrade(service, url_of(service, owner(service)))
        with _connect(url_of(service, owner(service))) as connection, connection.transaction():
            _keep_records(connection, service)


def _connect(url: str) -> Connection[tuple[object, ...]]:
    plain = url.replace("postgresql+psycopg://", "postgresql://", 1)
    return psycopg.connect(plain, autocommit=True)


def _create_role(connection: Connection[tuple[object, ...]], role: str, password: str) -> None:
    known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    verb = sql.SQL("ALTER ROLE" if known else "CREATE ROLE")
    connection.execute(
        sql.SQL("{} {} LOGIN PASSWORD {}").format(
            verb, sql.Identifier(role), sql.Literal(password)
        ),
    )


def _create_database(connection: Connection[tuple[object, ...]], service: str) -> None:
    known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [service]).fetchone()
    if known is None:
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER {}").format(
                sql.Identifier(service), sql.Identifier(owner(service))
            ),
        )
    connection.execute(
        sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(service)),
    )


def _grant(connection: Connection[tuple[object, ...]], service: str) -> None:
    """The service's role reads and writes rows of what its owner makes, and alters nothing."""
    names = {"service": sql.Identifier(service), "owner": sql.Identifier(owner(service))}
    for statement in (
        "GRANT CONNECT ON DATABASE {service} TO {service}",
        "GRANT ALL ON SCHEMA public TO {owner}",
        "GRANT USAGE ON SCHEMA public TO {service}",
        f"{FROM_NOW_ON} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {{service}}",
        f"{FROM_NOW_ON} GRANT USAGE ON SEQUENCES TO {{service}}",
    ):
        connection.execute(sql.SQL(statement).format(**names))


def _keep_records(connection: Connection[tuple[object, ...]], service: str) -> None:
    """Take from the service's role the right to change what is a record (``kit.columns``).

    Whoever breaks into a service may add to its audit and to the moves of a case, and wipe nothing
    out. It cannot claim another version of its tables either.
    """
    role = sql.Identifier(service)
    metadata: MetaData = importlib.import_module(f"services.{service}.models").METADATA
    for table in metadata.tables.values():
        if APPEND_ONLY not in table.info:
            continue
        name = sql.Identifier(table.name)
        connection.execute(
            sql.SQL("REVOKE UPDATE, DELETE, TRUNCATE ON {} FROM {}").format(name, role)
        )
        for column in table.info[APPEND_ONLY]:
            connection.execute(
                sql.SQL("GRANT UPDATE ({}) ON {} TO {}").format(sql.Identifier(column), name, role)
            )
    connection.execute(
        sql.SQL("REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON {} FROM {}").format(VERSION, role)
    )


VERSION = sql.Identifier("alembic_version")
"""Which migration a database has come to: written by its owner alone."""

FROM_NOW_ON = "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public"
