"""The database restarts under everybody, or drops every connection (faults 12, 13)."""

from contextlib import ExitStack
from signal import SIGKILL

import psycopg

from tests.faults.lab import Lab
from tests.faults.roles import SLOW


def test_a_database_restarted_three_times_under_load_loses_and_repeats_nothing(lab: Lab) -> None:
    for _ in range(3):
        before = lab.effects()
        lab.tell(60, kind=SLOW)
        lab.wait_for_effects(before + 1)
        lab.restart_database()
    lab.settle()
    lab.assert_each_once_in_order()


def test_a_database_killed_outright_recovers_what_it_acknowledged(lab: Lab) -> None:
    lab.tell(60)
    lab.postgres.kill()
    lab.restart_database()
    lab.settle()
    lab.assert_each_once_in_order()


def test_every_connection_terminated_again_and_again_loses_nothing(lab: Lab) -> None:
    for _ in range(5):
        before = lab.effects()
        lab.tell(40, kind=SLOW)
        lab.wait_for_effects(before + 1)
        lab.terminate_backends()
    lab.settle()
    lab.assert_each_once_in_order()


def test_a_server_out_of_connections_delays_and_loses_nothing(lab: Lab) -> None:
    with ExitStack() as held:
        while connected(lab, held):
            pass
        lab.roles["worker"].signal(SIGKILL)
        lab.tell(40)
    lab.settle()
    lab.assert_each_once_in_order()


def connected(lab: Lab, held: ExitStack) -> bool:
    """Take one more connection; False when the server has no more."""
    try:
        held.enter_context(psycopg.connect(lab.visitor_url()))
    except psycopg.OperationalError:
        return False
    return True
