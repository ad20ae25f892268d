"""A loop that hangs ends its process; one that goes on, however slowly, does not."""

import subprocess
import sys
import threading
from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from shared.messaging.pulse import Pulse
from shared.messaging.sweeps import Sweep
from shared.messaging.watchdog import STUCK
from tests.messaging.desk import Desk

HANGING = """
import threading
from shared.messaging.pulse import Pulse
pulse = Pulse("hanging", longest=0.3)
pulse.start()
threading.Event().wait({seconds})
"""


def test_a_process_whose_loop_hangs_ends_itself() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", HANGING.format(seconds=60)], timeout=30, check=False
    )
    assert ended.returncode == STUCK


def test_a_loop_that_goes_on_is_left_alone() -> None:
    stuck, ended = threading.Event(), threading.Event()
    pulse = Pulse("going", longest=0.5, give_up=stuck.set)
    pulse.start()
    for _ in range(20):
        pulse.beat()
        ended.wait(0.05)
    assert not stuck.is_set()
    assert stuck.wait(10), "it went on no more"
    pulse.close()


@pytest.mark.parametrize("count", [0, 3])
def test_a_relay_beats_at_every_step(desk: Desk, count: int) -> None:
    swept: list[int] = []
    beats: list[int] = []

    def sweep(_session: Session, _now: datetime) -> int:
        swept.append(1)
        return 0

    sweeps = [Sweep(f"sweep{number}", sweep) for number in range(count)]
    desk.tell(1)
    desk.relay(sweeps=sweeps, beat=lambda: beats.append(len(swept))).round()
    assert len(swept) == count
    assert beats[:count] == list(range(count)), "before every sweep"
    assert len(beats) > count
