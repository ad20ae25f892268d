"""What a database refuses to one message is that message's fault; what it cannot do, nobody's.

Real locks, real deadlocks, real serialisation failures, real lost connections (fault 30).
"""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from shared.contracts import Message
from shared.kit.database import Database
from shared.messaging.attempts import MOST_ATTEMPTS
from shared.messaging.envelope import Wire
from tests.messaging.parts import (
    Deed,
    Receiver,
    case_received,
    message_id_of,
    parcel_id_of,
    sealed,
)

FRAME = 10
BAD = 3


@pytest.fixture
def cases() -> list[UUID]:
    return [uuid4() for _ in range(FRAME)]


@pytest.fixture
def frame(cases: list[UUID]) -> list[Wire]:
    """Ten messages, one of which is called bad."""
    words = ["good"] * FRAME
    words[BAD] = "bad"
    return [sealed(case_received(*pair), 1) for pair in zip(cases, words, strict=True)]


def done(receiver: Receiver, cases: list[UUID]) -> int:
    """How many of the neighbours were handled; each once, or it is a failure."""
    words = [receiver.words(case_id) for case_id in cases]
    assert all(found in ([], ["good"], ["bad"]) for found in words)
    return sum(found == ["good"] for found in words)


def assert_nothing_counted(receiver: Receiver) -> None:
    assert not receiver.rows("SELECT * FROM delivery_attempts WHERE attempts > 1")
    assert not receiver.rows("SELECT * FROM held_messages")
    assert not receiver.rows("SELECT * FROM parked_messages")


LOCK = text("LOCK TABLE heartbeats IN ACCESS EXCLUSIVE MODE")


def wants_a_lock(session: Session, _message: Message) -> None:
    session.execute(text("SET LOCAL lock_timeout = '50ms'"))
    session.execute(LOCK)


def takes_too_long(session: Session, _message: Message) -> None:
    session.execute(text("SET LOCAL statement_timeout = '50ms'"))
    session.execute(text("SELECT pg_sleep(20)"))


def says_too_much(session: Session, _message: Message) -> None:
    """The driver refuses it, with an error of the class it has for lost connections."""
    numbers = range(70_000)
    statement = f"SELECT {', '.join(['%s'] * len(numbers))}"
    session.connection().exec_driver_sql(statement, tuple(numbers))


@pytest.mark.parametrize("deed", [wants_a_lock, takes_too_long, says_too_much])
def test_what_the_database_refuses_to_one_message_fails_none_of_its_neighbours(
    receiver: Receiver, engine: Engine, cases: list[UUID], frame: list[Wire], deed: Deed
) -> None:
    receiver.deeds["bad"] = deed
    with engine.connect() as other:
        other.execute(LOCK)
        receiver.take(*frame)
        other.rollback()
    assert done(receiver, cases) == FRAME - 1
    (held,) = receiver.rows("SELECT message_id, reason FROM held_messages")
    assert held == {"message_id": message_id_of(frame[BAD]), "reason": "fault"}
    assert not receiver.rows("SELECT * FROM begun_frames")
    assert not receiver.rows("SELECT * FROM delivery_attempts")

    del receiver.deeds["bad"]
    receiver.later()
    assert receiver.words(cases[BAD]) == ["bad"]


def test_a_held_message_that_meets_a_lock_stays_held_and_stops_no_other(
    receiver: Receiver, engine: Engine
) -> None:
    def fail(_session: Session, _message: Message) -> None:
        raise RuntimeError

    one, other_case = uuid4(), uuid4()
    receiver.deeds = {"bad": fail, "good": fail}
    receiver.take(sealed(case_received(one, "bad"), 1))
    receiver.take(sealed(case_received(other_case, "good"), 1))
    receiver.deeds = {"bad": wants_a_lock}
    with engine.connect() as other:
        other.execute(LOCK)
        assert receiver.later() == 2
        other.rollback()
    assert (receiver.words(one), receiver.words(other_case)) == ([], ["good"])
    assert receiver.rows("SELECT reason, unended FROM held_messages") == [
        {"reason": "fault", "unended": 0}
    ]


TWO_ROWS = text(
    "INSERT INTO heartbeats (queue, seen_at) VALUES ('a', now()), ('b', now())"
    " ON CONFLICT DO NOTHING"
)


def touch(session: Session, row: str) -> None:
    session.execute(text("UPDATE heartbeats SET seen_at = now() WHERE queue = :row"), {"row": row})


def impatience(session: Session, patience: str) -> None:
    """Who looks for deadlocks first is who finds one, and loses."""
    session.execute(text(f"SET LOCAL deadlock_timeout = '{patience}'"))


@contextmanager
def rival(database: Database, met: Event) -> Iterator[None]:
    """Somebody who holds b and wants a, once the handler holds a; it gets both in the end."""
    has_b = Event()

    def compete() -> None:
        with database.begin() as session:
            impatience(session, "1min")
            touch(session, "b")
            has_b.set()
            assert met.wait(30)
            touch(session, "a")

    thread = Thread(target=compete)
    thread.start()
    assert has_b.wait(30)
    try:
        yield
    finally:
        met.set()
        thread.join()


def is_waiting(session: Session) -> bool:
    query = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND locktype = 'transactionid')"
    return bool(session.scalar(text(query)))


def tangling(met: Event) -> Deed:
    """Takes a, lets the rival wait for it, then wants b."""

    def tangle(session: Session, _message: Message) -> None:
        impatience(session, "20ms")
        touch(session, "a")
        is_first = not met.is_set()
        met.set()
        while is_first and not is_waiting(session):
            pass
        touch(session, "b")

    return tangle


@pytest.mark.parametrize("is_held", [False, True], ids=["in a frame", "held"])
def test_the_victim_of_a_deadlock_is_handled_again_at_once_and_nobody_is_blamed(
    receiver: Receiver, cases: list[UUID], frame: list[Wire], is_held: bool
) -> None:
    with receiver.database.begin() as session:
        session.execute(TWO_ROWS)
    if is_held:
        receiver.deeds["bad"] = says_too_much
        receiver.take(*frame)
    met = Event()
    receiver.deeds["bad"] = tangling(met)
    calls = receiver.calls.count("bad")
    with rival(receiver.database, met):
        assert (receiver.later() == 1) if is_held else receiver.take(*frame)
    assert receiver.calls.count("bad") == calls + 2, "the victim, and again"
    assert receiver.words(cases[BAD]) == ["bad"]
    assert done(receiver, cases) == FRAME - 1
    assert_nothing_counted(receiver)


def test_a_frame_that_cannot_be_serialised_is_handled_again_at_once(
    receiver: Receiver, engine: Engine, cases: list[UUID], frame: list[Wire]
) -> None:
    with receiver.database.begin() as session:
        session.execute(TWO_ROWS)

    def overtaken(session: Session, _message: Message) -> None:
        if receiver.calls.count("bad") == 1:
            with receiver.database.begin() as other:
                touch(other, "a")
        touch(session, "a")

    receiver.deeds["bad"] = overtaken
    strict = Database(engine.execution_options(isolation_level="REPEATABLE READ"))
    receiver.delivery = receiver.delivering(strict.begin)
    receiver.take(*frame)
    assert receiver.calls.count("bad") == 2
    assert done(receiver, cases) == FRAME - 1
    assert_nothing_counted(receiver)


def test_what_loses_again_and_again_is_a_fault_of_its_own(
    receiver: Receiver, cases: list[UUID], frame: list[Wire]
) -> None:
    def loses(session: Session, _message: Message) -> None:
        session.execute(text("DO $$ BEGIN RAISE SQLSTATE '40P01'; END $$"))

    receiver.deeds["bad"] = loses
    receiver.take(*frame)
    assert done(receiver, cases) == FRAME - 1
    assert receiver.rows("SELECT reason FROM held_messages") == [{"reason": "fault"}]


def ends_the_session(session: Session, _message: Message) -> None:
    """As an administrator does, or a server that is shut down."""
    session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))


def finds_no_room(session: Session, _message: Message) -> None:
    session.execute(text("DO $$ BEGIN RAISE SQLSTATE '53100'; END $$"))


def loses_the_connection(session: Session, _message: Message) -> None:
    """As when the server's process crashes over the statement: nothing comes back."""
    driver = session.connection().connection.driver_connection
    assert driver is not None
    with socket.socket(fileno=driver.fileno()) as mine:
        mine.shutdown(socket.SHUT_RDWR)
        mine.detach()
    session.execute(text("SELECT 1"))


def take_until_it_ends(receiver: Receiver, frame: list[Wire], *, most: int) -> int:
    """Deliver a frame again and again; returns how often it raised before it ended."""
    for times in range(most):
        try:
            receiver.take(*frame)
        except DBAPIError:
            continue
        return times
    return most


@pytest.mark.parametrize("deed", [ends_the_session, finds_no_room])
def test_a_database_that_is_away_ten_times_counts_against_no_message(
    receiver: Receiver, cases: list[UUID], frame: list[Wire], deed: Deed
) -> None:
    receiver.deeds["bad"] = deed
    assert take_until_it_ends(receiver, frame, most=10) == 10
    del receiver.deeds["bad"]
    receiver.take(*frame)
    assert done(receiver, cases) == FRAME - 1
    assert receiver.words(cases[BAD]) == ["bad"]
    assert_nothing_counted(receiver)
    assert not receiver.rows("SELECT * FROM begun_frames")


@pytest.mark.parametrize("deed", [ends_the_session, finds_no_room])
def test_a_database_that_is_away_ten_times_counts_against_no_message_begun_before(
    receiver: Receiver, cases: list[UUID], frame: list[Wire], deed: Deed
) -> None:
    """Those are handled alone, each try counted by itself."""
    receiver.run(
        "INSERT INTO begun_frames (id, parcel_ids) VALUES (gen_random_uuid(), :ids)",
        ids=[parcel_id_of(wire) for wire in frame],
    )
    receiver.deeds = {"bad": deed, "good": deed}
    assert take_until_it_ends(receiver, frame, most=10) == 10
    receiver.deeds.clear()
    receiver.take(*frame)
    assert done(receiver, cases) == FRAME - 1
    assert_nothing_counted(receiver)


@pytest.mark.parametrize("deed", [ends_the_session, finds_no_room])
def test_a_database_that_is_away_ten_times_counts_against_no_held_message(
    receiver: Receiver, cases: list[UUID], frame: list[Wire], deed: Deed
) -> None:
    receiver.deeds["bad"] = says_too_much
    receiver.take(*frame)
    receiver.deeds["bad"] = deed
    for _ in range(10):
        with pytest.raises(DBAPIError):
            receiver.later()
    assert not receiver.parked()
    del receiver.deeds["bad"]
    receiver.later()
    assert receiver.words(cases[BAD]) == ["bad"]


def test_a_message_under_which_the_connection_is_lost_again_and_again_is_parked_alone(
    receiver: Receiver, cases: list[UUID], frame: list[Wire]
) -> None:
    receiver.deeds["bad"] = loses_the_connection
    assert take_until_it_ends(receiver, frame, most=20) == MOST_ATTEMPTS
    assert receiver.parked() == {message_id_of(frame[BAD]): "never_ended"}
    assert done(receiver, cases) == FRAME - 1


def test_the_neighbours_of_such_a_message_are_handled_at_the_second_delivery(
    receiver: Receiver, cases: list[UUID], frame: list[Wire]
) -> None:
    """Whatever was begun most often comes last, so that it holds up nobody."""
    receiver.deeds["bad"] = loses_the_connection
    for _ in range(3):
        with pytest.raises(DBAPIError):
            receiver.take(*frame)
    assert done(receiver, cases) == FRAME - 1
    assert not receiver.parked()


@pytest.mark.parametrize("deed", [loses_the_connection])
def test_a_held_message_under_which_the_connection_is_lost_again_and_again_is_parked(
    receiver: Receiver, cases: list[UUID], frame: list[Wire], deed: Callable[..., None]
) -> None:
    receiver.deeds["bad"] = says_too_much
    receiver.take(*frame)
    receiver.deeds["bad"] = deed
    for _ in range(MOST_ATTEMPTS):
        with pytest.raises(DBAPIError):
            receiver.later()
    receiver.later()
    assert receiver.parked() == {message_id_of(frame[BAD]): "never_ended"}
