"""A worker is missed when its session has ended without a word, once, and not before."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from shared.kit.database import Database, make_engine
from shared.messaging import presence
from shared.messaging.presence import Missing, Presence

ENDED = "SELECT pg_terminate_backend(backend, 5000) FROM workers"


@pytest.fixture
def own_engine(engine: Engine) -> Iterator[Engine]:
    """Workers' own, whose sessions these tests end."""
    made = make_engine(engine.url.render_as_string(hide_password=False), pool_size=2)
    yield made
    made.dispose()


@pytest.fixture
def worker(own_engine: Engine) -> Iterator[Presence]:
    """One that is there."""
    found = Presence(own_engine)
    found.show()
    yield found
    found.leave()


@pytest.fixture
def other(own_engine: Engine) -> Iterator[Presence]:
    """Another one, which is not there yet."""
    found = Presence(own_engine)
    yield found
    found.leave()


def missed(database: Database) -> Missing | None:
    with database.begin() as session:
        return presence.missed(session)


def there(database: Database) -> int:
    with database.read() as session:
        return int(session.scalar(text("SELECT count(*) FROM workers")) or 0)


def end_sessions(database: Database) -> None:
    """As PostgreSQL does when their processes die, or when it is started again itself."""
    with database.begin() as session:
        assert all(session.scalars(text(ENDED)))


def test_a_worker_that_is_there_is_not_missed(database: Database, worker: Presence) -> None:
    worker.show()
    assert missed(database) is None
    assert there(database) == 1


def test_a_worker_that_has_left_is_missed_by_nobody(database: Database, worker: Presence) -> None:
    worker.leave()
    assert there(database) == 0
    assert missed(database) is None


@pytest.mark.usefixtures("worker")
def test_a_worker_whose_session_has_ended_is_missed_once(database: Database) -> None:
    end_sessions(database)
    found = missed(database)
    assert found is not None
    assert abs(found.until - datetime.now(UTC)) < timedelta(minutes=1)
    assert not found.is_somebody_left
    assert missed(database) is None


@pytest.mark.usefixtures("worker")
def test_it_is_known_whether_another_worker_is_left(database: Database, other: Presence) -> None:
    end_sessions(database)
    other.show()
    found = missed(database)
    assert found is not None
    assert found.is_somebody_left
    assert there(database) == 1


def test_a_worker_that_lives_is_there_again_after_its_session_was_ended(
    database: Database, worker: Presence
) -> None:
    end_sessions(database)
    worker.show()  # finds it out
    worker.show()
    assert missed(database) is not None, "what it had in hand may have ended with the session"
    assert there(database) == 1
    assert missed(database) is None


@pytest.mark.usefixtures("worker")
def test_a_session_of_another_with_the_number_of_a_dead_one_is_not_taken_for_it(
    database: Database,
) -> None:
    with database.begin() as session:
        session.execute(text("UPDATE workers SET since = since - interval '1 second'"))
    assert missed(database) is not None


def test_a_session_that_stood_for_a_worker_is_given_to_nobody_else(
    database: Database, worker: Presence, own_engine: Engine
) -> None:
    with database.begin() as session:
        (backend,) = session.scalars(text("SELECT backend FROM workers"))
    worker.leave()
    with own_engine.connect() as connection:
        assert connection.scalar(text("SELECT pg_backend_pid()")) != backend
