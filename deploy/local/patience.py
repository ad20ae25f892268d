"""Waiting for a condition instead of for a time."""

import time
from collections.abc import Callable


def wait_until(holds: Callable[[], bool], *, within: float, every: float = 0.05) -> bool:
    """Whether the condition came to hold within so many seconds, asked every so many seconds."""
    deadline = time.monotonic() + within
    while not holds():
        if time.monotonic() >= deadline:
            return False
        time.sleep(every)
    return True
