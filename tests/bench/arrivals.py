"""When each webhook came, by its id, in a file the receiver and the bench share.

A webhook says nothing of the case it is about, so which job it ends is asked of notification
afterwards: it keeps the trace of the case beside each delivery.
"""

import mmap
import struct
import time
from pathlib import Path
from uuid import UUID

from tests.bench.stopwatch import RESTS

SLOT = struct.Struct("d16s")
NEVER = (0.0, bytes(16))


class Arrivals:
    """Moments and ids in the order of arrival; a repeat changes nothing."""

    def __init__(self, path: Path, most: int) -> None:
        if not path.exists():
            path.write_bytes(bytes(SLOT.size * most))
        self._most = most
        self._seen: set[UUID] = set()
        with path.open("r+b") as file:
            self._slots = mmap.mmap(file.fileno(), SLOT.size * most)

    def note(self, webhook_id: UUID) -> None:
        """It came now."""
        if webhook_id not in self._seen:
            place = len(self._seen) * SLOT.size
            self._seen.add(webhook_id)
            SLOT.pack_into(self._slots, place, time.monotonic(), webhook_id.bytes)

    def came(self) -> dict[UUID, float]:
        """When each came, so far."""
        slots = (SLOT.unpack_from(self._slots, at * SLOT.size) for at in range(self._most))
        return {UUID(bytes=raw): moment for moment, raw in slots if (moment, raw) != NEVER}

    def wait(self, count: int, *, seconds: float) -> None:
        """Wait for so many: they are in the order of arrival, so the last one tells."""
        deadline = time.monotonic() + seconds
        while SLOT.unpack_from(self._slots, (count - 1) * SLOT.size) == NEVER:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{count - len(self.came())} of {count} webhooks did not come")
            time.sleep(RESTS)
