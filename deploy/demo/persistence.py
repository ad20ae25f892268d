"""Going on while something is away: a server that was killed is back within seconds."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

import httpx2
import psycopg

AWAY = (httpx2.HTTPError, psycopg.OperationalError)
"""What is said by an exchange, or by a database, that is down, starting or just dying."""
PAUSE = 0.5

T = TypeVar("T")


def persist(ask: Callable[[], T], *, until: float) -> T:
    """The answer, asked for again while nobody answers; raises the last refusal at that time.

    ``until`` is an instant of the monotonic clock.
    """
    while True:
        try:
            return ask()
        except AWAY:
            if time.monotonic() > until:
                raise
        time.sleep(PAUSE)


class Person(threading.Thread):
    """Somebody at work beside the others; what ends the work early is told to whoever looks."""

    def __init__(self, name: str, work: Callable[[], None]) -> None:
        super().__init__(name=name, daemon=True)
        self._work = work
        self._fault: Exception | None = None

    def run(self) -> None:
        """Work; a fault is kept for ``check``."""
        try:
            self._work()
        except Exception as fault:  # noqa: BLE001 - raised again by check, on the main thread
            self._fault = fault

    def check(self) -> None:
        """Raise what ended the work early."""
        if self._fault is not None:
            raise self._fault
