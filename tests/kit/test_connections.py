"""Whoever waits for the database is told in the end, whatever became of its host."""

import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from deploy.local.patience import wait_until
from deploy.local.postgres import Postgres
from shared.kit.connections import KEEPALIVES
from shared.kit.database import Database, is_database_down, make_engine
from tests.faults.proxy import Proxy

PATIENCE = 1.0
WRITE = text("INSERT INTO marks VALUES (1)")


@pytest.fixture
def database(postgres: Postgres, way: Proxy) -> Iterator[Database]:
    url = postgres.tcp_url("postgres", "lab", "lab", port=way.port)
    engine = make_engine(url, pool_size=2, silent_seconds=PATIENCE)
    yield Database(engine)
    engine.dispose()


def test_the_kernel_is_asked_to_find_out_at_both_ends(database: Database) -> None:
    with database.read() as session:
        raw = session.connection().connection.dbapi_connection
        assert raw is not None
        with socket.socket(fileno=socket.dup(raw.fileno())) as end:
            assert end.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
            at_our_end = {
                "keepalives_idle": end.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE),
                "keepalives_interval": end.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL),
                "keepalives_count": end.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT),
                "tcp_user_timeout": end.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT),
            }
        at_the_server = {
            name: session.scalar(text(f"SHOW tcp_{name.removeprefix('tcp_')}"))
            for name in KEEPALIVES
        }
    assert at_our_end == KEEPALIVES
    assert at_the_server == {name: str(value) for name, value in KEEPALIVES.items()}


@pytest.mark.parametrize("step", ["a statement", "the commit"])
def test_a_wait_without_an_answer_ends_and_the_next_transaction_is_served(
    database: Database, way: Proxy, step: str
) -> None:
    began: list[float] = []

    def write() -> None:
        with database.begin() as session:
            session.execute(text("SELECT 1"))
            if step == "the commit":
                session.execute(WRITE)
            way.silence_all()
            began.append(time.monotonic())
            if step == "a statement":
                session.execute(WRITE)

    with pytest.raises(OperationalError) as fault:
        write()
    assert is_database_down(fault.value)
    assert PATIENCE <= time.monotonic() - began[0] < PATIENCE + 5
    with database.begin() as session:
        assert session.scalar(text("SELECT 1")) == 1


def test_an_answer_that_takes_its_time_is_waited_for(
    postgres: Postgres, way: Proxy, database: Database
) -> None:
    with database.read() as session:
        assert session.scalar(text("SELECT 1 FROM pg_sleep(0.5)")) == 1


def test_connections_that_rest_while_the_host_falls_silent_are_replaced(
    database: Database, way: Proxy
) -> None:
    with database.read() as one, database.read() as other:
        one.connection(), other.connection()
    assert way.silence_all() == 2
    with pytest.raises(OperationalError), database.read() as session:
        session.execute(text("SELECT 1"))
    began = time.monotonic()
    for _ in range(3):
        with database.read() as session:
            session.execute(text("SELECT 1"))
    assert time.monotonic() - began < PATIENCE, "one silence was enough for all of the pool"


def test_a_round_trip_that_was_cut_in_two_does_not_keep_its_locks(postgres: Postgres) -> None:
    url = postgres.tcp_url("postgres", "lab", "lab")
    mortal = make_engine(url, pool_size=1, transaction_seconds=1)
    with mortal.connect() as connection, lasting(Database(make_engine(url))) as others:
        send_the_first_half(connection, ["BEGIN", "LOCK TABLE marks"])
        assert wait_until(partial(is_locked, others, "marks"), within=10)
        with others.begin() as session:
            session.execute(text("LOCK TABLE marks"))
        connection.invalidate()
    mortal.dispose()


def is_locked(database: Database, table: str) -> bool:
    with database.read() as session:
        asked = text(
            "SELECT count(*) FROM pg_locks WHERE relation = to_regclass(:table) AND granted"
        )
        return bool(session.scalar(asked, {"table": table}))


def send_the_first_half(connection: Connection, statements: Sequence[str]) -> None:
    """Send these, and nothing by which the server would know that they are all."""
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.pgconn.enter_pipeline_mode()
    for statement in statements:
        driver.pgconn.send_query_params(statement.encode(), None)
    while driver.pgconn.flush():
        pass


@contextmanager
def lasting(database: Database) -> Iterator[Database]:
    yield database
    database.engine.dispose()
