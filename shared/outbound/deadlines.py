"""One deadline for the whole of a call, whatever it waits for.

A socket's own time-out starts again with every byte, so what is overdue is cut off from outside.
"""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Protocol

LOOK_EVERY = 0.05
"""Seconds between two looks for overdue calls, while there are calls."""


class Connected(Protocol):
    """A connection, of whichever protocol."""

    @property
    def sock(self) -> socket.socket | None:
        """Its socket, once it has one."""


class Call:
    """One call under way: how far it came, and how to cut it off."""

    def __init__(self, seconds: float) -> None:
        self.ends_at = time.monotonic() + seconds
        self.is_sent = False
        """Whether the receiver may have got something."""
        self.is_reused = False
        """Whether the connection had carried a call before."""
        self._lock = threading.Lock()
        self._connection: Connected | None = None

    @property
    def remaining(self) -> float:
        """Seconds left, never quite none: zero would mean non-blocking to a socket."""
        return max(self.ends_at - time.monotonic(), 0.001)

    @property
    def is_overdue(self) -> bool:
        """Whether its time is over."""
        return time.monotonic() >= self.ends_at

    def use(self, connection: Connected | None) -> None:
        """Note which connection serves the call now; none when the call is over."""
        with self._lock:
            self._connection = connection

    def cut(self) -> None:
        """Shut the socket down under whoever waits for it."""
        with self._lock:
            sock = self._connection.sock if self._connection is not None else None
            if sock is not None:
                # The plain socket's own method: that of TLS would take the session away from
                # the thread that is reading from it.
                with suppress(OSError):
                    socket.socket.shutdown(sock, socket.SHUT_RDWR)


_current = threading.local()


def call_of_thread() -> Call:
    """The call this thread is making."""
    call: Call = _current.call
    return call


class Watch:
    """Cuts off calls whose time is over."""

    def __init__(self) -> None:
        self._calls: set[Call] = set()
        self._lock = threading.Lock()
        self._has_calls = threading.Event()
        self._closed = threading.Event()
        threading.Thread(target=self._look, name="deadlines", daemon=True).start()

    @contextmanager
    def over(self, call: Call) -> Iterator[None]:
        """Watch a call while the block runs."""
        _current.call = call
        with self._lock:
            self._calls.add(call)
            self._has_calls.set()
        try:
            yield
        finally:
            call.use(None)
            with self._lock:
                self._calls.discard(call)

    def close(self) -> None:
        """Stop looking for overdue calls."""
        self._closed.set()
        self._has_calls.set()

    def _look(self) -> None:
        while self._has_calls.wait() and not self._closed.wait(LOOK_EVERY):
            with self._lock:
                if not self._calls:
                    self._has_calls.clear()
                overdue = [call for call in self._calls if call.is_overdue]
            for call in overdue:
                call.cut()
