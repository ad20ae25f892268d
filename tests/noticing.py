"""Who waits for a lock, and deadlocks the database broke, while a test looked on."""

from collections.abc import Iterator
from contextlib import contextmanager

from psycopg.errors import DeadlockDetected
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from shared.kit.database import Begin


def somebody_waits(begin: Begin) -> bool:
    """Whether a transaction waits for what another has locked."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    with begin() as session:
        return bool(session.scalar(waiting))


_PATIENTLY = text(
    "SELECT set_config('lock_timeout', '120s', true), set_config('statement_timeout', '120s', true)"
)


class Deadlocks:
    """Opens transactions, and keeps what PostgreSQL said of those it ended for a deadlock.

    Whoever opened such a transaction may well have repeated it: the outcome does not show it. To
    wait long is no deadlock, and on a busy machine many who want the same rows do.
    """

    def __init__(self, begin: Begin) -> None:
        self._begin = begin
        self.deadlocks: list[str] = []

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """As the service's own, which it uses."""
        try:
            with self._begin() as session:
                session.execute(_PATIENTLY)
                yield session
        except DBAPIError as fault:
            if isinstance(fault.orig, DeadlockDetected):
                self.deadlocks.append(str(fault.orig))
            raise
