"""A real worker of the receiver, which stands still outside its handlers when told by a signal.

``python -m tests.messaging.working worker|back``; a back has its relay beside it.
"""

import signal
import sys
import threading
from collections.abc import Callable
from datetime import datetime
from types import FrameType

from sqlalchemy.orm import Session

from shared.contracts import CaseReceived
from shared.kit.configuration import settings_config
from shared.kit.settings import ServiceSettings
from shared.messaging.consumer import Consumer
from shared.messaging.processes.back import run_back
from shared.messaging.processes.relay import Duties
from shared.messaging.processes.worker import run_worker
from tests.messaging.parts import RECEIVER

STAND_STILL = signal.SIGUSR2
"""After it the consuming thread waits for ever, as one does whose broker has forgotten it."""


class WorkSettings(ServiceSettings):
    """The ordinary settings, under a prefix of the tests'."""

    model_config = settings_config("WORK_")


consumer = Consumer(RECEIVER)


@consumer.on(CaseReceived)
def take_note(_session: Session, _message: CaseReceived, _now: datetime) -> None:
    """Nothing more than the inbox's row."""


def stand_still(_signal: int, _frame: FrameType | None) -> None:
    """Hold the main thread; the others go on."""
    threading.Event().wait()


if __name__ == "__main__":
    signal.signal(STAND_STILL, stand_still)
    settings = WorkSettings()
    run: dict[str, Callable[[], None]] = {
        "worker": lambda: run_worker(settings, consumer),
        "back": lambda: run_back(settings, consumer, Duties(RECEIVER)),
    }
    run[sys.argv[1]]()
