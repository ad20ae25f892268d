"""Statements that nobody reads wait on their connection, and leave with the next that is read.

A round trip puts us to sleep and wakes the server, whatever it carries. So inserts, audit entries
and messages wait, as BEGIN does; whoever speaks next on the connection takes them along, COMMIT at
the latest, in the order in which they were asked for. See ADR 0029.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Self, cast

import psycopg
from psycopg.pq import PipelineStatus
from sqlalchemy import Connection, Engine, TextClause, event
from sqlalchemy.dialects.postgresql.psycopg import dialect as dialect_of_psycopg
from sqlalchemy.orm import Session

from shared.kit.connections import AnsweredConnection

_READS = "reads"
"""The option of a connection whose transactions may only read."""

Then = Callable[[Sequence[Any]], None]
"""Is given the rows of a statement that waited, once its round trip has ended well."""


@dataclass(frozen=True)
class _Waiting:
    statement: str
    values: Mapping[str, Any] | None = None
    then: Then | None = None


class SharingCursor(psycopg.Cursor[Any]):
    """A cursor whose statement takes along what waits on its connection."""

    def execute(self, *words: Any, **named: Any) -> Self:
        """As psycopg's; raises the first error of all that left together."""
        with cast("SharingConnection", self.connection).taking_along():
            return super().execute(*words, **named)

    def executemany(self, *words: Any, **named: Any) -> None:
        """As psycopg's, which has a pipeline of its own: what waits is sent before."""
        cast("SharingConnection", self.connection).send()
        super().executemany(*words, **named)


class SharingConnection(AnsweredConnection):
    """A connection on which statements wait for a round trip to share."""

    def __init__(self, *words: Any, **named: Any) -> None:
        super().__init__(*words, **named)
        self.cursor_factory = SharingCursor
        self._waiting: list[_Waiting] = []

    @property
    def has_waiting(self) -> bool:
        """Whether anything was asked for and not sent."""
        return bool(self._waiting)

    def wait_with(self, statement: _Waiting) -> None:
        """Send this with the next that is read."""
        self._waiting.append(statement)

    def begin(self, *, reads: bool = False) -> None:
        """Begin a transaction, of the level that was asked for, with the next that is read."""
        level = self.isolation_level
        how = f" ISOLATION LEVEL {level.name.replace('_', ' ')}" if level else ""
        self.wait_with(_Waiting(f"BEGIN{how}{' READ ONLY' if reads else ''}"))

    def send(self) -> None:
        """Send what waits now; raises its errors."""
        with self.taking_along():
            pass

    def rollback(self) -> None:
        """As psycopg's; what waited was part of what is rolled back."""
        self.forget()
        super().rollback()

    def forget(self) -> None:
        """Nothing of what waits is to be done."""
        self._waiting.clear()

    @contextmanager
    def taking_along(self) -> Iterator[None]:
        """What is executed in the block leaves after what waits; answers are there at its end."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            yield
            return
        with self._round_trip():
            asked = [(each, self._ask(each)) for each in waiting]
            yield
        _tell(asked)

    def _ask(self, waiting: _Waiting) -> psycopg.Cursor[Any]:
        return psycopg.Cursor(self).execute(waiting.statement, waiting.values)

    @contextmanager
    def _round_trip(self) -> Iterator[None]:
        try:
            with self.pipeline():
                yield
        finally:
            if self.info.pipeline_status != PipelineStatus.OFF:
                # Answers are still on their way: the next to use it would take them for its own.
                self.close()


def _tell(asked: Iterable[tuple[_Waiting, psycopg.Cursor[Any]]]) -> None:
    for waiting, cursor in asked:
        if waiting.then is not None:
            waiting.then(cursor.fetchall())


def share_round_trips(engine: Engine) -> None:
    """Let the transactions of an autocommitting engine begin and end with what they ask.

    Whoever asks for an isolation level gets the driver's own transactions, or none.
    """

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if "isolation_level" not in options:
            _driver(connection).begin(reads=_READS in options)

    @event.listens_for(engine, "commit")
    def commit(connection: Connection) -> None:
        if _driver(connection).has_waiting:
            connection.exec_driver_sql("COMMIT")

    @event.listens_for(engine, "rollback_savepoint")
    def forget(connection: Connection, _name: str, _context: None) -> None:
        if not connection.invalidated:
            _driver(connection).forget()


def reading(engine: Engine) -> Engine:
    """The same engine, whose transactions may only read.

    They end as others do, by COMMIT: at a ROLLBACK the driver forgets all that the connection has
    prepared, for those that write as well.
    """
    return engine.execution_options(**{_READS: True})


def later(
    session: Session,
    statement: TextClause,
    values: Mapping[str, Any],
    then: Then | None = None,
) -> None:
    """Do this in its turn, with the next statement that is read or with COMMIT.

    Its errors are raised there; ``then`` is given its rows.
    """
    _driver(session.connection()).wait_with(_Waiting(_as_sent(statement), values, then))


def soon(session: Session, statement: TextClause, values: Mapping[str, Any]) -> list[Any]:
    """The rows of a question that leaves with the next one: empty until that has been answered."""
    rows: list[Any] = []
    later(session, statement, values, rows.extend)
    return rows


def send(session: Session) -> None:
    """Send what waits, for whoever wants to meet its errors here."""
    connection = session.connection()
    if _driver(connection).has_waiting:
        # SQLAlchemy translates the errors of what it has said itself.
        connection.exec_driver_sql("")


def commit_so_far(session: Session) -> None:
    """What waits is a transaction of its own: it stays, whatever becomes of what follows."""
    driver = _driver(session.connection())
    driver.wait_with(_Waiting("COMMIT"))
    driver.begin()


def _driver(connection: Connection) -> SharingConnection:
    return cast("SharingConnection", connection.connection.driver_connection)


_DIALECT = dialect_of_psycopg()  # type: ignore[no-untyped-call]


@lru_cache(maxsize=512)
def _as_sent(statement: TextClause) -> str:
    """A statement as SQLAlchemy would hand it to the driver."""
    return str(statement.compile(dialect=_DIALECT))
