"""Connections that notice when the other side has gone silent.

A host that loses power, or a network that forgets a connection, sends no reset: whoever waits for
an answer waits for ever. The kernel is asked to find out (keepalives, and how long data may stay
unacknowledged), as the server's is for connections to clients that are gone. But where a proxy or a
pooler stands in between, its kernel goes on answering. So no wait is longer than the longest
statement may take by the server's own limit: what has not answered then is not going to.
"""

from collections.abc import Generator
from typing import Any, TypeVar

import psycopg
from sqlalchemy import Engine, event

Value = TypeVar("Value")

STATEMENT_SECONDS = 30
"""The longest a statement may take; then the server ends it and says so."""
SILENT_SECONDS = STATEMENT_SECONDS + 5.0
"""The longest an answer is waited for: a server that lives has given one."""
CONNECT_SECONDS = 5

KEEPALIVES = {
    "keepalives_idle": 10,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}
"""Seconds, seconds, a number, milliseconds: a host is given up 15 to 20 s after it fell silent.

Names and meanings are libpq's; over a socket in a folder they mean nothing.
"""


class AnsweredConnection(psycopg.Connection[Any]):
    """A connection whose waits end: with an answer, or with the connection closed."""

    silent_seconds = SILENT_SECONDS

    def wait(
        self,
        gen: Generator[Any, Any, Value],
        interval: float = 0.1,
        timeout: float | None = None,
    ) -> Value:
        """As psycopg's; raises ``OperationalError`` and closes when nothing came for so long."""
        try:
            return super().wait(gen, interval, timeout or self.silent_seconds)
        except psycopg.errors._WaitTimeout:  # noqa: SLF001 - what psycopg's `wait` says it raises
            # Not whatever came late: the driver itself may take long to refuse a statement.
            if timeout is None:
                # What the server did meanwhile is not known, and no later answer may be taken for
                # that of another statement.
                self.close()
            raise


def notice_silence(
    engine: Engine, silent_seconds: float, kind: type[AnsweredConnection] = AnsweredConnection
) -> None:
    """Make this engine's connections ones that end their waits."""

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: Any, _record: Any, words: Any, named: Any) -> AnsweredConnection:
        made = kind.connect(*words, **named)
        made.silent_seconds = silent_seconds
        return made
