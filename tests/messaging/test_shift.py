"""Thousands of held messages that become due at once leave new frames their turns (fault 31)."""

from itertools import pairwise
from uuid import UUID, uuid4

import pytest
from sqlalchemy.orm import Session

from shared.contracts import Message
from shared.kit.errors import NotYet
from shared.messaging import draining
from shared.messaging.draining import LONGEST, MOST_AT_ONCE, Shift
from tests.messaging.parts import Receiver, case_received, sealed, wires

A_TRY = 0.75


class Clock:
    """Turned by the handlers: each try takes as long as it is said to."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def work(self, _session: Session, _message: Message) -> None:
        self.now += A_TRY


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(draining, "time", made)
    return made


def hold(receiver: Receiver, count: int) -> list[UUID]:
    """So many messages of different cases that were too soon, and are due and possible now."""

    def too_soon(_session: Session, _message: Message) -> None:
        raise NotYet

    cases = [uuid4() for _ in range(count)]
    receiver.deeds["held"] = too_soon
    for start in range(0, count, 64):
        receiver.take(*[sealed(case_received(it, "held"), 1) for it in cases[start : start + 64]])
    receiver.run("UPDATE held_messages SET next_at = now()")
    receiver.deeds.clear()
    receiver.calls.clear()
    return cases


def test_one_drain_is_bounded_in_number(receiver: Receiver) -> None:
    hold(receiver, MOST_AT_ONCE + 1)
    assert receiver.delivery.drain_held() == MOST_AT_ONCE
    assert receiver.delivery.has_more_due
    assert receiver.delivery.drain_held() == 1
    assert not receiver.delivery.has_more_due


def test_one_drain_is_bounded_in_time(receiver: Receiver, clock: Clock) -> None:
    hold(receiver, 10)
    receiver.deeds["held"] = clock.work
    assert receiver.delivery.drain_held() == 3
    assert LONGEST < clock.now < LONGEST + A_TRY
    assert receiver.delivery.has_more_due


def test_a_worker_nobody_waits_for_tries_everything_that_is_due(receiver: Receiver) -> None:
    cases = hold(receiver, 2 * MOST_AT_ONCE + 3)
    Shift(receiver.delivery, lambda: False).take()
    assert [receiver.words(case_id) for case_id in cases] == [["held"]] * len(cases)


def test_a_worker_somebody_waits_for_gives_held_messages_half_of_its_time(
    receiver: Receiver, clock: Clock
) -> None:
    hold(receiver, 12)
    began: list[float] = []

    def slow(session: Session, message: Message) -> None:
        began.append(clock.now)
        clock.work(session, message)

    receiver.deeds["held"] = slow
    shift = Shift(receiver.delivery, lambda: True)
    while len(began) < 12:
        tried = len(began)
        shift.take()
        assert len(began) - tried <= 3, "one drain at a time"
        clock.now += 0.1  # a frame, or a canary
    pauses = [later - earlier - A_TRY for earlier, later in pairwise(began)]
    assert sum(pauses) >= sum(A_TRY for _ in began[:-3])


def test_a_frame_that_wakes_what_waited_does_not_try_the_thousands_that_are_due(
    receiver: Receiver,
) -> None:
    cases = hold(receiver, 2 * MOST_AT_ONCE)
    receiver.delivery.drain_held()
    assert receiver.delivery.has_more_due
    tried = len(receiver.calls)
    case_id = uuid4()
    first, second = wires(case_id, 1, 2)
    receiver.take(second)
    receiver.take(first)
    assert len(receiver.calls) == tried + 1, "its own message only"
    Shift(receiver.delivery, lambda: False).take()
    assert receiver.words(case_id) == ["1", "2"]
    assert all(receiver.words(it) == ["held"] for it in cases)
