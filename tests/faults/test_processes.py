"""Processes die, are away or believe in another hour (faults 1, 2, 3, 4, 5, 7, 20, 37)."""

import os
from datetime import timedelta
from signal import SIGKILL, SIGTERM

import pytest

from shared.messaging.broker import MOST_RECEIPTS
from tests.faults import pace
from tests.faults.lab import Lab, Way
from tests.faults.missing import wait_until_nobody_is_missed
from tests.faults.roles import RECEIVER, SENDER, SLOW

HOUR = 3600.0
PATIENT = 30.0
"""Seconds of a lease that does not end in a test."""


def test_a_worker_killed_in_the_middle_of_its_work_loses_and_repeats_nothing(lab: Lab) -> None:
    for _ in range(4):
        lab.tell(40, kind=SLOW)
        lab.wait_for_effects(lab.effects() + 1)
        lab.roles["worker"].signal(SIGKILL)
    lab.settle()
    lab.assert_each_once_in_order()


def test_killing_only_the_process_that_handles_is_the_same_as_killing_the_worker(lab: Lab) -> None:
    before = lab.effects()
    lab.tell(40, kind=SLOW)
    lab.wait_for_effects(before + 1)
    process = lab.roles["worker"].process
    assert process is not None
    os.kill(process.pid, SIGKILL)
    assert lab.effects() < before + 40, "it was killed while it had work"
    lab.settle()
    lab.assert_each_once_in_order()


def test_a_worker_frozen_with_a_message_in_its_hand_and_then_killed_loses_nothing(
    lab: Lab,
) -> None:
    held = 0
    for _ in range(30):
        held += is_frozen_with_a_frame_and_killed(lab)
        if held == 3:
            break
    assert held == 3, "three frames were in nobody's queue any more"
    lab.settle()
    lab.assert_each_once_in_order()


def is_frozen_with_a_frame_and_killed(lab: Lab, lease: float = pace.LEASE) -> bool:
    """Whether the server had given the frame to the frozen process, whose pop was under way.

    A pop waits a second at most, so that it may have ended when the frame comes.
    """
    lab.wait(lab.is_listening, seconds=30, what="worker listens")
    with lab.frozen("worker"):
        lab.tell(8, lease=lease)
        is_in_hand = bool(lab.client().llen(RECEIVER) == 0)
        lab.roles["worker"].signal(SIGKILL)
    lab.wait(lambda: lab.pops() == 0, seconds=10, what="its pop has ended with it")
    return is_in_hand


def test_a_relay_killed_between_lease_and_sending_delays_by_one_lease(lab: Lab) -> None:
    die_once(lab, "before")


def test_a_relay_killed_right_after_sending_causes_no_second_effect(lab: Lab) -> None:
    die_once(lab, "after")


def die_once(lab: Lab, when: str) -> None:
    """Let the sender's relay die around its next sending; the supervisor starts it again."""
    lab.roles["sender"].end()
    marker = lab.folder / f"died-{when}"
    role = lab.run("sender", "sender", LAB_DIES=when, LAB_DIED_FILE=str(marker))
    lab.tell(40, way=Way.RELAY)
    lab.settle()
    assert marker.exists()
    assert role.restarts == 1
    lab.assert_each_once_in_order()


def test_receipts_dropped_a_hundred_times_cost_repeats_and_nothing_else(lab: Lab) -> None:
    broker = lab.client()
    receipts = f"{SENDER}.receipts"
    before = lab.settle()
    with lab.frozen("sender"):
        for _ in range(100):
            lab.tell(1)
            lab.wait(lambda: broker.llen(receipts) > 0, seconds=30, what="a receipt waits")
            assert broker.delete(receipts) == 1
    found = lab.settle()
    assert found.resent - before.resent >= 100
    lab.assert_each_once_in_order()


def test_a_relay_that_is_away_while_others_work_costs_repeats_and_no_memory(lab: Lab) -> None:
    broker = lab.client()
    receipts = f"{SENDER}.receipts"
    before = lab.settle()
    effects = lab.effects()
    with lab.frozen("sender"):
        lab.tell(100)
        lab.wait_for_effects(effects + 100)
        # Half an hour of an installation's receipts, which this test does not wait for.
        broker.lpush(receipts, *["of another sender's message"] * MOST_RECEIPTS)
        lab.wait(lambda: broker.llen(receipts) >= MOST_RECEIPTS, seconds=30, what="no room left")
        full = broker.llen(receipts)
        lab.tell(100)
        lab.wait_for_effects(effects + 200)
        # What the worker has noted it sends as it leaves, so nothing waits for the relay's return.
        worker = lab.roles["worker"]
        restarts = worker.restarts
        worker.signal(SIGTERM)
        lab.wait(lambda: worker.restarts > restarts, seconds=30, what="the worker came back")
        assert broker.llen(receipts) <= full + 1, "one may have been under way"
    found = lab.settle()
    assert broker.llen(receipts) == 0
    assert found.resent > before.resent, "what was not receipted was sent again"
    lab.assert_each_once_in_order()


@pytest.mark.parametrize("shift", [HOUR, -HOUR])
def test_a_worker_and_a_relay_an_hour_off_send_and_apply_everything_once(
    lab: Lab,
    shift: float,
) -> None:
    before = lab.settle()
    effects = lab.effects()
    for name, off in (("worker", shift), ("sender", -shift)):
        lab.run_again(name, shift=off, LAB_LEASE_SECONDS=str(PATIENT))
    lab.wait(lab.is_listening, seconds=30, what="worker listens")
    wait_until_nobody_is_missed(lab)
    lab.tell(80, lease=PATIENT)
    lab.tell(80, way=Way.RELAY)
    found = lab.settle()
    for name in ("worker", "sender"):
        lab.run_again(name)

    lab.assert_each_once_in_order()
    assert found.resent == before.resent, "nothing seemed overdue"
    assert hours_off(lab, effects) == {round(shift / HOUR)}, "the handlers' clock was wrong"
    shown = lab.query(SENDER, "SELECT shown - noted_at FROM shown_times")[0][0]
    assert abs(shown) < timedelta(minutes=5), "sweeps are told the database's time"
    believed = "SELECT count(*) FROM inbox WHERE abs(extract(epoch FROM received_at - now())) > 600"
    assert lab.query(RECEIVER, believed) == [(0,)], "the database's clock decides"


def hours_off(lab: Lab, after: int) -> set[int]:
    """By how many hours the clock differed with which the handlers wrote their later effects."""
    rows = lab.query(
        RECEIVER,
        "SELECT DISTINCT round(extract(epoch FROM handled_at - now()) / 3600)::int FROM"
        " (SELECT handled_at FROM effects ORDER BY place OFFSET %s) AS later",
        after,
    )
    return {row[0] for row in rows}
