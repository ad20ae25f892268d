"""Feeds cases into intake: its own use case, its own transactions, published after each commit."""

import sys
import time
from pathlib import Path
from uuid import UUID

from services.intake.api.reception import receive
from services.intake.settings import IntakeApiSettings
from shared.contracts import Queue
from shared.kit.clock import utc_now
from shared.kit.database import Database, make_engine
from shared.kit.logging import configure
from shared.messaging.broker import Broker
from shared.messaging.envelope import Links
from shared.messaging.publisher import DirectPublisher, publishing
from tests.bench.pace import batches
from tests.bench.stopwatch import Stopwatch
from tests.bench.submissions import sealed


def main(count: int, batch: int, rate: float, receiver_id: UUID, begins: Path) -> None:
    """Seal all of them, wait for a line, store and publish them in batches or at a pace."""
    settings = IntakeApiSettings()
    configure(Queue.INTAKE, "feeder", settings.log_level)
    publisher = DirectPublisher(
        Links.load(settings.link_keys_file),
        Broker(Queue.INTAKE, settings.broker_url),
        settings.lease_seconds,
        settings.frame,
    )
    database = Database(make_engine(settings.database_url, pool_size=1))
    begin = publishing(database.begin, publisher)
    submissions = list(sealed(settings.master_keys_file, receiver_id, count))
    watch = Stopwatch(begins, count, time.time)
    sys.stdin.readline()
    for jobs in batches(watch, batch, rate):
        with begin() as session:
            receive(session, submissions[jobs.start : jobs.stop], now=utc_now())


if __name__ == "__main__":
    main(
        int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), UUID(sys.argv[4]), Path(sys.argv[5])
    )
