"""One request or one delivered frame is one transaction; this module alone commits.

What must be written *with* a business change but only once per transaction (audit entries,
outbox rows) is gathered on the session and flushed by hooks just before the commit.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import Any, TypeVar

import psycopg
from sqlalchemy import Engine, MetaData, Table, create_engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session, sessionmaker

from shared.kit.connections import (
    CONNECT_SECONDS,
    KEEPALIVES,
    SILENT_SECONDS,
    STATEMENT_SECONDS,
    notice_silence,
)
from shared.kit.round_trips import SharingConnection, reading, send, share_round_trips

Begin = Callable[[], AbstractContextManager[Session]]
"""Opens a transaction: commits when the block ends, rolls back when it raises."""

Hook = Callable[[Session], None]

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

IDLE_SECONDS = 15
"""How long a transaction may do nothing. A session that forgets it would keep vacuum from every
table; a handler has to end before, or it loses its connection instead of its try."""
TRANSACTION_SECONDS = 60
"""How long a transaction may take: twice the longest statement. Statements that share a round trip
reach the server in pieces. Of one whose last piece never comes it does not say that it is idle, so
no other limit ends it, and what it has locked would stay locked for as long as its client is
there: stopped, or behind a proxy that has lost the way."""

_GUARDS = {
    "statement_timeout": f"{STATEMENT_SECONDS}s",
    "lock_timeout": "5000",
    "idle_in_transaction_session_timeout": f"{IDLE_SECONDS}s",
    "timezone": "UTC",
    **{f"tcp_{name.removeprefix('tcp_')}": str(value) for name, value in KEEPALIVES.items()},
}

_HOOKS = "before_commit_hooks"
_GATHERED = "gathered"


def new_metadata() -> MetaData:
    """Metadata with constraint names that Alembic can rely on."""
    return MetaData(naming_convention=NAMING)


def adopt(metadata: MetaData, *tables: Table) -> None:
    """Make tables that belong to the kit or to messaging part of a service's schema."""
    for table in tables:
        table.to_metadata(metadata).info.update(table.info)


def make_engine(
    url: str,
    *,
    pool_size: int = 5,
    silent_seconds: float = SILENT_SECONDS,
    transaction_seconds: int = TRANSACTION_SECONDS,
    name: str = "",
) -> Engine:
    """An engine whose errors never carry parameters and whose sessions cannot hang for ever.

    ``name`` is what the server calls its sessions.
    """
    guards = {**_GUARDS, "transaction_timeout": f"{transaction_seconds}s"}
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=5,
        pool_recycle=1800,
        hide_parameters=True,
        isolation_level="AUTOCOMMIT",
        connect_args={
            "options": " ".join(f"-c {guard}={value}" for guard, value in guards.items()),
            "connect_timeout": CONNECT_SECONDS,
            "application_name": name,
            **KEEPALIVES,
        },
    )
    notice_silence(engine, silent_seconds, SharingConnection)
    share_round_trips(engine)
    return engine


class Database:
    """Transactions on one service's database."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._sessions = sessionmaker(engine, expire_on_commit=False)
        self._reading = sessionmaker(reading(engine), expire_on_commit=False)

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """One transaction; gathered rows are written last, then everything commits together."""
        with self._sessions() as session, session.begin():
            yield session
            run_hooks(session)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that the server lets write nothing."""
        with self._reading() as session, session.begin():
            yield session


DatabaseFault = (DBAPIError, PoolTimeout)
"""What any statement may raise; ``is_database_down`` tells whether nobody could have made it."""

# PostgreSQL's error codes (its documentation, appendix A): connection exceptions, insufficient
# resources, and a server that is shutting down, starting up or has crashed.
_DOWN = ("08", "53", "57P")
_SERIALIZATION_FAILURE = "40001"
_DEADLOCK_DETECTED = "40P01"
_LOCK_TIMEOUT = "55P03"
_QUERY_CANCELED = "57014"


def is_database_down(error: BaseException) -> bool:
    """Whether the database could not be reached, or could not work for anybody.

    A lock timeout, a deadlock or a statement that is too large is not: it is the fault of the one
    who asked, and everybody else is served.
    """
    if isinstance(error, PoolTimeout):
        return True
    if isinstance(error, psycopg.OperationalError):
        # Of a connection without SQLAlchemy: no code has one that could not be made or was lost.
        return error.sqlstate is None or error.sqlstate.startswith(_DOWN)
    if not isinstance(error, DBAPIError):
        return False
    state = _sqlstate(error)
    if state is None:
        # No code has what the driver met itself: a connection that could not be made (then there
        # was no statement yet) or was lost, but also a statement too large to be sent.
        return error.connection_invalidated or error.statement is None
    return error.connection_invalidated or state.startswith(_DOWN)


def is_worth_repeating(error: BaseException) -> bool:
    """Whether the same transaction may well succeed at once: it only lost against another."""
    return _sqlstate(error) in {_SERIALIZATION_FAILURE, _DEADLOCK_DETECTED}


def is_passing(error: BaseException) -> bool:
    """Whether the same transaction may succeed a while later: nobody has to change anything.

    So it is with a database that is down, and with one in which others hold what this one needs.
    """
    return (
        is_database_down(error)
        or is_worth_repeating(error)
        or _sqlstate(error) in {_LOCK_TIMEOUT, _QUERY_CANCELED}
    )


def _sqlstate(error: BaseException) -> str | None:
    """PostgreSQL's code of an error of SQLAlchemy or of the driver; ``None`` without one."""
    fault = error.orig if isinstance(error, DBAPIError) else error
    return fault.sqlstate if isinstance(fault, psycopg.Error) else None


def may_have_crashed(error: BaseException) -> bool:
    """Whether a connection was lost under a statement, and nothing says that others were too.

    Then the server may have crashed over what it was asked. A server that was shut down, that has
    no room left, or that could not be reached at all was not brought down by this.
    """
    return (
        isinstance(error, DBAPIError)
        and error.connection_invalidated
        and not (_sqlstate(error) or "").startswith(("53", "57P"))
    )


Result = TypeVar("Result")


def retry_on_conflict(transact: Callable[[], Result]) -> Result:
    """Do a whole transaction once more when it lost against another.

    A constraint may have refused what it wrote: then somebody else has committed between its look
    and its write, and at the second look it sees what, and answers accordingly. What breaks a
    constraint by itself breaks it again. Or it was the victim of a deadlock, which has ended now.
    """
    try:
        return transact()
    except DBAPIError as error:
        if not isinstance(error, IntegrityError) and not is_worth_repeating(error):
            raise
        return transact()


_NOW = text("SELECT now()")


def database_now(session: Session) -> datetime:
    """When this transaction began, by the database's clock.

    Who may act on what another process holds is decided by this: the clock of one process may be
    an hour ahead of another's.
    """
    found: datetime = session.execute(_NOW).scalar_one()
    return found


def before_commit(session: Session, key: str, hook: Hook) -> None:
    """Run ``hook`` once before this transaction commits, however often it is asked for."""
    session.info.setdefault(_HOOKS, {}).setdefault(key, hook)


def run_hooks(session: Session) -> None:
    """Write what was gathered. The order of registration is kept."""
    hooks: dict[str, Hook] = session.info.pop(_HOOKS, {})
    for hook in hooks.values():
        hook(session)


def gathered(session: Session, key: str) -> list[Any]:
    """The list kept on this session under a key."""
    lists: dict[str, list[Any]] = session.info.setdefault(_GATHERED, {})
    return lists.setdefault(key, [])


@contextmanager
def savepoint(session: Session) -> Iterator[None]:
    """A step that can fail alone: its rows go, and so does all it gathered."""
    lists: dict[str, list[Any]] = session.info.setdefault(_GATHERED, {})
    marks = {key: len(rows) for key, rows in lists.items()}
    try:
        with session.begin_nested():
            yield
            send(session)
    except BaseException:
        for key, rows in lists.items():
            del rows[marks.get(key, 0) :]
        raise
