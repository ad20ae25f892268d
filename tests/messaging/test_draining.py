"""Held messages that go well are tried together; none of them is blamed for another."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from shared.contracts import Message
from shared.kit.database import Begin, Database
from shared.kit.errors import NotYet
from shared.messaging import draining, holding
from shared.messaging.draining import MOST_AT_ONCE
from shared.messaging.envelope import Wire
from tests.messaging.parts import (
    Receiver,
    case_received,
    message_id_of,
    sealed,
)

CASES = 100
OF_EACH = 4


class Counting:
    """Transactions, counted."""

    def __init__(self, begin: Begin) -> None:
        self.count = 0
        self._begin = begin

    @contextmanager
    def begin(self) -> Iterator[Session]:
        self.count += 1
        with self._begin() as session:
            yield session


@pytest.fixture
def counted(receiver: Receiver) -> Counting:
    """The receiver with a delivery whose transactions are counted."""
    counting = Counting(receiver.database.begin)
    receiver.delivery = receiver.delivering(counting.begin)
    return counting


def too_soon(_session: Session, _message: Message) -> None:
    raise NotYet


def fail(_session: Session, _message: Message) -> None:
    raise RuntimeError


def hold(receiver: Receiver, cases: list[UUID], of_each: int = 1) -> list[Wire]:
    """Hold so many messages of each case: the first lacks a fact, the others wait behind it."""
    receiver.deeds["1"] = too_soon
    told = [
        [sealed(case_received(case_id, str(number)), number) for case_id in cases]
        for number in range(1, of_each + 1)
    ]
    for wave in told:
        receiver.take(*wave)
    del receiver.deeds["1"]
    receiver.calls.clear()
    return [wire for wave in told for wire in wave]


def drain(receiver: Receiver) -> None:
    receiver.run("UPDATE held_messages SET next_at = now() WHERE next_at IS NOT NULL")
    while receiver.delivery.drain_held():
        pass


def test_thousands_that_come_due_at_once_take_few_transactions(
    receiver: Receiver, counted: Counting
) -> None:
    cases = [uuid4() for _ in range(CASES)]
    hold(receiver, cases, OF_EACH)
    assert receiver.rows("SELECT count(*) AS n FROM held_messages") == [{"n": CASES * OF_EACH}]
    counted.count = 0
    drain(receiver)
    order = [str(number) for number in range(1, OF_EACH + 1)]
    assert [receiver.words(case_id) for case_id in cases] == [order] * CASES
    assert receiver.rows("SELECT * FROM held_messages") == []
    assert counted.count < CASES * OF_EACH / 4
    cursors = receiver.rows("SELECT DISTINCT last_sequence FROM inbox_cursors")
    assert cursors == [{"last_sequence": OF_EACH}]
    assert set(receiver.states().values()) == {"handled"}


def test_one_that_fails_among_those_tried_together_fails_alone(
    receiver: Receiver, counted: Counting
) -> None:
    cases = [uuid4() for _ in range(20)]
    hold(receiver, cases)
    bad = sealed(case_received(uuid4(), "bad"), 1)
    receiver.deeds["bad"] = too_soon
    receiver.take(bad)
    receiver.deeds["bad"] = fail
    drain(receiver)
    assert [receiver.words(case_id) for case_id in cases] == [["1"]] * 20
    (held,) = receiver.rows("SELECT message_id, reason, faults, unended FROM held_messages")
    assert held == {"message_id": message_id_of(bad), "reason": "fault", "faults": 1, "unended": 0}


class Death(BaseException):
    """Ends the drain as the end of its process would."""


def test_whoever_may_have_ended_the_process_is_tried_alone_from_then_on(
    receiver: Receiver, counted: Counting, engine: Engine
) -> None:
    seen: list[object] = []

    def note(session: Session, _message: Message) -> None:
        seen.append(session.scalar(text("SELECT pg_current_xact_id()::text")))

    def die(_session: Session, _message: Message) -> None:
        raise Death

    cases = [uuid4() for _ in range(32)]
    hold(receiver, cases)
    receiver.deeds["1"] = die
    with pytest.raises(Death):
        drain(receiver)
    assert receiver.rows("SELECT sum(unended) AS n FROM held_messages") == [{"n": 1}]
    with Database(engine).begin() as session:
        leased = holding.next_due(session, MOST_AT_ONCE)
    assert len(leased) == 31, "these were tried together when the process died"

    receiver.deeds["1"] = note
    drain(receiver)
    assert receiver.rows("SELECT * FROM held_messages") == []
    assert len(set(seen)) == len(seen) == 32, "each in a transaction of its own"


def test_tries_that_take_long_are_made_one_by_one(
    receiver: Receiver, counted: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = [uuid4() for _ in range(40)]
    hold(receiver, cases)
    clock = Clock()
    monkeypatch.setattr(draining, "time", clock)
    groups: list[object] = []

    def take_long(session: Session, _message: Message) -> None:
        clock.now += 1.0
        groups.append(session.scalar(text("SELECT pg_current_xact_id()::text")))

    receiver.deeds["1"] = take_long
    receiver.run("UPDATE held_messages SET next_at = now()")
    assert 0 < receiver.delivery.drain_held() <= draining.LONGEST + 2, "then others have their turn"
    drain(receiver)
    assert len(set(groups)) == len(groups) == 40


class Clock:
    """A clock turned by hand."""

    now = 1000.0

    def monotonic(self) -> float:
        return self.now


def test_two_due_messages_of_one_aggregate_are_not_tried_together(
    receiver: Receiver, counted: Counting
) -> None:
    case_id = uuid4()
    hold(receiver, [case_id, *(uuid4() for _ in range(5))], 3)
    receiver.run("UPDATE held_messages SET next_at = now()")
    with receiver.database.begin() as session:
        leased = holding.next_due(session, MOST_AT_ONCE)
    assert len({it.envelope.aggregate_id for it in leased}) == len(leased) == 6
    assert {it.envelope.sequence for it in leased} == {1}
