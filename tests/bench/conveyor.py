"""The four services in one process, a frame at a time: cost without the noise of a schedule.

Real databases, handlers, signatures, inbox, outbox, receipts; only the broker is a list.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from services.intake.api.reception import Submission, receive
from services.intake.tasks import consumer as intake
from services.livelihood_support.tasks import consumer as livelihood_support
from services.notification.tasks.messages import consumer as notification
from services.verification.tasks import consumer as verification
from shared.contracts import Queue
from shared.kit.clock import utc_now
from shared.kit.database import Database, make_engine
from shared.messaging import sweeping
from shared.messaging.delivery import Delivery
from shared.messaging.envelope import Links, OpenedParcel
from shared.messaging.outbox import FRAME, Parcel
from shared.messaging.publisher import frames, publishing
from tests.bench.exchange import Exchange

CONSUMERS = (intake, verification, livelihood_support, notification)
LEASE = 30.0
Name = Callable[[str], str]
"""The database of a service."""


class Belt:
    """A publisher that keeps what was published until it is handled."""

    frame = FRAME

    def __init__(self, links: Links, waiting: deque[tuple[str, list[Any]]]) -> None:
        self._links = links
        self._waiting = waiting

    def lease(self, _destination: str) -> float | None:
        """As a worker with a broker that answers."""
        return LEASE

    def publish(self, parcels: Sequence[Parcel]) -> None:
        """Sign, and put on the belt."""
        self._waiting.extend(frames(self._links, parcels, self.frame))


class Conveyor:
    """Carries cases from intake's first transaction to the last receipt."""

    def __init__(self, exchange: Exchange, database_of: Name = str) -> None:
        self._waiting: deque[tuple[str, list[Any]]] = deque()
        self._databases: dict[str, Database] = {}
        self._deliveries: dict[str, Delivery] = {}
        self._begins = {}
        for consumer in CONSUMERS:
            service = consumer.queue
            url = exchange.environment.url_of(database_of(service), service)
            links = Links.load(exchange.environment.keys.link_file(service))
            database = Database(make_engine(url, pool_size=1))
            begin = publishing(database.begin, Belt(links, self._waiting))
            self._databases[service], self._begins[service] = database, begin
            self._deliveries[service] = Delivery(
                consumer, begin, links, utc_now, handler_seconds=60
            )

    def carry(self, submissions: Sequence[Submission]) -> float:
        """Seconds that one batch of cases takes in all."""
        began = time.perf_counter()
        with self._begins[Queue.INTAKE]() as session:
            receive(session, submissions, now=utc_now())
        while self._waiting:
            service, frame = self._waiting.popleft()
            parcels = self._deliveries[service].open(frame)
            self._deliveries[service].deliver(parcels)
            self._close(service, parcels)
        return time.perf_counter() - began

    def close(self) -> None:
        """Drop the connections."""
        for database in self._databases.values():
            database.engine.dispose()

    def _close(self, destination: str, parcels: Sequence[OpenedParcel]) -> None:
        for source in {it.source for it in parcels}:
            ids = [it.parcel_id for it in parcels if it.source == source]
            with self._databases[source].begin() as session:
                sweeping.close(session, destination=destination, parcel_ids=ids)


def batches(submissions: Sequence[Submission], size: int) -> Iterator[Sequence[Submission]]:
    """In slices of at most this many."""
    return (submissions[at : at + size] for at in range(0, len(submissions), size))
