"""The receiver's worker and relay are one process (a small server), and the same faults are met.

The tests are those of worker and relay apart; what is called the worker here is both. Together
they take two minutes, and what they are about is nearly always broken in both ways of running.
"""

from signal import SIGKILL

import psycopg
import pytest

from deploy.compose.alive import is_alive
from tests.faults import test_broker, test_database, test_killed, test_messages, test_processes
from tests.faults.lab import Lab
from tests.faults.missing import wait_until_nobody_is_missed
from tests.faults.roles import RECEIVER, SLOW

pytestmark = pytest.mark.long

PROCESSES = {"worker": "back", "sender": "sender"}

poisonable = test_messages.poisonable

test_killed_in_the_middle_of_its_work = (
    test_processes.test_a_worker_killed_in_the_middle_of_its_work_loses_and_repeats_nothing
)
test_frozen_and_killed = (
    test_processes.test_a_worker_frozen_with_a_message_in_its_hand_and_then_killed_loses_nothing
)
test_an_hour_off = (
    test_processes.test_a_worker_and_a_relay_an_hour_off_send_and_apply_everything_once
)
test_the_broker_is_killed = test_broker.test_a_broker_killed_five_times_loses_nothing
test_the_broker_forgets = (
    test_broker.test_a_broker_that_forgets_everything_is_noticed_and_filled_again
)
test_the_database_restarts = (
    test_database.test_a_database_restarted_three_times_under_load_loses_and_repeats_nothing
)
test_every_connection_is_terminated = (
    test_database.test_every_connection_terminated_again_and_again_loses_nothing
)
test_poison_of_every_sort = (
    test_messages.test_poison_of_every_sort_is_parked_while_others_flow_and_replayed_in_its_order
)


BEFORE_THE_LEASE = 20.0
"""Seconds, within which a new process has started, too: it is its own relay that asks."""


def test_what_it_was_killed_with_comes_again_before_the_lease_ends(lab: Lab) -> None:
    for name in list(lab.roles):
        lab.run_again(name, LAB_LEASE_SECONDS=str(test_killed.LEASE))
    lab.settle()
    wait_until_nobody_is_missed(lab)
    before, effects = test_killed.sent_again(lab), lab.effects()
    lab.tell(48, kind=SLOW, lease=test_killed.LEASE)
    lab.wait_for_effects(effects + 1)
    lab.roles["worker"].signal(SIGKILL)
    lab.wait(
        lambda: test_killed.sent_again(lab) > before, seconds=BEFORE_THE_LEASE, what="sent again"
    )
    lab.settle()
    lab.assert_each_once_in_order()
    for name in list(lab.roles):
        lab.run_again(name)


def shows_signs_of(lab: Lab, role: str) -> bool:
    """What the health check of a container asks, over TCP as there."""
    url = lab.postgres.tcp_url(RECEIVER, "lab", "lab").replace("+psycopg", "", 1)
    with psycopg.connect(url) as connection:
        return is_alive(connection, RECEIVER, role)


def test_it_is_alive_with_its_worker_and_its_relay_and_not_with_one_of_them(lab: Lab) -> None:
    lab.settle()
    lab.wait(lambda: shows_signs_of(lab, "back"), seconds=30, what="both show that they work")
    lab.roles["worker"].end()
    lab.run("worker", "worker")
    lab.wait(lambda: not shows_signs_of(lab, "relay"), seconds=30, what="there is no relay")
    lab.wait(lambda: shows_signs_of(lab, "worker"), seconds=60, what="the worker works")
    assert not shows_signs_of(lab, "back")
    lab.roles["worker"].end()
    lab.run("worker", "back")
    lab.wait(lambda: shows_signs_of(lab, "back"), seconds=60, what="both work again")
