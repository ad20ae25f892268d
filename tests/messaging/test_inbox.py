"""Each message has one effect, in the order of its aggregate, whatever the broker does to it."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from deploy.local.patience import wait_until
from shared.messaging import inbox, sweeping
from shared.messaging.tables import INBOX_CURSORS
from tests.messaging.parts import (
    Receiver,
    case_received,
    in_frames,
    message_id_of,
    message_in,
    organisation_changed,
    sealed,
    wires,
)
from tests.noticing import somebody_waits


def cursor(receiver: Receiver, aggregate_id: UUID) -> int | None:
    query = select(INBOX_CURSORS.c.last_sequence).where(
        INBOX_CURSORS.c.aggregate_id == aggregate_id
    )
    with receiver.database.read() as session:
        return session.scalar(query)


def test_one_message_delivered_a_hundred_times_at_once_has_one_effect(receiver: Receiver) -> None:
    case_id = uuid4()
    (wire,) = wires(case_id, 1)
    start = threading.Barrier(20)

    def hammer(_thread: int) -> list[UUID]:
        start.wait()
        return [message_id for _ in range(5) for message_id in receiver.take(wire)]

    with ThreadPoolExecutor(20) as threads:
        receipts = [found for ids in threads.map(hammer, range(20)) for found in ids]
    assert receiver.words(case_id) == ["1"]
    assert receiver.state(wire) == "handled"
    assert receipts == [message_id_of(wire)] * 100, "each sender may forget it"
    assert not receiver.rows("SELECT * FROM delivery_attempts")
    assert not receiver.rows("SELECT * FROM begun_frames")


def test_a_repeat_within_one_frame_has_one_effect(receiver: Receiver) -> None:
    case_id = uuid4()
    (wire,) = wires(case_id, 1)
    assert receiver.take(wire, wire, wire) == [message_id_of(wire)]
    assert receiver.words(case_id) == ["1"]


@given(data=st.data(), count=st.integers(1, 9))
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_shuffled_and_repeated_messages_are_applied_in_order(
    receiver: Receiver, data: st.DataObject, count: int
) -> None:
    case_id = uuid4()
    told = wires(case_id, *range(1, count + 1))
    shuffled = data.draw(st.permutations(told))
    repeats = data.draw(st.lists(st.sampled_from(told), max_size=5))
    sizes = data.draw(st.lists(st.integers(1, 4), max_size=6))
    for frame in in_frames([*shuffled, *repeats], sizes):
        receiver.take(*frame)
    assert receiver.words(case_id) == [str(number) for number in range(1, count + 1)]
    assert cursor(receiver, case_id) == count


@given(seed=st.integers(0, 2**32))
@settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_several_workers_at_once_apply_every_case_in_order(receiver: Receiver, seed: int) -> None:
    draw = random.Random(seed)
    cases = [uuid4() for _ in range(3)]
    told = [wire for case_id in cases for wire in wires(case_id, *range(1, 7))] * 2
    draw.shuffle(told)
    frames = in_frames(told, [draw.randint(1, 5) for _ in range(20)])
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda frame: receiver.take(*frame), frames))
    with receiver.database.begin() as session:
        sweeping.wake_missed(session)
    receiver.later()
    for case_id in cases:
        assert receiver.words(case_id) == ["1", "2", "3", "4", "5", "6"]


def test_what_comes_after_a_gap_is_held_until_the_gap_is_filled(receiver: Receiver) -> None:
    case_id = uuid4()
    first, second, third = wires(case_id, 1, 2, 3)
    assert receiver.take(third) == [message_id_of(third)], "held is taken over: it may be receipted"
    receiver.take(first)
    assert receiver.words(case_id) == ["1"]
    assert receiver.state(third) == "held"
    receiver.take(second)
    assert receiver.words(case_id) == ["1", "2", "3"]
    assert receiver.state(third) == "handled"
    assert not receiver.rows("SELECT * FROM held_messages")


def test_the_beginning_of_a_frame_with_a_gap_does_not_wait_for_the_gap(receiver: Receiver) -> None:
    case_id = uuid4()
    one, two, three, four, five = wires(case_id, 1, 2, 3, 4, 5)
    receiver.take(one, two, four, five)
    assert receiver.words(case_id) == ["1", "2"]
    receiver.take(three)
    assert receiver.words(case_id) == ["1", "2", "3", "4", "5"]


def test_a_turn_that_two_workers_missed_between_them_is_noticed(receiver: Receiver) -> None:
    case_id = uuid4()
    first, second = wires(case_id, 1, 2)
    early = [message_in(second)]
    with ThreadPoolExecutor(1) as threads:
        with receiver.database.begin() as session:
            claim = inbox.claim(session, early)
            inbox.hold_early(session, claim.out_of_turn)
            other = threads.submit(receiver.take, first)
            assert wait_until(lambda: somebody_waits(receiver.database.begin), within=5)
        other.result()
    assert receiver.words(case_id) == ["1"], "the second is held, and the first did not see it"
    with receiver.database.begin() as session:
        sweeping.wake_missed(session)
        assert sweeping.look(session).has_held_due
    receiver.delivery.drain_held()
    assert receiver.words(case_id) == ["1", "2"]


def test_two_senders_about_one_id_do_not_wait_for_each_other(receiver: Receiver) -> None:
    shared_id = uuid4()
    from_intake = sealed(case_received(shared_id, "case 2"), 2)
    from_directory = sealed(organisation_changed(shared_id, "organisation 1"), 1)
    receiver.take(from_intake, from_directory)
    assert receiver.words(shared_id) == ["organisation 1"]
    receiver.take(sealed(case_received(shared_id, "case 1"), 1))
    assert receiver.words(shared_id) == ["organisation 1", "case 1", "case 2"]


def test_cases_do_not_wait_for_each_other(receiver: Receiver) -> None:
    waiting, ready = uuid4(), uuid4()
    receiver.take(*wires(waiting, 2), *wires(ready, 1, 2))
    assert receiver.words(waiting) == []
    assert receiver.words(ready) == ["1", "2"]
