"""A worker shows in its database that it works, also while one frame takes it minutes.

Canaries wait behind the frame that is being handled. A frame of messages that hang, each of which
is interrupted in its time, would let the last canary grow old, and whoever looks at that alone
would take the worker for dead and end it, with the same frame to begin again.
"""

import threading

from sqlalchemy import text

from shared.kit.database import Begin, DatabaseFault
from shared.kit.logging import logger
from shared.messaging.presence import Presence

EVERY = 5.0
"""Seconds between two signs of life while one frame is handled. Who looks waits for a minute."""

_SEEN = text(
    """
    INSERT INTO heartbeats (queue, seen_at) VALUES (:queue, now())
        ON CONFLICT (queue) DO UPDATE SET seen_at = excluded.seen_at
    """,
)


class Heartbeat:
    """The row of one worker's queue, renewed at every canary and while steps come to their ends.

    Beside it the worker's presence is shown from the first moment on, whatever it does.
    """

    def __init__(self, queue: str, begin: Begin, presence: Presence) -> None:
        self._queue = queue
        self._begin = begin
        self._presence = presence
        self._has_progressed = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def start(self) -> None:
        """Begin to show presence and progress."""
        self._presence.show()
        self._thread.start()

    def close(self) -> None:
        """Show no more."""
        self._stop.set()
        self._thread.join(timeout=10)

    def progress(self) -> None:
        """A step of what is being handled has ended: shown soon, by a thread beside it."""
        self._has_progressed.set()

    def show(self) -> None:
        """Renew the row now."""
        self._has_progressed.clear()
        with self._begin() as session:
            session.execute(_SEEN, {"queue": self._queue})

    def _run(self) -> None:
        while not self._stop.wait(EVERY):
            self._presence.show()
            if self._has_progressed.is_set():
                self._show_if_possible()

    def _show_if_possible(self) -> None:
        try:
            self.show()
        except DatabaseFault as fault:
            logger().warning("heartbeat_not_shown", error=type(fault).__name__)
