"""Times of jobs in a file that several processes share, and the figures made of them."""

import mmap
import struct
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

SLOT = struct.Struct("d")
RESTS = 0.25
"""Seconds between two looks at the file: looking costs, and the moments are in it anyway."""

Clock = Callable[[], float]


class Stopwatch:
    """One moment a job, by its number; writing one costs no system call."""

    def __init__(self, path: Path, jobs: int, clock: Clock = time.monotonic) -> None:
        if not path.exists():
            path.write_bytes(bytes(SLOT.size * jobs))
        self.jobs = jobs
        self._clock = clock
        with path.open("r+b") as file:
            self._slots = mmap.mmap(file.fileno(), SLOT.size * jobs)

    def stop(self, job: int) -> None:
        """The job's moment is now."""
        SLOT.pack_into(self._slots, job * SLOT.size, self._clock())

    def ended(self) -> list[float]:
        """When each ended; 0.0 for those that did not."""
        return list(struct.unpack_from(f"{self.jobs}d", self._slots))

    def wait(self, *, seconds: float, until: int | None = None) -> float:
        """Wait for all jobs, or the first so many; returns the moment the last one ended."""
        deadline = time.monotonic() + seconds
        while not all(self.ended()[:until]):
            if time.monotonic() > deadline:
                missing = sum(not moment for moment in self.ended()[:until])
                raise TimeoutError(f"{missing} of {until or self.jobs} jobs did not end")
            time.sleep(RESTS)
        return max(self.ended()[:until])


def percentile(values: list[float], share: float) -> float:
    """The value below which this share of the values lies."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def spread(values: list[float]) -> str:
    """Median and range, to three digits."""
    return f"{median(values):.3g} [{min(values):.3g}-{max(values):.3g}]"
