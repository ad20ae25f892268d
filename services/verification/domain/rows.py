"""Whole frames of rows in one statement, whatever their number.

The rows travel as one JSON document. SQLAlchemy's own bulk insert costs five times as much for a
frame, and falls apart into a statement for each row where their unset columns differ.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, cast

import orjson
from sqlalchemy import Table, TextClause, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from services.verification.models import Base

Row = Mapping[str, Any]


def insert_rows(session: Session, model: type[Base], rows: Sequence[Row]) -> None:
    """Insert rows that all have the keys of the first."""
    if rows:
        document = orjson.dumps([dict(row) for row in rows]).decode()
        session.execute(_insert(model, tuple(rows[0])), {"rows": document})


@cache
def _insert(model: type[Base], names: tuple[str, ...]) -> TextClause:
    table = cast("Table", model.__table__)
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    types = ", ".join(f"{name} {table.c[name].type.compile(dialect)}" for name in names)
    columns = ", ".join(names)
    # Every word of this statement is a name from our own metadata; values are parameters.
    return text(
        f"INSERT INTO {table.name} ({columns})"  # noqa: S608
        f" SELECT {columns} FROM json_to_recordset(CAST(:rows AS json)) AS row({types})",
    )
