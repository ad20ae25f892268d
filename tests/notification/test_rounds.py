"""What a companion of the worker does round after round, and what ends it."""

import threading

import pytest
from sqlalchemy import text

from services.notification.tasks.rounds import Rounds
from shared.kit.database import Begin
from shared.messaging.pulse import unwatched


@pytest.fixture
def asked_to_end() -> threading.Event:
    return threading.Event()


def test_what_the_database_cannot_do_now_is_done_in_the_next_round(
    begin: Begin, asked_to_end: threading.Event
) -> None:
    done = threading.Event()
    tries: list[str] = []

    def turn() -> bool:
        tries.append("tried")
        with begin() as session:
            if len(tries) == 1:
                session.execute(text("SET LOCAL statement_timeout = 1"))
                session.execute(text("SELECT pg_sleep(60)"))
            session.execute(text("SELECT 1"))
        done.set()
        return False

    rounds = Rounds("rounds", turn, look=0.01, on_death=asked_to_end.set, beat=unwatched)
    rounds.start()
    assert done.wait(30)
    rounds.stop()
    assert not rounds.is_open
    assert not asked_to_end.is_set()


def test_it_goes_on_without_a_wait_while_there_may_be_more(
    asked_to_end: threading.Event,
) -> None:
    left = list(range(5))
    done = threading.Event()

    def turn() -> bool:
        if left:
            left.pop()
            return True
        done.set()
        return False

    rounds = Rounds("rounds", turn, look=3600, on_death=asked_to_end.set, beat=unwatched)
    rounds.start()
    assert done.wait(30)
    rounds.stop()
    assert left == []


def test_news_are_looked_at_at_once(asked_to_end: threading.Event) -> None:
    looked = threading.Semaphore(0)

    def turn() -> bool:
        looked.release()
        return False

    rounds = Rounds("rounds", turn, look=3600, on_death=asked_to_end.set, beat=unwatched)
    rounds.start()
    assert looked.acquire(timeout=30)
    rounds.wake()
    assert looked.acquire(timeout=30), "an hour would be too long"
    rounds.stop()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("statement", ["SELECT 1 / 0", "SELECT * FROM no_such_table"])
def test_a_fault_that_does_not_pass_ends_the_process_as_well(
    begin: Begin, asked_to_end: threading.Event, statement: str
) -> None:
    def turn() -> bool:
        with begin() as session:
            session.execute(text(statement))
        return False

    rounds = Rounds("rounds", turn, look=3600, on_death=asked_to_end.set, beat=unwatched)
    rounds.start()
    assert asked_to_end.wait(30)
    rounds.stop()
