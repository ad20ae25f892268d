"""Waiting for others without being in their way."""

import time
from collections.abc import Callable

SOONEST, LATEST = 0.02, 1.0
"""Seconds between two counts."""


def wait_until(
    condition: Callable[[], bool],
    *,
    seconds: float,
    what: str,
    every: float = 0.02,
) -> None:
    """Ask until it holds; raises ``TimeoutError``."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds:.0f} s: {what}")
        time.sleep(every)


def count_up_to(
    expected: int,
    count: Callable[[], int],
    *,
    seconds: float,
    what: str,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Count until so many are there; raises ``TimeoutError``.

    Each time it rests half as long as the rest will take at the pace so far: a count costs the
    database that is measured something, and a dozen of them tell as much as a thousand.
    """
    began = clock()
    while (counted := count()) < expected:
        spent = clock() - began
        if spent > seconds:
            raise TimeoutError(
                f"{expected - counted} of {expected} not within {seconds:.0f} s: {what}"
            )
        left = spent * (expected - counted) / counted if counted else SOONEST
        sleep(min(max(left / 2, SOONEST), LATEST))
