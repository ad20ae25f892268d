"""A worker that has stopped consuming ends itself, so that it can be started again.

A consumer may reconnect to its broker and then wait for ever, alive by every outside measure. So
the worker sends canaries through its own queue and looks whether anything comes out. Every worker
is supervised, so one that ends is started again.

Of several workers on one queue any takes the canaries of all: one that rests gets none for as long
as others come before it. So it gives up only while something waits in the queue, which a worker
that consumes would take at once. One that hangs among others that take everything harms nobody.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from shared.kit.logging import logger
from shared.messaging.broker import Broker, BrokerDown

EVERY = 2.0
"""Seconds between two looks, and between two canaries of which none comes out."""
SOUND = 5.0
"""Seconds since something came off the queue in which no canary is needed."""
SILENCE = 8.0
"""Seconds without any delivery, canaries having been sent, after which a worker gives up."""
ENOUGH = 3
"""Canaries that must have been sent during the silence."""

STUCK = 70
"""Exit status of a worker that gave up."""


class Watchdog:
    """Watches one worker from a thread of its own.

    While the worker handles, it must tell of its progress: no step (a handler, a statement, one of
    many messages) may take longer than ``step_seconds``. How many steps there are does not matter.
    """

    def __init__(
        self,
        queue: str,
        broker: Broker,
        step_seconds: float,
        give_up: Callable[[], None] | None = None,
        *,
        on_progress: Callable[[], None] | None = None,
    ) -> None:
        self._on_progress = on_progress or (lambda: None)
        self._queue = queue
        self._broker = broker
        self._longest = step_seconds + SILENCE
        self._give_up = give_up or (lambda: os._exit(STUCK))
        self._consumed_at = time.monotonic()
        self._is_handling = False
        self._sent = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)

    def start(self) -> None:
        """Begin watching."""
        self._thread.start()

    def close(self) -> None:
        """Stop watching."""
        self._stop.set()

    @contextmanager
    def handling(self) -> Iterator[None]:
        """Something came off the queue and is being handled."""
        self._note(is_handling=True)
        try:
            yield
        finally:
            self._note(is_handling=False)

    def progress(self) -> None:
        """One step of what is being handled has come to its end."""
        self._consumed_at = time.monotonic()
        self._sent = 0
        self._on_progress()

    def look(self) -> None:
        """Send a canary into a silence; give up if it lasts although canaries were sent."""
        silence = time.monotonic() - self._consumed_at
        if silence < SOUND:
            return
        try:
            if self._is_stuck(silence):
                logger().error("worker_stuck", queue=self._queue, seconds=round(silence))
                self._give_up()
                return
            self._broker.send_beat(self._queue)
            self._sent += 1
        except BrokerDown as fault:
            # A silence in which nothing could be sent proves nothing.
            self._sent = 0
            logger().warning("broker_down", error=type(fault).__name__)

    def _is_stuck(self, silence: float) -> bool:
        """Whether what it handles takes too long, or what waits is not taken."""
        if self._sent < ENOUGH:
            return False
        if self._is_handling:
            return silence > self._longest
        return silence > SILENCE and self._broker.backlogs([self._queue])[self._queue] > 0

    def _note(self, *, is_handling: bool) -> None:
        self.progress()
        self._is_handling = is_handling

    def _run(self) -> None:
        while not self._stop.wait(EVERY):
            self.look()
