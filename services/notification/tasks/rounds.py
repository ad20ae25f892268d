"""Rounds of a companion of the worker: what is due, one after the other, then a wait for news."""

import threading
from collections.abc import Callable

from shared.kit.database import DatabaseFault, is_passing
from shared.kit.logging import logger
from shared.messaging.beside import Beside
from shared.messaging.pulse import Beat


class Rounds:
    """Takes turns until told to end. What the database cannot do now is left to the next round."""

    def __init__(
        self,
        name: str,
        turn: Callable[[], bool],
        *,
        look: float,
        on_death: Callable[[], None],
        beat: Beat,
    ) -> None:
        """``turn`` does what is due, and says whether there may be more.

        ``look`` is after how many seconds it is asked without a reason.
        """
        self._turn = turn
        self._seconds = look
        self._beat = beat
        self._changed = threading.Condition()
        self._is_open = True
        self._has_news = True
        self._beside = Beside(name, self._go_on, on_death=on_death)

    @property
    def is_open(self) -> bool:
        """Whether nobody has told it to end."""
        return self._is_open

    def start(self) -> None:
        """Begin."""
        self._beside.start()

    def wake(self) -> None:
        """Something is due: look at once."""
        with self._changed:
            self._has_news = True
            self._changed.notify()

    def stop(self) -> None:
        """Finish the turn under way, then end."""
        with self._changed:
            self._is_open = False
            self._changed.notify()
        self._beside.join()

    def _go_on(self) -> None:
        while self._is_open:
            self._beat()
            self._wait()
            self._see_to_all()

    def _wait(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._has_news or not self._is_open, self._seconds)
            self._has_news = False

    def _see_to_all(self) -> None:
        try:
            while self._is_open and self._turn():
                self._beat()
        except DatabaseFault as fault:
            if not is_passing(fault):
                raise
            logger().warning("database_unavailable", error=type(fault).__name__)
