"""Whatever goes wrong on a round trip that many share, each guarantee of a transaction holds."""

import socket
import time

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import Session

from shared.kit.database import Database, is_database_down, is_worth_repeating, savepoint
from shared.kit.round_trips import later, send
from shared.messaging.deadline import HandlerTimeout, deadline
from tests.faults.proxy import Proxy
from tests.kit.conftest import PATIENCE
from tests.kit.marks import READ, Undone, failing, mark, marks, occupy

LAST = text("SET CONSTRAINTS ALL DEFERRED")
CONFLICT = text("DO $$ BEGIN RAISE SQLSTATE '40P01'; END $$")
SLEEP = text("SELECT pg_sleep(20)")


@pytest.mark.parametrize("place", ["first", "in the middle", "last"])
def test_what_breaks_a_constraint_breaks_the_transaction_with_sqlalchemys_own_error(
    far: Database, place: str
) -> None:
    rooms = {"first": [1, 1, 2, 3], "in the middle": [1, 2, 2, 3], "last": [1, 2, 3, 3]}[place]
    with failing(IntegrityError) as refused, far.begin() as session:
        occupy(session, *rooms)
    assert isinstance(refused.value.orig, psycopg.errors.UniqueViolation)
    assert not is_database_down(refused.value)
    with far.begin() as session:
        assert session.scalar(text("SELECT count(*) FROM rooms")) == 0
        occupy(session, 1)


def test_nothing_after_an_error_is_done_and_least_of_all_the_commit(far: Database) -> None:
    with failing(IntegrityError), far.begin() as session:
        mark(session, 1)
        occupy(session, 1, 1)
        mark(session, 2)
    assert marks(far) == []


def test_an_error_of_what_waited_is_met_by_whoever_reads_next(far: Database) -> None:
    with far.begin() as session, failing(IntegrityError), savepoint(session):
        occupy(session, 1, 1)
        session.execute(READ)
        pytest.fail("the reader was told nothing")


def test_an_error_does_not_carry_values(far: Database) -> None:
    with failing(DBAPIError) as refused, far.begin() as session:
        later(session, text("SELECT CAST(:word AS text), 1 / 0"), {"word": "canary"})
    assert "canary" not in str(refused.value)


def test_a_commit_that_the_server_refuses_is_an_error_and_nothing_is_stored(
    far: Database,
) -> None:
    """A constraint that is looked at last of all: by the COMMIT itself."""
    with failing(IntegrityError), far.begin() as session:
        later(session, LAST, {})
        occupy(session, 1, 1)
    with far.begin() as session:
        assert session.scalar(text("SELECT count(*) FROM rooms")) == 0


def test_a_deadlock_met_by_what_waited_is_worth_repeating(far: Database) -> None:
    with failing(OperationalError) as lost, far.begin() as session:
        later(session, CONFLICT, {})
    assert is_worth_repeating(lost.value)
    assert not is_database_down(lost.value)


def test_what_the_driver_itself_refuses_is_not_a_database_that_is_down(
    far: Database,
) -> None:
    """It leaves with COMMIT, and has no code, like a connection that could not be made."""
    numbers = {f"n{number}": number for number in range(70_000)}
    statement = text(f"SELECT {', '.join(f':{name}' for name in numbers)}")
    with failing(DBAPIError) as refused, far.begin() as session:
        mark(session, 1)
        later(session, statement, numbers)
    assert not is_database_down(refused.value)
    assert marks(far) == []


def test_a_savepoint_meets_the_errors_of_what_waited_in_it(far: Database) -> None:
    with far.begin() as session:
        mark(session, 1)
        with failing(IntegrityError), savepoint(session):
            mark(session, 2)
            occupy(session, 1, 1)
        mark(session, 3)
    assert marks(far) == [1, 3]


def test_whoever_wants_an_error_at_a_place_sends_there(far: Database) -> None:
    with failing(Undone), far.begin() as session:
        occupy(session, 1, 1)
        with pytest.raises(IntegrityError):
            send(session)
        raise Undone


def test_a_commit_without_an_answer_is_a_database_that_is_down(far: Database, way: Proxy) -> None:
    """What became of it is not known; the next transaction has another connection."""

    def write() -> None:
        with far.begin() as session:
            session.execute(READ)
            mark(session, 1)
            way.silence_all()

    began = time.monotonic()
    with pytest.raises(OperationalError) as fault:
        write()
    assert is_database_down(fault.value)
    assert fault.value.connection_invalidated
    assert time.monotonic() - began < PATIENCE + 5
    with far.begin() as session:
        assert session.scalar(text("SELECT 1")) == 1


def cut(session: Session) -> None:
    driver = session.connection().connection.driver_connection
    assert driver is not None
    with socket.socket(fileno=driver.fileno()) as mine:
        mine.shutdown(socket.SHUT_RDWR)
        mine.detach()


def test_a_connection_that_is_lost_under_what_waited_is_replaced(far: Database) -> None:
    def write() -> None:
        with far.begin() as session:
            session.execute(READ)
            mark(session, 1)
            cut(session)

    with pytest.raises(OperationalError) as fault:
        write()
    assert is_database_down(fault.value)
    assert fault.value.connection_invalidated
    with far.begin() as session:
        mark(session, 2)
    assert marks(far) == [2]


def test_a_server_that_ends_the_session_under_a_commit_is_a_database_that_is_down(
    far: Database,
) -> None:
    with failing(OperationalError) as fault, far.begin() as session:
        mark(session, 1)
        later(session, text("SELECT pg_terminate_backend(pg_backend_pid())"), {})
    assert is_database_down(fault.value)
    assert marks(far) == []


def test_what_waited_is_bounded_by_the_timeout_of_statements(far: Database) -> None:
    with failing(OperationalError) as fault, far.begin() as session:
        later(session, text("SET LOCAL statement_timeout = '50ms'"), {})
        later(session, SLEEP, {})
    assert isinstance(fault.value.orig, psycopg.errors.QueryCanceled)
    assert marks(far) == []


@pytest.mark.parametrize("sleeper", ["what waited", "what was read"])
def test_a_deadline_interrupts_a_round_trip_and_the_connection_serves_the_next(
    far: Database, sleeper: str
) -> None:
    with failing(HandlerTimeout), far.begin() as session, deadline(0.2):
        mark(session, 1)
        if sleeper == "what waited":
            later(session, SLEEP, {})
            session.execute(READ)
        else:
            session.execute(SLEEP)
    assert marks(far) == []


def test_a_savepoint_that_a_deadline_interrupts_tells_of_the_deadline(far: Database) -> None:
    """SQLAlchemy gives up a connection that was interrupted, and with it the transaction."""
    with (
        failing(HandlerTimeout),
        far.begin() as session,
        deadline(0.2),
        savepoint(session),
    ):
        mark(session, 1)
        later(session, SLEEP, {})
    assert marks(far) == []
