"""The worker process of a service: a Celery consumer on the service's own queue."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.kit.clock import utc_now
from shared.kit.database import Begin, Database, make_engine
from shared.kit.logging import configure
from shared.kit.settings import ServiceSettings
from shared.messaging.broker import BEAT, DELIVER, Broker, celery_app
from shared.messaging.consumer import Consumer
from shared.messaging.delivery import Delivery
from shared.messaging.envelope import Links
from shared.messaging.publisher import DirectPublisher, publishing
from shared.messaging.receipts import ReceiptBook
from shared.messaging.watchdog import Watchdog

_HEARTBEAT = text(
    """
    INSERT INTO heartbeats (queue, seen_at) VALUES (:queue, now())
        ON CONFLICT (queue) DO UPDATE SET seen_at = excluded.seen_at
    """,
)


def run_worker(
    settings: ServiceSettings,
    consumer: Consumer,
    *,
    after_commit: Callable[[], None] | None = None,
) -> None:
    """Consume until told to stop. ``after_commit`` is called after every committed transaction."""
    queue = consumer.queue
    configure(queue, "worker", settings.log_level)
    links = Links.load(settings.link_keys_file)
    database = Database(make_engine(settings.database_url, pool_size=2))
    publisher = DirectPublisher(
        links, Broker(queue, settings.broker_url), settings.lease_seconds, settings.frame
    )
    begin = publishing(database.begin, publisher)
    if after_commit is not None:
        begin = calling(begin, after_commit)
    delivery = Delivery(consumer, begin, links, utc_now, handler_seconds=settings.handler_seconds)
    receipts = ReceiptBook(links, Broker(queue, settings.broker_url))
    watchdog = Watchdog(queue, Broker(queue, settings.broker_url), settings.handler_seconds)

    def deliver(frame: list[Any]) -> None:
        with watchdog.handling():
            receipts.add(delivery.deliver(frame))

    def beat() -> None:
        with watchdog.handling():
            with database.begin() as session:
                session.execute(_HEARTBEAT, {"queue": queue})
            delivery.drain_held()

    app = celery_app(queue, settings.broker_url)
    app.task(deliver, name=DELIVER)
    app.task(beat, name=BEAT)
    receipts.start()
    watchdog.start()
    try:
        app.worker_main(
            [
                "--quiet",
                "worker",
                f"--queues={queue}",
                "--pool=solo",
                "--without-gossip",
                "--without-mingle",
                "--without-heartbeat",
                "--loglevel=WARNING",
            ],
        )
    finally:
        watchdog.close()
        receipts.close()


def calling(begin: Begin, after_commit: Callable[[], None]) -> Begin:
    """Transactions after whose commit something else in this process wants to know."""

    @contextmanager
    def begin_and_call() -> Iterator[Session]:
        with begin() as session:
            yield session
        after_commit()

    return begin_and_call
