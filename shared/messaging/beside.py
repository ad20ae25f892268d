"""A loop beside what else its process does; if it dies, the process ends."""

import threading
from collections.abc import Callable
from contextvars import copy_context

from shared.kit.logging import describe, logger


class Beside:
    """A loop on a thread of its own, which goes on until its owner has it end.

    If a fault ends it, ``on_death`` has the process end as well: without it the process would look
    alive, and whoever supervises it starts both again.
    """

    def __init__(
        self, name: str, loop: Callable[[], None], *, on_death: Callable[[], None]
    ) -> None:
        self._name = name
        self._loop = loop
        self._on_death = on_death
        self._thread = threading.Thread(
            target=copy_context().run, args=(self._run,), name=name, daemon=True
        )

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def join(self, seconds: float | None = None) -> None:
        """Wait until the loop has ended, or for so long."""
        self._thread.join(seconds)

    def _run(self) -> None:
        try:
            self._loop()
        except BaseException as fault:
            logger().error(f"{self._name}_died", **describe(fault))
            self._on_death()
            raise
