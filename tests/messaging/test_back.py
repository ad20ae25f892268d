"""A relay beside a worker: it stops with it, and does not die unnoticed."""

import threading

import pytest

from deploy.local.patience import wait_until
from shared.messaging.broker import Broker
from shared.messaging.processes.back import RelayBeside
from shared.messaging.pulse import Pulse
from tests.messaging.desk import Desk
from tests.messaging.parts import SENDER


class Unforeseen(Broker):
    """A connection of which something is wrong that nobody has thought of."""

    def set_right(self) -> list[str]:
        raise LookupError


def test_a_relay_sends_beside_a_worker_and_ends_with_it(desk: Desk) -> None:
    asked = threading.Event()
    beside = RelayBeside(desk.relay(), Pulse("relay"), asked.set)
    desk.tell(3)
    beside.start()
    assert wait_until(lambda: len(desk.sent()) > 0, within=30)
    beside.stop()
    assert not [thread for thread in threading.enumerate() if thread.name == "relay"]
    assert not asked.is_set(), "it has not died"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_relay_that_dies_beside_a_worker_ends_the_process(desk: Desk) -> None:
    asked = threading.Event()
    broken = desk.relay(Unforeseen(SENDER, "redis+socket:///nowhere.sock"))
    pulse = Pulse("relay")
    RelayBeside(broken, pulse, asked.set).start()
    assert asked.wait(30)
    # Else it would end the process of the tests, of which no relay beats any more.
    pulse.close()
