"""How many statements something takes, and how much of a table one reads."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from sqlalchemy import Connection, event, text
from sqlalchemy.orm import Session

from shared.kit.round_trips import SharingConnection


@contextmanager
def counted(session: Session) -> Iterator[list[str]]:
    """The statements this session asks for meanwhile, sent or waiting."""
    seen: list[str] = []
    connection = session.connection()
    wait_with = SharingConnection.wait_with

    def note(*facts: Any) -> None:
        seen.append(facts[2])

    def note_waiting(driver: SharingConnection, waiting: Any) -> None:
        seen.append(waiting.statement)
        wait_with(driver, waiting)

    event.listen(connection, "before_cursor_execute", note)
    with patch.object(SharingConnection, "wait_with", note_waiting):
        yield seen
    event.remove(connection, "before_cursor_execute", note)


def pages(asked: Connection | Session, statement: str, **facts: Any) -> int:
    """How many pages a statement touches, whoever has them in memory."""
    explained = text(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}")
    (plan,) = asked.execute(explained, facts).scalar_one()
    return int(plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"])
