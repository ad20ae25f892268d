"""Times of jobs in a file that several processes share, and the figures made of them."""

import mmap
import struct
import time
from pathlib import Path
from statistics import median

SLOT = struct.Struct("d")


class Stopwatch:
    """One moment a job, by its number; writing one costs no system call."""

    def __init__(self, path: Path, jobs: int) -> None:
        if not path.exists():
            path.write_bytes(bytes(SLOT.size * jobs))
        self.jobs = jobs
        with path.open("r+b") as file:
            self._slots = mmap.mmap(file.fileno(), SLOT.size * jobs)

    def stop(self, job: int) -> None:
        """The job ended now."""
        SLOT.pack_into(self._slots, job * SLOT.size, time.monotonic())

    def ended(self) -> list[float]:
        """When each ended; 0.0 for those that did not."""
        return [SLOT.unpack_from(self._slots, job * SLOT.size)[0] for job in range(self.jobs)]

    def wait(self, *, seconds: float, until: int | None = None) -> float:
        """Wait for all jobs, or the first so many; returns the moment the last one ended."""
        deadline = time.monotonic() + seconds
        while not all(self.ended()[:until]):
            if time.monotonic() > deadline:
                missing = sum(not moment for moment in self.ended()[:until])
                raise TimeoutError(f"{missing} of {until or self.jobs} jobs did not end")
            time.sleep(0.02)
        return max(self.ended()[:until])


def percentile(values: list[float], share: float) -> float:
    """The value below which this share of the values lies."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def spread(values: list[float]) -> str:
    """Median and range, to three digits."""
    return f"{median(values):.3g} [{min(values):.3g}-{max(values):.3g}]"
