"""What nobody reads leaves with what somebody does, in the order in which it was asked for."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from psycopg.errors import ReadOnlySqlTransaction
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, InternalError

from shared.kit.database import Database, before_commit, savepoint
from shared.kit.round_trips import commit_so_far, later, soon
from tests.faults.proxy import Proxy
from tests.kit.marks import READ, WRITE, Undone, failing, mark, marks, occupy

NUMBER = text("INSERT INTO marks VALUES (:mark) RETURNING mark")
ISOLATION = text("SHOW transaction_isolation")
Counted = Callable[[], int]


@pytest.fixture
def trips(way: Proxy, far: Database) -> Iterator[Counted]:
    """How many round trips there were since this was last asked; a test that fails shows them."""
    before = way.round_trips

    def count() -> int:
        nonlocal before
        passed, before = way.round_trips - before, way.round_trips
        return passed

    yield count
    print(*way.talk, sep="\n")


def test_a_transaction_that_only_writes_is_one_round_trip(far: Database, trips: Counted) -> None:
    with far.begin() as session:
        mark(session, 1, 2, 3)
    assert trips() == 1
    assert marks(far) == [1, 2, 3]


def test_a_transaction_begins_with_its_first_question_and_ends_with_what_it_writes_last(
    far: Database, trips: Counted
) -> None:
    with far.begin() as session:
        session.execute(READ)
        assert trips() == 1
        mark(session, 1)
        session.execute(READ)
        assert trips() == 1
        mark(session, 2)
        before_commit(session, "last", lambda session: mark(session, 3))
    assert trips() == 1
    assert marks(far) == [1, 2, 3]


def test_a_transaction_that_asks_for_nothing_costs_nothing(far: Database, trips: Counted) -> None:
    with far.begin():
        pass
    assert trips() == 0


def test_whoever_reads_sees_what_was_written_before(far: Database) -> None:
    with far.begin() as session:
        mark(session, 1)
        assert list(session.scalars(READ)) == [1]
        session.execute(WRITE, [{"mark": 2}, {"mark": 3}])
        mark(session, 4)
        assert list(session.scalars(READ)) == [1, 2, 3, 4]


def test_whoever_speaks_to_the_driver_itself_sees_it_too(far: Database) -> None:
    with far.begin() as session:
        mark(session, 1)
        driver = session.connection().connection.driver_connection
        assert driver is not None
        assert driver.execute("SELECT mark FROM marks").fetchall() == [(1,)]


def test_two_questions_share_a_round_trip(far: Database, trips: Counted) -> None:
    with far.begin() as session:
        mark(session, 1)
        numbers = soon(session, NUMBER, {"mark": 2})
        assert numbers == []
        assert list(session.scalars(READ)) == [1, 2]
        assert numbers == [(2,)]
        assert trips() == 1


def test_rows_of_what_waited_are_told_once_they_are_there(far: Database) -> None:
    told: list[Sequence[Any]] = []
    with far.begin() as session:
        later(session, NUMBER, {"mark": 1}, told.append)
        mark(session, 2)
        assert not told
    assert told == [[(1,)]]


def test_a_block_that_raises_sends_nothing_of_what_waits(far: Database, trips: Counted) -> None:
    with failing(Undone), far.begin() as session:
        mark(session, 1)
        raise Undone
    assert trips() == 0
    assert marks(far) == []


def test_a_block_that_raises_takes_back_what_was_sent(far: Database) -> None:
    with failing(Undone), far.begin() as session:
        mark(session, 1)
        session.execute(READ)
        mark(session, 2)
        raise Undone
    assert marks(far) == []
    with far.begin() as session:
        mark(session, 3)
    assert marks(far) == [3]


def test_a_reading_session_is_refused_what_waits(far: Database) -> None:
    with failing(InternalError) as refused, far.read() as session:
        mark(session, 1)
        session.execute(READ)
    assert isinstance(refused.value.orig, ReadOnlySqlTransaction)
    assert marks(far) == []


def test_what_a_connection_has_prepared_stays_when_somebody_has_read(far: Database) -> None:
    for _ in range(10):
        with far.read() as session:
            session.execute(READ)
    with far.begin() as session:
        prepared = session.scalars(text("SELECT statement FROM pg_prepared_statements")).all()
    assert str(READ) in prepared


def test_a_savepoint_that_is_undone_takes_with_it_what_waited_in_it_and_nothing_else(
    far: Database,
) -> None:
    with far.begin() as session:
        mark(session, 1)
        with failing(Undone), savepoint(session):
            mark(session, 2)
            with savepoint(session):
                mark(session, 3)
            mark(session, 4)
            raise Undone
        mark(session, 5)
        with savepoint(session):
            mark(session, 6)
    assert marks(far) == [1, 5, 6]


def test_what_was_committed_so_far_stays_whatever_follows(far: Database, trips: Counted) -> None:
    with failing(IntegrityError), far.begin() as session:
        mark(session, 1)
        commit_so_far(session)
        mark(session, 2)
        occupy(session, 1, 1)
        session.execute(READ)
    assert marks(far) == [1]


def test_two_transactions_in_one_round_trip_are_two(far: Database, trips: Counted) -> None:
    with far.begin() as session:
        mark(session, 1)
        commit_so_far(session)
        number = text("SELECT pg_current_xact_id()::text, (SELECT xmin::text FROM marks)")
        ours, before = session.execute(number).one()
        assert trips() == 1
    assert ours != before


def test_whoever_asks_for_an_isolation_level_has_it(far: Database) -> None:
    strict = Database(far.engine.execution_options(isolation_level="REPEATABLE READ"))
    with strict.begin() as session:
        assert session.scalar(ISOLATION) == "repeatable read"
        mark(session, 1)
        commit_so_far(session)
        assert session.scalar(ISOLATION) == "repeatable read"
    with far.begin() as session:
        assert session.scalar(ISOLATION) == "read committed"
        mark(session, 2)
    assert marks(far) == [1, 2]


def test_whoever_asks_for_no_transaction_has_none(far: Database) -> None:
    loose = far.engine.execution_options(isolation_level="AUTOCOMMIT")
    with loose.connect() as connection:
        connection.execute(text("VACUUM marks"))
