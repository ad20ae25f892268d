"""Writes down what would have left a sandbox, each in a transaction of its own.

As whatever takes a real message does: it stands there before the sender hears of it, and what the
sender does not hear of, it sends again.
"""

import threading

from services.notification import domain
from services.notification.domain import Recorded
from shared.kit.database import Begin, database_now, retry_on_conflict


class DatabaseRecorder:
    """Keeps recordings in the database. Safe to use from many threads."""

    def __init__(self, begin: Begin) -> None:
        self._begin = begin
        # One after the other: threads that send need no connections otherwise, and there are few.
        self._one = threading.Lock()

    def keep(self, recorded: Recorded) -> None:
        """Write it down."""
        with self._one:
            retry_on_conflict(lambda: self._keep(recorded))

    def _keep(self, recorded: Recorded) -> None:
        with self._begin() as session:
            domain.keep_recording(session, recorded, now=database_now(session))
