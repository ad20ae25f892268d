"""Whole frames of rows in one statement, whatever their number.

The rows travel as one JSON document, so the cost of a statement is paid once a frame and arrays
need no flattening.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, cast

import orjson
from sqlalchemy import Table, TextClause, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import DeclarativeBase, Session

Row = Mapping[str, Any]


def insert_rows(session: Session, model: type[DeclarativeBase], rows: Sequence[Row]) -> None:
    """Insert rows that all have the keys of the first."""
    if rows:
        session.execute(_insert(model, tuple(rows[0]), ""), {"rows": document(rows)})


def insert_missing(session: Session, model: type[DeclarativeBase], rows: Sequence[Row]) -> None:
    """Insert the rows no unique index refuses."""
    if rows:
        statement = _insert(model, tuple(rows[0]), "ON CONFLICT DO NOTHING")
        session.execute(statement, {"rows": document(rows)})


def document(rows: Sequence[Row]) -> str:
    """The rows as ``json_to_recordset`` reads them."""
    # The option lets the members of a StrEnum be keys.
    return orjson.dumps([dict(row) for row in rows], option=orjson.OPT_NON_STR_KEYS).decode()


@cache
def _insert(model: type[DeclarativeBase], names: tuple[str, ...], tail: str) -> TextClause:
    table = cast("Table", model.__table__)
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    types = ", ".join(f"{name} {table.c[name].type.compile(dialect)}" for name in names)
    columns = ", ".join(names)
    # Every word of this statement is a name from our own metadata; values are parameters.
    return text(
        f"INSERT INTO {table.name} ({columns})"  # noqa: S608
        f" SELECT {columns} FROM json_to_recordset(CAST(:rows AS json)) AS row({types}) {tail}",
    )
