"""Many rows in one statement, whatever their number: they travel as one JSON document."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, cast

import orjson
from sqlalchemy import Table, TextClause, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import DeclarativeBase, Session

Row = Mapping[str, Any]

KEEP_FIRST_CODE = "ON CONFLICT (code) DO NOTHING RETURNING id"
KEEP_LATEST_GRANT = """
    ON CONFLICT (referral_id) DO UPDATE
    SET organisation_id = excluded.organisation_id,
        organisation_kind = excluded.organisation_kind,
        status = excluded.status,
        accepted_at = CASE
            WHEN excluded.accepted_at IS NOT NULL THEN excluded.accepted_at
            WHEN partner_grants.organisation_id = excluded.organisation_id
            THEN partner_grants.accepted_at
        END
"""


def insert_rows(
    session: Session,
    model: type[DeclarativeBase],
    rows: Sequence[Row],
    *,
    conflict: str = "",
) -> Sequence[Any]:
    """Insert rows that all have the keys of the first; returns what ``conflict`` asks back."""
    if not rows:
        return []
    statement = _insert(model, tuple(rows[0]), conflict)
    result: Any = session.execute(statement, {"rows": _document(rows)})
    return cast("Sequence[Any]", result.scalars().all()) if result.returns_rows else []


def _document(rows: Sequence[Row]) -> str:
    return orjson.dumps([dict(row) for row in rows], default=_hexadecimal).decode()


def _hexadecimal(value: object) -> str:
    """Bytes as PostgreSQL reads them from text."""
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    raise TypeError(type(value).__name__)


@cache
def _insert(model: type[DeclarativeBase], names: tuple[str, ...], conflict: str) -> TextClause:
    table = cast("Table", model.__table__)
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    types = ", ".join(f"{name} {table.c[name].type.compile(dialect)}" for name in names)
    columns = ", ".join(names)
    # Every word of this statement is our own; values are parameters.
    return text(
        f"INSERT INTO {table.name} ({columns})"  # noqa: S608
        f" SELECT {columns} FROM json_to_recordset(CAST(:rows AS json)) AS row({types}) {conflict}",
    )
