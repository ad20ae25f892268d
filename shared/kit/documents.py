"""Rows on their way into a statement: one JSON document, whatever their number.

PostgreSQL reads it with ``json_to_recordset``. An array for each column costs many times more: the
driver quotes every element of every array one by one. SQLAlchemy's own bulk insert costs five times
as much for a frame, and falls apart into one statement per row where their unset columns differ.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, cast
from uuid import UUID

import orjson
from sqlalchemy import Table, TextClause, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import DeclarativeBase, Session

from shared.kit.round_trips import later

Row = Mapping[str, Any]

ON_CONFLICT_DO_NOTHING = "ON CONFLICT DO NOTHING"


def document(rows: Iterable[Row] | Row) -> str:
    """Rows, or one value for each of some names.

    Ids, instants, StrEnums and bytes are understood.
    """
    plain = rows if isinstance(rows, dict) else [dict(row) for row in cast("Iterable[Row]", rows)]
    # The option lets the members of a StrEnum be keys.
    return orjson.dumps(plain, _hexadecimal, orjson.OPT_NON_STR_KEYS).decode()


def ids(values: Iterable[UUID | str]) -> str:
    """An array of ids as PostgreSQL writes it, for ``CAST(:ids AS uuid[])``."""
    return f"{{{','.join(map(str, values))}}}"


def row_of(made: DeclarativeBase) -> dict[str, Any]:
    """What was made, as a row to insert: all its columns, so that rows have the same keys."""
    return {column.key: getattr(made, column.key) for column in made.__table__.columns}


def insert_rows(
    session: Session,
    into: type[DeclarativeBase] | Table,
    rows: Sequence[Row],
    *,
    conflict: str = "",
) -> Sequence[Any]:
    """Insert rows that all have the keys of the first; returns what ``conflict`` asks back.

    If it asks nothing, the rows leave with the next statement that is read, which raises their
    errors.
    """
    if not rows:
        return []
    table = into if isinstance(into, Table) else cast("Table", into.__table__)
    statement = _insert(table, tuple(rows[0]), conflict)
    values = {"rows": document(rows)}
    if "RETURNING" in conflict:
        return session.scalars(statement, values).all()
    later(session, statement, values)
    return []


def _hexadecimal(value: object) -> str:
    """Bytes as PostgreSQL reads them from text."""
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    raise TypeError(type(value).__name__)


@cache
def _insert(table: Table, names: tuple[str, ...], conflict: str) -> TextClause:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    types = ", ".join(f"{name} {table.c[name].type.compile(dialect)}" for name in names)
    columns = ", ".join(names)
    # Every word of this statement is a name from our own metadata; values are parameters.
    return text(
        f"INSERT INTO {table.name} ({columns})"  # noqa: S608
        f" SELECT {columns} FROM json_to_recordset(CAST(:rows AS json)) AS row({types}) {conflict}",
    )
