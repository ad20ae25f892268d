"""A worker is there as long as a session of its database that it opens for nothing else.

PostgreSQL ends a session with the process that holds it, and shows to everybody which there are. So
a worker that was killed is missed within a moment, on whatever machine it ran, and one that is slow
or stands still is not: its session is there. A session may also end while its worker lives, as when
the server is started again; then that worker is there anew, in another. See ADR 0031.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, TextClause, text
from sqlalchemy.orm import Session

from shared.kit.database import DatabaseFault
from shared.kit.logging import logger

# The number of a session is used again; together with its beginning it is nobody else's.
_ENTER = text(
    """
    INSERT INTO workers (backend, since)
    SELECT pid, backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()
        ON CONFLICT DO NOTHING
    """,
)

_LEAVE = text(
    """
    DELETE FROM workers USING pg_stat_activity
     WHERE pid = pg_backend_pid() AND (backend, since) = (pid, backend_start)
    """,
)


class Presence:
    """One worker's session; not for two threads at once."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None

    def show(self) -> None:
        """Be there; in a new session, if the former one has ended."""
        self._run(_ENTER)

    def leave(self) -> None:
        """Be missed by nobody: nothing is in hand any more."""
        self._run(_LEAVE)
        self._end_session()

    def _run(self, statement: TextClause) -> None:
        """A database that is down is told of, and asked again at the next sign."""
        try:
            if self._connection is None:
                self._connection = self._engine.connect()
            with self._connection.begin():
                self._connection.execute(statement)
        except DatabaseFault as fault:
            logger().warning("presence_not_shown", error=type(fault).__name__)
            self._end_session()

    def _end_session(self) -> None:
        """Nobody may be given this session out of the pool: it stands for a worker."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()


@dataclass(frozen=True)
class Missing:
    """Workers that have ended without a word."""

    until: datetime
    """When they were missed: whatever they had in hand was sent before."""
    is_somebody_left: bool


GONE = """
    NOT EXISTS (SELECT FROM pg_stat_activity WHERE (pid, backend_start) = (backend, since))
"""
"""What is true of the row of a worker whose session is not there any more."""

_MISSED = text(
    f"""
    WITH missing AS (DELETE FROM workers WHERE {GONE} RETURNING backend)
    SELECT now() AS until, count(*) < (SELECT count(*) FROM workers) AS is_somebody_left
      FROM missing HAVING count(*) > 0
    """,  # noqa: S608 - made of our own words only
)


def missed(session: Session) -> Missing | None:
    """Who was there and is not any more; each is missed once."""
    row = session.execute(_MISSED).one_or_none()
    return None if row is None else Missing(row.until, row.is_somebody_left)
