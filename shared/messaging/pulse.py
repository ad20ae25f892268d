"""A loop that stands still ends its process, so that the process can be started again.

The relay and notification's sender ask the database and the network all the time. Every one of
those waits has an end of its own; this is for the one that was forgotten. Every process is
supervised and started again, and what it was doing is taken up again.
"""

import os
import threading
import time
from collections.abc import Callable

from shared.kit.connections import SILENT_SECONDS
from shared.kit.logging import logger
from shared.messaging.watchdog import STUCK

LONGEST = 3 * SILENT_SECONDS
"""Seconds a step may take: more than one silent connection, tried twice, can cost."""
LOOKS = 10
"""How often it is looked at within that time."""


Beat = Callable[[], None]


def unwatched() -> None:
    """The beat of a loop that nobody watches."""


class Pulse:
    """Watches one loop from a thread of its own; the loop beats at every step."""

    def __init__(
        self,
        name: str,
        *,
        longest: float = LONGEST,
        give_up: Callable[[], None] | None = None,
    ) -> None:
        self._name = name
        self._longest = longest
        self._give_up = give_up or (lambda: os._exit(STUCK))
        self._beaten_at = time.monotonic()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"{name}-pulse", daemon=True)

    def start(self) -> None:
        """Begin watching."""
        self.beat()
        self._thread.start()

    def close(self) -> None:
        """Stop watching."""
        self._stop.set()

    def beat(self) -> None:
        """The loop has come to its next step."""
        self._beaten_at = time.monotonic()

    def _run(self) -> None:
        while not self._stop.wait(self._longest / LOOKS):
            silence = time.monotonic() - self._beaten_at
            if silence > self._longest:
                logger().error("loop_stuck", code=self._name, seconds=round(silence))
                self._give_up()
                return
