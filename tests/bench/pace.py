"""When cases are handed in: all at once, in batches; or one by one, at a steady rate."""

import time
from collections.abc import Callable, Iterator

from tests.bench.stopwatch import Stopwatch


def batches(
    watch: Stopwatch,
    size: int,
    rate: float,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[range]:
    """The numbers of all jobs of a watch, on which each begins as it is handed in.

    ``rate`` 0: slices of at most ``size``, as fast as they are taken; else so many a second, alone.
    """
    size = 1 if rate else size
    began = clock()
    for first in range(0, watch.jobs, size):
        if rate:
            sleep(max(began + first / rate - clock(), 0.0))
        jobs = range(first, min(first + size, watch.jobs))
        for job in jobs:
            watch.stop(job)
        yield jobs
