"""Whether a process can do its work now, as whoever sends it work asks."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late

from shared.kit.database import Begin
from shared.kit.errors import Unavailable
from shared.kit.group_commit import commit_nothing
from shared.kit.logging import logger

KNOWN_SECONDS = 1.0
"""How long an answer holds: a question is a transaction, and anybody may ask."""
PROBE_SECONDS = 3.0
STARTING = "starting"

Probe = Callable[[], Future[None]]


class NotReady(Unavailable):
    """The process that was asked cannot commit now."""


class Readiness:
    """Makes an empty commit wherever this process commits, and keeps the result for a second."""

    def __init__(self, begin: Begin, probes: dict[str, Probe]) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="readiness")
        self._probes = {"database": lambda: self._pool.submit(commit_nothing, begin), **probes}
        self._lock = threading.Lock()
        self._asked_at = float("-inf")
        self._failed = [STARTING]

    def check(self) -> None:
        """Raises ``NotReady`` with the names of what cannot commit."""
        # While one asks, the others take what was known before: none of them holds up a thread.
        if self._lock.acquire(blocking=False):
            try:
                self._renew()
            finally:
                self._lock.release()
        if self._failed:
            raise NotReady(failed=self._failed)

    def _renew(self) -> None:
        if time.monotonic() - self._asked_at > KNOWN_SECONDS:
            self._failed = self._ask()
            self._asked_at = time.monotonic()

    def _ask(self) -> list[str]:
        begun = {name: _begin(probe) for name, probe in self._probes.items()}
        until = time.monotonic() + PROBE_SECONDS
        return [name for name, future in begun.items() if not _is_committed(name, future, until)]


def _begin(probe: Probe) -> Future[None]:
    try:
        return probe()
    except Unavailable as refusal:
        failed: Future[None] = Future()
        failed.set_exception(refusal)
        return failed


def _is_committed(name: str, future: Future[None], until: float) -> bool:
    try:
        future.result(max(0.0, until - time.monotonic()))
    except Late:
        # Not begun yet: then it need not be begun at all.
        future.cancel()
        logger().warning("not_ready", code=name, reason="late")
    except Exception as fault:  # noqa: BLE001 - whatever it is, nothing was committed
        logger().warning("not_ready", code=name, error=type(fault).__name__)
    else:
        return True
    return False
