"""One request or one delivered frame is one transaction; this module alone commits.

What must be written *with* a business change but only once per transaction (audit entries,
outbox rows) is gathered on the session and flushed by hooks just before the commit.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, TypeVar

from sqlalchemy import Engine, MetaData, Table, create_engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

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

GUARDS = " ".join(
    f"-c {name}={value}"
    for name, value in {
        "statement_timeout": "30000",
        "lock_timeout": "5000",
        "idle_in_transaction_session_timeout": f"{IDLE_SECONDS}s",
        "timezone": "UTC",
    }.items()
)

_HOOKS = "before_commit_hooks"
_GATHERED = "gathered"


def new_metadata() -> MetaData:
    """Metadata with constraint names that Alembic can rely on."""
    return MetaData(naming_convention=NAMING)


def adopt(metadata: MetaData, *tables: Table) -> None:
    """Make tables that belong to the kit or to messaging part of a service's schema."""
    for table in tables:
        table.to_metadata(metadata)


def make_engine(url: str, *, pool_size: int = 5) -> Engine:
    """An engine whose errors never carry parameters and whose sessions cannot hang for ever."""
    return create_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=5,
        pool_recycle=1800,
        hide_parameters=True,
        connect_args={"options": GUARDS, "connect_timeout": 5},
    )


class Database:
    """Transactions on one service's database."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._sessions = sessionmaker(engine, expire_on_commit=False)

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """One transaction; gathered rows are written last, then everything commits together."""
        with self._sessions() as session, session.begin():
            yield session
            run_hooks(session)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that is always rolled back."""
        with self._sessions() as session:
            yield session


Result = TypeVar("Result")


def looking_again(transact: Callable[[], Result]) -> Result:
    """Do a whole transaction once more when a constraint refused what it wrote.

    Then somebody else has committed between its look and its write: at the second look it sees
    what, and answers accordingly. What breaks a constraint by itself breaks it again.
    """
    try:
        return transact()
    except IntegrityError:
        return transact()


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
    except BaseException:
        for key, rows in lists.items():
            del rows[marks.get(key, 0) :]
        raise
