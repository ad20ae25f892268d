"""A handler that hangs is interrupted, so that it counts as a failed try."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

AGAIN = 5.0
"""Seconds after which it is interrupted once more.

Python swallows an exception that is raised while it happens to clear an object away (``__del__``,
the callback of a weak reference): without a second try, a handler that hangs would hang on. It is
long enough for the driver to cancel the query and for the savepoint to be rolled back undisturbed.
"""


class HandlerTimeout(Exception):
    """A handler took longer than it may."""


class Interruption(KeyboardInterrupt):
    """What the alarm raises. Like Ctrl-C it makes the driver cancel the query it waits for.

    Any other exception would leave the connection in the middle of that query, and the rollback
    would fail as if the database were down. Nor does a handler's own ``except Exception`` stop it.
    """


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Raise ``HandlerTimeout`` inside the block after so many seconds.

    A signal can interrupt the main thread only, which is where a worker handles messages. On
    another thread (a relay beside a worker) a statement ends at the server's limit, a transaction
    that asks nothing too, and a loop that stands still is ended by its pulse.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    try:
        with _alarm(seconds):
            yield
    except Interruption:
        raise HandlerTimeout from None


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        raise Interruption

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
