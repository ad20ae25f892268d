"""Who read what, by the audit."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from shared.kit.audit import AUDIT
from shared.kit.database import Begin


def readings(begin: Begin) -> list[tuple[str, str, UUID]]:
    """Who read, by which address, which thing; a page of many has an id of its own."""
    with begin() as session:
        rows: list[Row[Any]] = list(
            session.execute(
                select(AUDIT).where(AUDIT.c.action.startswith("GET ")).order_by(AUDIT.c.id)
            )
        )
    assert {row.outcome for row in rows} <= {"done"}
    return [(row.actor, row.action.removeprefix("GET "), row.object_id) for row in rows]
