"""Poison, a hundred copies at once, gaps, heaps of messages (faults 18, 19, 21, 22)."""

import random
from collections.abc import Iterator
from uuid import UUID

import psycopg
import pytest

from deploy.compose.alive import is_alive
from shared.kit.clock import utc_now
from shared.messaging import holding, parking
from shared.messaging.parking import ReplayReason
from tests.faults.lab import Lab, Way, receiver_begin
from tests.faults.roles import HANGS, KILLS, RAISES, RECEIVER, SENDER


@pytest.fixture
def poisonable(lab: Lab) -> Iterator[Lab]:
    """The handlers misbehave until the file exists; parked messages are replayed in the end."""
    (lab.folder / "mended").unlink(missing_ok=True)
    yield lab
    (lab.folder / "mended").touch()


def test_one_message_a_hundred_times_at_once_has_one_effect(lab: Lab) -> None:
    others = [f"worker-{number}" for number in range(3)]
    for other in others:
        lab.run(other, "worker")
    lab.wait(lambda: lab.pops() == 4, seconds=30, what="four workers listen")
    broker = lab.client()
    with lab.frozen("worker", *others):
        lab.tell(30)
        frames = lab.wait_for_frames(1)
        for _ in range(99):
            broker.lpush(RECEIVER, *frames)
    lab.wait(lambda: broker.llen(RECEIVER) == 0, seconds=60, what="queue read")
    lab.settle()
    for other in others:
        lab.roles.pop(other).end()
    lab.assert_each_once_in_order()


def test_shuffled_frames_are_applied_in_the_order_of_each_case(lab: Lab) -> None:
    broker = lab.client()
    with lab.frozen("worker"):
        lab.tell(120, cases=4, frame=3)
        # One of the forty may have been given to the frozen worker, whose pop was under way.
        frames = lab.wait_for_frames(39)
        random.Random(7).shuffle(frames)
        broker.delete(RECEIVER)
        broker.rpush(RECEIVER, *frames)
    lab.settle()
    lab.assert_each_once_in_order()


def test_what_follows_a_message_that_is_missing_waits_for_it_and_nothing_else_does(
    lab: Lab,
) -> None:
    before = lab.effects()
    with lab.frozen("sender"):
        (case_id,) = lab.tell(1, cases=1, way=Way.RELAY)
        withhold(lab, case_id)
    lab.tell_about([case_id] * 5)
    lab.tell(40)

    lab.wait(lambda: waiting(lab, case_id) == [2, 3, 4, 5, 6], seconds=30, what="the rest is held")
    lab.wait(lambda: lab.effects() == before + 40, seconds=30, what="others applied")
    assert lab.query(RECEIVER, "SELECT FROM effects WHERE case_id = %s", case_id) == []

    release(lab, case_id)
    lab.settle()
    assert waiting(lab, case_id) == []
    lab.assert_each_once_in_order()


def withhold(lab: Lab, case_id: UUID) -> None:
    """Keep the only message of a case from being sent."""
    later = "UPDATE outbox SET next_at = now() + interval '1 hour' WHERE aggregates = ARRAY[%s]"
    lab.query(SENDER, f"{later} AND sends = 0 AND sequences = '{{1}}'", case_id)


def release(lab: Lab, case_id: UUID) -> None:
    """Let it go."""
    lab.query(SENDER, "UPDATE outbox SET next_at = now() WHERE %s = ANY(aggregates)", case_id)


def waiting(lab: Lab, case_id: UUID) -> list[int]:
    """The places in the order of their case of those messages that are held for their turn."""
    rows = lab.query(
        RECEIVER,
        "SELECT sequence FROM held_messages WHERE aggregate_id = %s AND next_at IS NULL"
        " AND reason = 'early' ORDER BY sequence",
        case_id,
    )
    return [row[0] for row in rows]


@pytest.mark.long
def test_poison_of_every_sort_is_parked_while_others_flow_and_replayed_in_its_order(
    poisonable: Lab,
) -> None:
    lab = poisonable
    begun = lab.effects()
    told = len(lab.told)
    for kind in (RAISES, KILLS, HANGS):
        (poisoned,) = lab.tell(1, cases=1, kind=kind)
        lab.tell_about([poisoned] * 3)
    lab.tell(40)

    lab.wait(lambda: failing(lab) == 2, seconds=150, what="two fail and are tried again")
    lab.wait(lambda: len(parked(lab)) == 1, seconds=150, what="the one that kills is parked")
    let_a_day_pass(lab)
    lab.wait(lambda: len(parked(lab)) == 3, seconds=60, what="the others too, after a day")
    lab.wait(lambda: lab.effects() == begun + 40, seconds=30, what="others applied")
    lab.settle()
    lab.assert_each_once_in_order(except_for=12)
    reasons = lab.query(RECEIVER, "SELECT reason FROM parked_messages ORDER BY 1")
    assert reasons == [("attempts_exhausted",), ("attempts_exhausted",), ("never_ended",)]

    (lab.folder / "mended").touch()
    for message_id, _ in parked(lab):
        with receiver_begin(lab)() as session:
            parking.replay(
                session,
                message_id=message_id,
                actor="operator:test",
                reason=ReplayReason.CAUSE_FIXED,
                now=utc_now(),
            )
    lab.wait(lambda: lab.effects() == begun + 52, seconds=30, what="replayed")
    lab.settle()
    assert len(lab.told) == told + 52
    lab.assert_each_once_in_order()


def failing(lab: Lab) -> int:
    """How many messages failed and wait for their next try."""
    query = "SELECT count(*) FROM held_messages WHERE reason = 'fault' AND next_at > now()"
    return int(lab.query(RECEIVER, query)[0][0])


def let_a_day_pass(lab: Lab) -> None:
    """What failed has failed as often as it does in a day; its last try is due."""
    statement = "UPDATE held_messages SET faults = %s, next_at = now() WHERE reason = 'fault'"
    lab.query(RECEIVER, statement, holding.MOST_FAULTS - 1)


def parked(lab: Lab) -> list[tuple[UUID, int]]:
    """What waits for a person."""
    return lab.query(
        RECEIVER, "SELECT message_id, attempts FROM parked_messages WHERE replayed_at IS NULL"
    )


@pytest.mark.long
def test_a_worker_shows_that_it_works_while_every_message_of_a_frame_hangs(
    poisonable: Lab,
) -> None:
    lab = poisonable
    restarts = lab.roles["worker"].restarts
    lab.tell(64, cases=64, kind=HANGS, frame=64)
    lab.wait(lambda: interrupted(lab) >= 2, seconds=150, what="one after the other is interrupted")
    lab.query(RECEIVER, "UPDATE heartbeats SET seen_at = now() - interval '5 minutes'")

    lab.wait(lambda: is_shown_alive(lab), seconds=60, what="it is not taken for dead")
    assert interrupted(lab) < 64, "and the frame is still being handled"
    (lab.folder / "mended").touch()
    lab.query(RECEIVER, "UPDATE held_messages SET next_at = now()")
    lab.settle()
    lab.assert_each_once_in_order()
    assert lab.roles["worker"].restarts == restarts


def interrupted(lab: Lab) -> int:
    return int(lab.query(RECEIVER, "SELECT count(*) FROM held_messages")[0][0])


def is_shown_alive(lab: Lab) -> bool:
    """What `nhipcau alive` and the supervisor ask."""
    url = lab.postgres.url(RECEIVER, "postgres").replace("+psycopg", "", 1)
    with psycopg.connect(url) as connection:
        return is_alive(connection, RECEIVER, "worker")


def test_a_body_nobody_understands_is_parked_at_once_and_skipped_by_an_operator(lab: Lab) -> None:
    before = lab.effects()
    with lab.frozen("sender"):
        (case_id,) = lab.tell(1, cases=1, way=Way.RELAY)
        spoilt = (
            "UPDATE outbox SET messages = CAST(jsonb_set(CAST(messages AS jsonb), '{0,body}', '{}')"
            " AS json) WHERE aggregates = ARRAY[%s]"
        )
        lab.query(SENDER, spoilt, case_id)
    lab.tell_about([case_id] * 3, way=Way.RELAY)
    lab.tell(40)

    lab.wait(lambda: parked(lab) != [], seconds=30, what="parked")
    lab.wait(lambda: lab.effects() == before + 40, seconds=30, what="others applied")
    lab.settle()
    lab.assert_each_once_in_order(except_for=4)
    ((message_id, attempts),) = parked(lab)
    reason = "SELECT reason FROM parked_messages WHERE message_id = %s"
    assert lab.query(RECEIVER, reason, message_id) == [("invalid_body",)]
    assert attempts <= 2, "nothing that cannot become better is tried again and again"

    for act, actor in ((parking.propose_skip, "operator:one"), (parking.skip, "operator:two")):
        with receiver_begin(lab)() as session:
            act(
                session,
                message_id=message_id,
                actor=actor,
                reason=ReplayReason.NOT_NEEDED,
                now=utc_now(),
            )
    lab.skipped += 1
    lab.wait(lambda: lab.effects() == before + 43, seconds=30, what="the rest of its case")
    lab.settle()
    lab.assert_each_once_in_order()


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


PATIENT = 600.0
"""Seconds of a lease that does not end in a test, however slow the machine."""


def test_ten_thousand_waiting_messages_are_drained_without_sending_any_twice(patient: Lab) -> None:
    lab = patient
    before = lab.settle()
    with lab.frozen("worker"):
        lab.tell(10_000, cases=500, frame=64, lease=PATIENT)
    found = lab.settle()
    assert (found.resent - before.resent) / 10_000 <= 0.01
    lab.assert_each_once_in_order()


def test_a_hundred_thousand_rows_of_outbox_leave_without_flooding_the_queue(patient: Lab) -> None:
    lab = patient
    broker = lab.client()
    with lab.frozen("worker"):
        lab.tell(100_000, cases=5000, frame=5000, way=Way.RELAY)
        lab.wait_for_frames(280)
        assert broker.llen(RECEIVER) <= 320, "the relay sends only while the queue is short"
    lab.settle(seconds=240)
    lab.assert_each_once_in_order()
