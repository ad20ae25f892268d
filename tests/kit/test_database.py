"""One transaction holds everything or nothing; a session cannot hang for ever."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, InternalError
from sqlalchemy.orm import Session

from shared.kit import audit
from shared.kit.clock import local_date, utc_now
from shared.kit.database import Database, before_commit, gathered, savepoint
from tests.kit.things import THINGS


class Undone(Exception):
    """The test's own failure."""


@contextmanager
def undone() -> Iterator[None]:
    """A block that must fail as the test wants it to."""
    with pytest.raises(Undone):
        yield


def add(session: Session, colour: str = "red") -> None:
    session.execute(insert(THINGS), {"id": uuid4(), "colour": colour, "version": 1})


def colours(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(THINGS.c.colour).order_by(THINGS.c.colour)))


def test_a_block_that_ends_is_committed(database: Database) -> None:
    with database.begin() as session:
        add(session)
    assert colours(database) == ["red"]


def test_a_block_that_raises_leaves_nothing(database: Database) -> None:
    with undone(), database.begin() as session:
        add(session)
        raise Undone
    assert colours(database) == []


def test_a_reading_session_never_writes(database: Database) -> None:
    with pytest.raises(InternalError), database.read() as session:
        add(session)
    assert colours(database) == []


def test_what_was_gathered_is_written_once_before_the_commit(database: Database) -> None:
    written: list[int] = []

    def write(session: Session) -> None:
        written.append(len(gathered(session, "things")))
        add(session, "gathered")

    with database.begin() as session:
        for number in range(3):
            gathered(session, "things").append(number)
            before_commit(session, "things", write)
    assert written == [3]
    assert colours(database) == ["gathered"]


def test_a_hook_that_fails_fails_the_transaction(database: Database) -> None:
    def fail(_session: Session) -> None:
        raise Undone

    with undone(), database.begin() as session:
        add(session)
        before_commit(session, "things", fail)
    assert colours(database) == []


def test_savepoints_within_savepoints_forget_what_was_gathered_in_them(
    database: Database,
) -> None:
    with database.begin() as session:
        gathered(session, "words").append("outer")
        with undone(), savepoint(session):
            gathered(session, "words").append("inner")
            add(session, "inner")
            with savepoint(session):
                gathered(session, "more").append("innermost")
            raise Undone
        assert gathered(session, "words") == ["outer"]
        assert gathered(session, "more") == []
        add(session, "outer")
    assert colours(database) == ["outer"]


def test_an_audit_entry_commits_with_its_change_or_not_at_all(database: Database) -> None:
    def record(session: Session) -> None:
        audit.record(session, actor="a", action="b", object_id=uuid4(), now=utc_now(), code="c")

    with database.begin() as session:
        record(session)
    with undone(), database.begin() as session:
        record(session)
        raise Undone
    with database.read() as session:
        rows = session.execute(select(audit.AUDIT)).all()
    assert [(row.outcome, row.facts) for row in rows] == [("done", {"code": "c"})]


def test_an_error_of_the_database_does_not_carry_parameters(database: Database) -> None:
    row = {"id": uuid4(), "colour": "canary", "version": 1}
    with pytest.raises(IntegrityError) as refused, database.begin() as session:
        session.execute(insert(THINGS), [row, row])
    assert "canary" not in str(refused.value).replace(str(refused.value.orig), "")


@pytest.mark.parametrize(
    "setting",
    [
        "statement_timeout",
        "lock_timeout",
        "idle_in_transaction_session_timeout",
        "transaction_timeout",
    ],
)
def test_every_session_is_bounded_in_time(database: Database, setting: str) -> None:
    with database.read() as session:
        assert session.scalar(text(f"SHOW {setting}")) not in {"0", None}


def test_the_database_speaks_utc(database: Database) -> None:
    with database.read() as session:
        assert session.scalar(text("SHOW timezone")) == "UTC"
        now = session.scalar(select(func.now()))
    assert now is not None
    assert now.utcoffset() is not None


def test_a_forgotten_lock_ends_the_wait_of_another(database: Database) -> None:
    with database.begin() as first:
        add(first)
        first.execute(text("LOCK TABLE things"))
        with database.begin() as second:
            second.execute(text("SET LOCAL lock_timeout = '50ms'"))
            with pytest.raises(DBAPIError), savepoint(second):
                second.execute(text("LOCK TABLE things"))


def test_a_day_begins_in_hai_phong_before_it_begins_in_utc() -> None:
    evening = utc_now().replace(year=2026, month=3, day=1, hour=17, minute=30)
    assert str(local_date(evening)) == "2026-03-02"
