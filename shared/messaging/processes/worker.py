"""The worker process of a service: a Celery consumer on the service's own queue."""

import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Protocol

from sqlalchemy.orm import Session

from shared.contracts import Queue
from shared.kit.connections import STATEMENT_SECONDS
from shared.kit.database import Begin, Database, make_engine
from shared.kit.logging import configure, logger
from shared.kit.memory import freeze_gc
from shared.kit.settings import ServiceSettings
from shared.messaging.broker import Broker, BrokerDown
from shared.messaging.celery_worker import Tasks, celery_app, consume
from shared.messaging.consumer import Consumer
from shared.messaging.consuming import Consuming
from shared.messaging.delivery import Delivery
from shared.messaging.door import BEAT, DELIVER, REFUSE
from shared.messaging.draining import Shift
from shared.messaging.envelope import Links
from shared.messaging.gathering import Gathering
from shared.messaging.heartbeat import Heartbeat
from shared.messaging.presence import Presence
from shared.messaging.publisher import DirectPublisher, publishing
from shared.messaging.receipts import ReceiptBook
from shared.messaging.watchdog import Watchdog


class Companion(Protocol):
    """Work that goes on beside the consuming, on threads of its own (notification's sender).

    If it can go on no more, it has the process end (``ask_to_end``): a worker without it would look
    alive, and whoever supervises it starts both again.
    """

    def start(self) -> None:
        """Begin."""

    def committed(self, session: Session) -> None:
        """A frame was committed: it may have made something to do at once."""

    def stop(self) -> None:
        """Finish what is under way, then end."""


MakeCompanion = Callable[[Begin], Companion]
"""Is given transactions of its own, whose messages leave after their commit on a connection of its
own: a companion works on other threads than the consuming."""


def run_worker(
    settings: ServiceSettings,
    consumer: Consumer,
    *,
    companions: Sequence[MakeCompanion] = (),
    process: str = "worker",
) -> None:
    """Consume until told to stop, with what goes on beside it; ``process`` is named in the log."""
    queue = consumer.queue
    configure(queue, process, settings.log_level)
    links = Links.load(settings.link_keys_file)
    # One session more: it shows that this worker is there, and does nothing else.
    database = Database(make_engine(settings.database_url, pool_size=settings.pool_size + 1))

    def connect() -> Broker:
        return Broker(queue, settings.broker_url, settings.sentinels)

    def transactions() -> Begin:
        publisher = DirectPublisher(links, connect(), settings.lease_seconds, settings.frame)
        return publishing(database.begin, publisher)

    beside = [make(transactions()) for make in companions]
    begin = calling(transactions(), [each.committed for each in beside])
    presence = Presence(database.engine)
    heartbeat = Heartbeat(queue, database.begin, presence)
    watchdog = Watchdog(
        queue,
        connect(),
        max(settings.handler_seconds, STATEMENT_SECONDS),
        on_progress=heartbeat.progress,
    )
    delivery = Delivery(
        consumer,
        begin,
        links,
        settings.timepiece.now,
        handler_seconds=settings.handler_seconds,
        progress=watchdog.progress,
    )
    receipts = ReceiptBook(links, connect())
    consuming = Consuming(
        watchdog.handling,
        database.begin,
        delivery,
        Gathering(connect()),
        receipts,
        heartbeat,
        Shift(delivery, partial(is_waited_for, connect(), queue)),
    )
    prepare(connect())
    tasks: Tasks = {DELIVER: consuming.deliver, BEAT: consuming.beat, REFUSE: consuming.refuse}
    app = celery_app(queue, settings.broker_url, settings.sentinels, tasks)
    receipts.start()
    watchdog.start()
    heartbeat.start()
    for each in beside:
        each.start()
    freeze_gc()
    try:
        status = consume(app)
    finally:
        watchdog.close()
        heartbeat.close()
        for each in beside:
            each.stop()
        receipts.close()
    if status == 0:
        # One that was cut off from its broker may have been given what it never saw.
        presence.leave()
    sys.exit(status)


def prepare(broker: Broker) -> None:
    """Set right what would end this worker as soon as it reads; its relay does the same later."""
    try:
        broker.set_right()
        broker.forget_former_books()
    except BrokerDown as fault:
        logger().warning("broker_down", error=type(fault).__name__)
    finally:
        broker.close()


def is_waited_for(broker: Broker, queue: Queue) -> bool:
    """Whether frames or canaries wait in the queue, as far as the broker can be asked."""
    try:
        return broker.backlogs([queue])[queue] > 0
    except BrokerDown as fault:
        logger().warning("broker_down", error=type(fault).__name__)
        return True


def calling(begin: Begin, after_commit: Sequence[Callable[[Session], None]]) -> Begin:
    """Transactions that call something else in this process after each commit."""
    if not after_commit:
        return begin

    @contextmanager
    def begin_and_call() -> Iterator[Session]:
        with begin() as session:
            yield session
        for call in after_commit:
            call(session)

    return begin_and_call


def ask_to_end() -> None:
    """Have this process end as if it had been told to."""
    os.kill(os.getpid(), signal.SIGTERM)
