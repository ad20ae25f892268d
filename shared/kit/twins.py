"""What a schema comparison leaves out: rules and indexes, compared with those in code.

Alembic compares tables, columns and keys. It compares neither CHECK constraints, and so no closed
vocabulary, nor the condition of a partial index. A second database, made from the tables in code,
has all of them, and PostgreSQL describes both in its own words.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, MetaData, create_engine, text

CONSTRAINTS = text(
    "SELECT c.conrelid::regclass::text AS owner, c.conname AS name,"
    " pg_get_constraintdef(c.oid) AS told FROM pg_constraint AS c"
    " WHERE c.connamespace = 'public'::regnamespace AND c.conrelid <> 0"
)
INDEXES = text(
    "SELECT tablename AS owner, indexname AS name, indexdef AS told FROM pg_indexes"
    " WHERE schemaname = 'public'"
)

Rules = Mapping[tuple[str, str], str]
"""The definition of each constraint and index, by table and name."""


def differences(metadata: MetaData, *, migrated: str, twin: str) -> list[str]:
    """Where the migrated database and code disagree, in sorted lines; ``twin`` is an empty one.

    Only tables that code declares are compared: a partition belongs to its migration.
    """
    ours = _made(metadata, twin)
    theirs = _read(migrated)
    tables = set(metadata.tables)
    keys = sorted(key for key in ours.keys() | theirs.keys() if key[0] in tables)
    return [
        f"{table}.{name}: code says {ours.get((table, name))},"
        f" migrations say {theirs.get((table, name))}"
        for table, name in keys
        if ours.get((table, name)) != theirs.get((table, name))
    ]


def _made(metadata: MetaData, url: str) -> Rules:
    engine = create_engine(url)
    with engine.begin() as connection:
        metadata.create_all(connection)
        found = _rules(connection)
    engine.dispose()
    return found


def _read(url: str) -> Rules:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = _rules(connection)
    engine.dispose()
    return found


def _rules(connection: Connection) -> Rules:
    rows: list[Any] = [row for query in (CONSTRAINTS, INDEXES) for row in connection.execute(query)]
    return {(row.owner, row.name): row.told for row in rows}
