"""Processes die at the worst moments (faults 1, 2, 3, 4, 5, 7, 20)."""

import os
from signal import SIGCONT, SIGKILL, SIGSTOP

from tests.faults.lab import Lab
from tests.faults.roles import RECEIVER, SENDER, SLOW


def test_a_worker_killed_in_the_middle_of_its_work_loses_and_repeats_nothing(lab: Lab) -> None:
    for _ in range(4):
        lab.tell(120, kind=SLOW)
        lab.wait_for_effects(lab.effects() + 1)
        lab.roles["worker"].signal(SIGKILL)
    lab.settle(seconds=90)
    lab.assert_each_once_in_order()


def test_killing_only_the_process_that_handles_is_the_same_as_killing_the_worker(lab: Lab) -> None:
    lab.tell(40, kind=SLOW)
    process = lab.roles["worker"].process
    assert process is not None
    os.kill(process.pid, SIGKILL)
    lab.settle(seconds=60)
    lab.assert_each_once_in_order()


def test_a_worker_frozen_with_a_message_in_its_hand_and_then_killed_loses_nothing(
    lab: Lab,
) -> None:
    for _ in range(3):
        lab.roles["worker"].signal(SIGSTOP)
        lab.tell(8)
        # A blocking pop that was under way is answered by the server to the frozen process:
        # the message is in nobody's queue any more.
        lab.roles["worker"].signal(SIGKILL)
        lab.roles["worker"].signal(SIGCONT)
    lab.settle(seconds=60)
    lab.assert_each_once_in_order()


def test_a_relay_killed_between_lease_and_sending_delays_by_one_lease(lab: Lab) -> None:
    die_once(lab, "before")


def test_a_relay_killed_right_after_sending_causes_no_second_effect(lab: Lab) -> None:
    die_once(lab, "after")


def die_once(lab: Lab, when: str) -> None:
    """Let the sender's relay die around its next sending; the supervisor starts it again."""
    lab.roles["sender"].end()
    marker = lab.folder / f"died-{when}"
    role = lab.run("sender", "sender", LAB_DIES=when, LAB_DIED_FILE=str(marker))
    lab.tell(40, is_published=False)
    lab.settle(seconds=60)
    assert marker.exists()
    assert role.restarts == 1
    lab.assert_each_once_in_order()


def test_receipts_dropped_a_hundred_times_cost_repeats_and_nothing_else(lab: Lab) -> None:
    broker = lab.client()
    lab.roles["sender"].signal(SIGSTOP)
    dropped = 0
    while dropped < 100:
        expected = lab.effects() + 5
        lab.tell(5, frame=1)
        lab.wait_for_effects(expected)
        lab.wait(lambda: broker.llen(f"{SENDER}.receipts") > 0, seconds=10, what="receipts wait")
        dropped += broker.delete(f"{SENDER}.receipts") * 5
    lab.roles["sender"].signal(SIGCONT)
    found = lab.settle(seconds=90)
    assert found.resent >= 100
    lab.assert_each_once_in_order()


def test_a_worker_and_a_relay_an_hour_off_send_and_apply_everything_once(lab: Lab) -> None:
    for name, shift in (("worker", 3600.0), ("sender", -3600.0)):
        lab.roles[name].end()
        lab.run(name, name, shift=shift)
    lab.tell(80)
    lab.tell(80, is_published=False)
    found = lab.settle(seconds=60)
    lab.assert_each_once_in_order()
    assert found.resent < found.told
    off = lab.query(RECEIVER, "SELECT count(*) FROM inbox WHERE received_at > now() + '1 min'")
    assert off == [(0,)], "the database's clock decides"
    for name in ("worker", "sender"):
        lab.roles[name].end()
        lab.run(name, name)
