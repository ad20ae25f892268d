"""A worker is killed with messages in its hand: they come again in seconds, whatever the lease.

The leases here are the product's own. None ends before 27 seconds.
"""

from collections.abc import Iterator
from signal import SIGKILL

import pytest

from shared.kit.settings import ServiceSettings
from shared.messaging.sweeping import AGAIN_AT_ONCE
from tests.faults.lab import Lab
from tests.faults.missing import wait_until_nobody_is_missed
from tests.faults.roles import KILLS, RECEIVER, SENDER, SLOW
from tests.faults.test_processes import is_frozen_with_a_frame_and_killed

LEASE: float = ServiceSettings.model_fields["lease_seconds"].default
SOON = 10.0
"""Seconds from a kill until what was in hand is in the queue again. How long a new process takes to
start is the machine's affair; `make bench` measures both together."""
MANY = 48


@pytest.fixture
def patient(lab: Lab) -> Iterator[Lab]:
    """Every process with the product's own lease."""
    for name in lab.roles:
        lab.roles[name].end()
        lab.run(name, name, LAB_LEASE_SECONDS=str(LEASE))
    lab.wait(lab.is_listening, seconds=30, what="worker listens")
    wait_until_nobody_is_missed(lab)
    yield lab
    (lab.folder / "mended").touch()


def sent_again(lab: Lab) -> int:
    """How often messages were sent once more, up to now."""
    rows = lab.query(
        SENDER,
        "SELECT (SELECT coalesce(sum(resent), 0) FROM outbox_totals)"
        " + (SELECT coalesce(sum((sends - 1) * cardinality(sequences)), 0)"
        "      FROM outbox WHERE sends > 1)",
    )
    return int(rows[0][0])


def wait_until_sent_again(lab: Lab, before: int) -> None:
    lab.wait(lambda: sent_again(lab) > before, seconds=SOON, what="sent again")


def test_what_a_worker_was_killed_with_comes_again_within_seconds(patient: Lab) -> None:
    lab = patient
    for _ in range(3):
        lab.settle()
        before, effects = sent_again(lab), lab.effects()
        lab.tell(MANY, kind=SLOW, lease=LEASE)
        lab.wait_for_effects(effects + 1)
        lab.roles["worker"].signal(SIGKILL)
        assert lab.effects() < effects + MANY, "it was killed while it had work"
        wait_until_sent_again(lab, before)
        lab.settle()
        assert sent_again(lab) - before <= MANY, "each once more at most"
    lab.assert_each_once_in_order()


def test_what_a_worker_was_given_and_never_saw_comes_again_within_seconds(patient: Lab) -> None:
    lab = patient
    for _ in range(20):
        before = sent_again(lab)
        if is_frozen_with_a_frame_and_killed(lab, lease=LEASE):
            break
        lab.settle()
    else:
        raise AssertionError("no frame was in nobody's queue any more")
    wait_until_sent_again(lab, before)
    lab.settle()
    lab.assert_each_once_in_order()


def looks(lab: Lab) -> object:
    """When the receiver's relay swept last, which it does as often as it looks for workers."""
    return lab.query(RECEIVER, "SELECT noted_at FROM shown_times")[0][0]


def sendings(lab: Lab) -> list[int]:
    """How often each message was sent."""
    told = lab.query(SENDER, "SELECT sends FROM outbox, unnest(sequences)")
    return [row[0] for row in told]


def test_nothing_is_asked_for_again_while_a_worker_only_stands_still(patient: Lab) -> None:
    lab = patient
    effects = lab.effects()
    with lab.frozen("worker"):
        lab.tell(8, lease=LEASE)
        for _ in range(3):
            seen = looks(lab)
            lab.wait(lambda: looks(lab) != seen, seconds=30, what="the relay has looked")  # noqa: B023
        assert sendings(lab) == [1] * 8
    lab.wait_for_effects(effects + 8)
    lab.settle()
    lab.assert_each_once_in_order()


def test_what_a_worker_had_in_hand_when_the_database_was_restarted_comes_within_seconds(
    patient: Lab,
) -> None:
    lab = patient
    before, effects = sent_again(lab), lab.effects()
    lab.tell(MANY, kind=SLOW, lease=LEASE)
    lab.wait_for_effects(effects + 1)
    lab.restart_database()
    assert lab.effects() < effects + MANY, "it had work"
    wait_until_sent_again(lab, before)
    lab.settle()
    lab.assert_each_once_in_order()


def test_a_message_that_kills_is_sent_again_at_once_only_twice_and_holds_up_nobody(
    patient: Lab,
) -> None:
    lab = patient
    (lab.folder / "mended").unlink(missing_ok=True)
    effects = lab.effects()
    restarts = lab.roles["worker"].restarts
    with lab.frozen("worker"):
        lab.tell(4, cases=4, lease=LEASE)
        (poisoned,) = lab.tell(1, cases=1, kind=KILLS, lease=LEASE)
        lab.tell(4, cases=4, lease=LEASE)
    lab.wait(lambda: attempts(lab) == AGAIN_AT_ONCE + 1, seconds=60, what="it has killed again")
    assert lab.effects() == effects + 8, "whoever came with it is done"
    seen = looks(lab)
    lab.wait(lab.is_listening, seconds=30, what="worker listens")
    lab.wait(lambda: looks(lab) != seen, seconds=30, what="the relay has looked")
    lease = (
        "SELECT sends, extract(epoch FROM next_at - now()) FROM outbox WHERE %s = ANY(aggregates)"
    )
    ((sends, seconds),) = lab.query(SENDER, lease, poisoned)
    assert sends == AGAIN_AT_ONCE + 1
    assert seconds > LEASE, "it comes again when a longer lease ends"
    assert lab.roles["worker"].restarts - restarts == AGAIN_AT_ONCE + 1

    (lab.folder / "mended").touch()
    lab.query(SENDER, "UPDATE outbox SET next_at = now()")
    lab.settle()
    lab.assert_each_once_in_order()


def attempts(lab: Lab) -> int:
    return int(
        lab.query(RECEIVER, "SELECT coalesce(max(attempts), 0) FROM delivery_attempts")[0][0]
    )
