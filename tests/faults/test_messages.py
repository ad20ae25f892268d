"""Poison, a hundred copies at once, heaps of messages (faults 18, 19, 21, 22)."""

import random
from collections.abc import Iterator
from signal import SIGCONT, SIGSTOP
from uuid import UUID

import pytest

from shared.contracts.vocabulary import OrganisationKind
from shared.kit.clock import utc_now
from shared.messaging import parking
from shared.messaging.parking import ReplayReason
from tests.faults.lab import Lab, receiver_begin
from tests.faults.roles import HANGS, KILLS, RAISES, RECEIVER


@pytest.fixture
def poisonable(lab: Lab) -> Iterator[Lab]:
    """The handlers misbehave until the file exists; parked messages are replayed in the end."""
    (lab.folder / "mended").unlink(missing_ok=True)
    yield lab
    (lab.folder / "mended").touch()


def test_one_message_a_hundred_times_at_once_has_one_effect(lab: Lab) -> None:
    lab.roles["worker"].signal(SIGSTOP)
    lab.tell(30)
    broker = lab.client()
    lab.wait(lambda: broker.llen(RECEIVER) > 0, seconds=10, what="frames wait")
    frames = broker.lrange(RECEIVER, 0, -1)
    for _ in range(99):
        broker.lpush(RECEIVER, *frames)
    for extra in range(3):
        lab.run(f"worker-{extra}", "worker")
    lab.roles["worker"].signal(SIGCONT)
    lab.wait(lambda: broker.llen(RECEIVER) == 0, seconds=60, what="queue read")
    lab.settle()
    for extra in range(3):
        lab.roles.pop(f"worker-{extra}").end()
    lab.assert_each_once_in_order()


def test_shuffled_frames_are_applied_in_the_order_of_each_case(lab: Lab) -> None:
    lab.roles["worker"].signal(SIGSTOP)
    lab.tell(120, cases=4, frame=3)
    broker = lab.client()
    lab.wait(lambda: broker.llen(RECEIVER) >= 40, seconds=10, what="frames wait")
    frames = broker.lrange(RECEIVER, 0, -1)
    random.Random(7).shuffle(frames)
    broker.delete(RECEIVER)
    broker.rpush(RECEIVER, *frames)
    lab.roles["worker"].signal(SIGCONT)
    lab.settle()
    lab.assert_each_once_in_order()


@pytest.mark.parametrize("kind", [RAISES, KILLS, HANGS])
def test_poison_is_parked_while_others_flow_and_replayed_in_its_order(
    poisonable: Lab,
    kind: OrganisationKind,
) -> None:
    lab = poisonable
    begun = lab.effects()
    told = len(lab.told)
    (poisoned,) = lab.tell(1, cases=1, kind=kind)
    lab.tell_about([poisoned] * 3)
    lab.tell(40)

    lab.wait(lambda: parked(lab) != [], seconds=120, what="poison parked")
    lab.wait(lambda: lab.effects() == begun + 40, seconds=30, what="others applied")
    lab.settle()
    lab.assert_each_once_in_order(except_for=4)
    ((message_id, attempts),) = parked(lab)
    assert attempts > 5

    (lab.folder / "mended").touch()
    with receiver_begin(lab)() as session:
        parking.replay(
            session,
            message_id=message_id,
            actor="operator:test",
            reason=ReplayReason.CAUSE_FIXED,
            now=utc_now(),
        )
    lab.wait(lambda: lab.effects() == begun + 44, seconds=30, what="replayed")
    lab.settle()
    assert len(lab.told) == told + 44
    lab.assert_each_once_in_order()


def parked(lab: Lab) -> list[tuple[UUID, int]]:
    """What waits for a person."""
    return lab.query(
        RECEIVER, "SELECT message_id, attempts FROM parked_messages WHERE replayed_at IS NULL"
    )


def test_junk_in_the_queue_ends_a_worker_and_nothing_else(lab: Lab) -> None:
    broker = lab.client()
    lab.tell(20)
    broker.lpush(RECEIVER, b"\xff\x00 no message", b"{}", b'{"body": 1}')
    lab.tell(20)
    lab.settle(seconds=90)
    lab.assert_each_once_in_order()


@pytest.fixture
def patient(lab: Lab) -> Iterator[Lab]:
    """The sender's relay with a lease that is longer than the queue takes to drain."""
    lab.roles["sender"].end()
    lab.run("sender", "sender", LAB_LEASE_SECONDS=str(PATIENT))
    yield lab
    lab.roles["sender"].end()
    lab.run("sender", "sender")


PATIENT = 10.0


def test_ten_thousand_waiting_messages_are_drained_without_sending_any_twice(patient: Lab) -> None:
    lab = patient
    before = lab.balance()
    lab.roles["worker"].signal(SIGSTOP)
    lab.tell(10_000, cases=500, frame=64, lease=PATIENT)
    lab.roles["worker"].signal(SIGCONT)
    found = lab.settle(seconds=120)
    assert (found.resent - before.resent) / 10_000 <= 0.01
    lab.assert_each_once_in_order()


def test_a_hundred_thousand_rows_of_outbox_leave_without_flooding_the_queue(patient: Lab) -> None:
    lab = patient
    broker = lab.client()
    lab.roles["worker"].signal(SIGSTOP)
    lab.tell(100_000, cases=5000, frame=5000, is_published=False)
    lab.wait(lambda: broker.llen(RECEIVER) >= 280, seconds=60, what="queue filled")
    assert broker.llen(RECEIVER) <= 320, "the relay sends only while the queue is short"
    lab.roles["worker"].signal(SIGCONT)
    lab.settle(seconds=240)
    lab.assert_each_once_in_order()
