"""Which moment it is for a service that keeps days of the law.

That of the machine; in a demonstration one that lies back, so that weeks pass in a minute. It goes
forward only and never past the machine's own, so no row is ever of a day that has not come. What
must agree with others goes on by the machine's or the database's clock: tokens, signatures,
sessions, leases, time-outs, pruning (docs/adr/0084).
"""

import math
import time
from datetime import datetime, timedelta
from pathlib import Path

from shared.kit.clock import utc_now


class Timepiece:
    """The machine's time."""

    def at(self, instant: datetime) -> datetime:
        """Which moment it is here when it is ``instant`` for the machine, or for a database."""
        return instant

    def now(self) -> datetime:
        """The current instant, aware, in UTC."""
        return self.at(utc_now())

    def seconds(self) -> float:
        """What grows by a second each second: for whatever is done again after a while."""
        return time.monotonic()


PRESENT = Timepiece()


class Delayed(Timepiece):
    """It is behind by the seconds that a file tells, live; what a file once told is never more."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._least = math.inf

    @property
    def behind(self) -> float:
        """How many seconds it lies back. Raises ``ValueError`` for a file that tells none."""
        told = float(self._path.read_text(encoding="ascii"))
        if not 0 <= told < math.inf:
            raise ValueError("no time lies back so far")
        self._least = min(self._least, told)
        return self._least

    def at(self, instant: datetime) -> datetime:
        """A moment as far back as the file tells now."""
        return instant - timedelta(seconds=self.behind)

    def seconds(self) -> float:
        """Grows by what is jumped over, too: what is done each minute is due when a day passed."""
        return super().seconds() - self.behind
