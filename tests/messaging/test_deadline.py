"""A handler that hangs is interrupted, whatever Python was doing at that moment."""

import signal
import threading

import pytest

from shared.messaging import deadline as module
from shared.messaging.deadline import HandlerTimeout, deadline


class Cleared:
    """Something that is being cleared away when the time is up."""

    def __init__(self) -> None:
        self.is_interrupted = threading.Event()

    def __del__(self) -> None:
        try:
            threading.Event().wait(30)
        finally:
            self.is_interrupted.set()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_interruption_that_python_swallows_comes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "AGAIN", 0.2)
    cleared = [Cleared()]
    swallowed = cleared[0].is_interrupted

    def hang() -> None:
        cleared.clear()
        assert swallowed.is_set()
        assert threading.Event().wait(30), "it was not interrupted again"

    with pytest.raises(HandlerTimeout), deadline(0.1):
        hang()


def test_no_alarm_is_left_when_the_block_has_ended() -> None:
    with deadline(10):
        assert signal.getitimer(signal.ITIMER_REAL) > (9.0, 0.0)
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
