"""Marks in a table, and transactions that fail as a test wants them to."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.kit.database import Database
from shared.kit.round_trips import later

WRITE = text("INSERT INTO marks VALUES (:mark)")
READ = text("SELECT mark FROM marks ORDER BY mark")
OCCUPY = text("INSERT INTO rooms VALUES (:room)")


Fault = TypeVar("Fault", bound=BaseException)


class Undone(Exception):
    """The test's own failure."""


def mark(session: Session, *marks: int) -> None:
    """Write marks, which nobody reads."""
    for each in marks:
        later(session, WRITE, {"mark": each})


def occupy(session: Session, *rooms: int) -> None:
    """Take rooms, each of which can be taken once."""
    for each in rooms:
        later(session, OCCUPY, {"room": each})


def marks(database: Database) -> list[int]:
    """What has been committed."""
    with database.read() as session:
        return list(session.scalars(READ))


@contextmanager
def failing(kind: type[Fault]) -> Iterator[pytest.ExceptionInfo[Fault]]:
    """A block that must fail so."""
    with pytest.raises(kind) as fault:
        yield fault
