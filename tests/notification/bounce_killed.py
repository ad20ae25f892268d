"""A process that reads what came back, and ends as by a power cut before or after it is noted."""

import mailbox
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.orm import Session

from services.notification.tasks.bounces import BounceReader
from shared.kit.clock import utc_now
from shared.kit.database import Database, make_engine
from tests.notification.bouncing import RETURNS

READ, WRITTEN, NOTED = "read", "written", "noted"
STEPS = (READ, WRITTEN, NOTED)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main(url: str, folder: str, step: str) -> None:
    database = Database(make_engine(url))

    @contextmanager
    def begin() -> Iterator[Session]:
        if step == READ:
            die()
        with database.begin() as session:
            yield session
            if step == WRITTEN:
                session.flush()
                die()

    if step == NOTED:
        mailbox.Maildir.discard = lambda *_: die()  # type: ignore[method-assign]
    BounceReader(begin, Path(folder), RETURNS, clock=utc_now, on_death=die).turn()


if __name__ == "__main__":
    main(*sys.argv[1:])
