"""Committed messages leave at once, in frames, from the process that committed them.

Nothing is marked by publishing: the parcels were stored already leased to this process, and only a
receipt closes them. Whatever happens here - a dead broker, a kill between commit and sending -
costs one lease, after which the relay sends again.
"""

import queue
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from sqlalchemy.orm import Session

from shared.kit.database import Begin
from shared.kit.logging import describe, logger
from shared.messaging import outbox
from shared.messaging.broker import Broker, BrokerDown
from shared.messaging.envelope import Links, Wire, seal
from shared.messaging.outbox import FRAME, Parcel

SHORT = 300
"""With so many frames waiting in a queue, publishing is left to the relay."""
BEHIND = 2
"""With so many frames waiting in a queue, it is better to let the next frame fill."""
A_FRAME = 0.005
"""Seconds a frame may fill for each one that waits before it: about what handling one takes."""
FILLING = 0.25
"""Seconds a frame may fill at most."""
BROKER_COOLDOWN = 1.0
"""Seconds without publishing after the broker failed."""
LOOK_EVERY = 0.1
"""Seconds between two looks at the queues when nothing is sent, or by whoever waits for them."""
BELIEVED = 1.0
"""Seconds for which a look at a queue says something of it: nobody looks while nothing is told."""
WAITING = 1000
"""With so many transactions waiting for the publishing thread, rows are left to the relay."""


class Publisher(Protocol):
    """Sends committed parcels; also tells the outbox which of them it will take."""

    frame: int
    """How many messages a parcel, and a frame, may have."""

    def lease(self, destination: str) -> float | None:
        """Seconds a parcel is leased to us; ``None`` leaves it to the relay."""

    def publish(self, parcels: Sequence[Parcel]) -> None:
        """Send parcels after their commit; never raises for the broker's sake.

        No parcels means that something was told and all of it left to the relay: a reason to look
        whether it still has to be.
        """


def publishing(begin: Begin, publisher: Publisher) -> Begin:
    """Transactions whose messages leave as soon as they are committed."""

    @contextmanager
    def begin_and_publish() -> Iterator[Session]:
        with begin() as session:
            session.info[outbox.ROUTE] = publisher
            yield session
        parcels = outbox.committed(session)
        if parcels is not None:
            publisher.publish(parcels)

    return begin_and_publish


def frames(
    links: Links,
    parcels: Sequence[Parcel],
    most: int = FRAME,
) -> list[tuple[str, list[Wire]]]:
    """Signed parcels in frames of so many messages at most, each for one destination."""
    ready: list[tuple[str, list[Wire]]] = []
    filling: dict[str, tuple[list[Wire], int]] = {}
    for parcel in parcels:
        frame, room = filling.get(parcel.destination, ([], 0))
        if len(parcel) > room:
            frame, room = [], most
            ready.append((parcel.destination, frame))
        frame.append(seal(links, parcel))
        filling[parcel.destination] = frame, room - len(parcel)
    return ready


class Congestion:
    """What is known of the queues' lengths, and whether the broker answers.

    Queues are looked at by those who send to them. A long one is sent nothing, so it is looked at
    together with the others until it was seen short. What was seen before a pause is forgotten:
    else the first to come after a burst would wait for a queue that has long been empty.
    """

    def __init__(self, lease_seconds: float) -> None:
        self._lease = lease_seconds
        self._seen: dict[str, tuple[int, float]] = {}
        self._looked_at = 0.0
        self._silent_until = 0.0

    def lease(self, destination: str) -> float | None:
        """A lease unless the queue is long or the broker has just failed."""
        if time.monotonic() < self._silent_until:
            return None
        return self._lease if self._backlog(destination) < SHORT else None

    def observe(self, broker: Broker, destinations: Sequence[str]) -> None:
        """Look at these queues, and at those that were long."""
        long = [queue for queue in self._seen if self._backlog(queue) >= SHORT]
        if destinations or long:
            backlogs = broker.backlogs([*destinations, *long])
            self._looked_at = time.monotonic()
            self._seen.update({each: (it, self._looked_at) for each, it in backlogs.items()})

    def observe_sometimes(self, broker: Broker, destinations: Sequence[str]) -> None:
        """Look unless somebody has just looked."""
        if time.monotonic() - self._looked_at > LOOK_EVERY:
            self.observe(broker, destinations)

    def filling(self, destinations: Iterable[str]) -> float:
        """Seconds a frame may wait to fill at no cost: it would wait that long behind others."""
        backlog = max((self._backlog(queue) for queue in destinations), default=0)
        return min(backlog * A_FRAME, FILLING) if backlog > BEHIND else 0.0

    def broker_failed(self) -> None:
        """Leave everything to the relay for a moment; look again afterwards."""
        self._silent_until = time.monotonic() + BROKER_COOLDOWN
        self._seen.clear()

    def _backlog(self, queue: str) -> int:
        backlog, at = self._seen.get(queue, (0, 0.0))
        return backlog if time.monotonic() - at < BELIEVED else 0


class DirectPublisher:
    """Publishes in the thread that committed: for workers, whose next work comes after it."""

    def __init__(
        self,
        links: Links,
        broker: Broker,
        lease_seconds: float,
        frame: int = FRAME,
    ) -> None:
        self._links = links
        self._broker = broker
        self.frame = frame
        self._congestion = Congestion(lease_seconds)

    def lease(self, destination: str) -> float | None:
        """As the congestion allows, looked at a few times a second."""
        return self._congestion.lease(destination)

    def publish(self, parcels: Sequence[Parcel]) -> None:
        """One round trip for all frames."""
        ready = frames(self._links, parcels, self.frame)
        destinations = [destination for destination, _ in ready]
        try:
            if ready:
                self._broker.send_frames(ready)
            self._congestion.observe_sometimes(self._broker, destinations)
        except BrokerDown as fault:
            self._congestion.broker_failed()
            logger().warning("broker_down", error=type(fault).__name__)


class BackgroundPublisher:
    """Publishes on a thread of its own: for HTTP, where nobody may wait for the broker.

    Alone, a message leaves at once; when its queue is behind, messages share a frame that fills
    while those before it are handled: else they would only have waited one by one in the queue.
    """

    def __init__(
        self,
        links: Links,
        broker: Broker,
        lease_seconds: float,
        frame: int = FRAME,
    ) -> None:
        self._links = links
        self._broker = broker
        self.frame = frame
        self._congestion = Congestion(lease_seconds)
        self._waiting: queue.SimpleQueue[Sequence[Parcel] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="publisher", daemon=True)
        self._thread.start()

    def lease(self, destination: str) -> float | None:
        """As the congestion allows, while the thread keeps up."""
        if self._waiting.qsize() >= WAITING:
            return None
        return self._congestion.lease(destination)

    def publish(self, parcels: Sequence[Parcel]) -> None:
        """Hand parcels to the thread."""
        self._waiting.put(parcels)

    def close(self) -> None:
        """Send what waits, then stop."""
        self._waiting.put(None)
        self._thread.join(timeout=10)

    def _run(self) -> None:
        is_open = True
        while is_open:
            parcels, is_open = self._gather()
            try:
                self._send(parcels)
            except BrokerDown as fault:
                self._congestion.broker_failed()
                logger().warning("broker_down", error=type(fault).__name__)
            except Exception as fault:  # noqa: BLE001 - the relay has them, and others will come
                logger().error("publishing_failed", count=len(parcels), **describe(fault))

    def _gather(self) -> tuple[list[Parcel], bool]:
        """Parcels until a frame is full, or nothing waits and the queues are not behind."""
        first = self._waiting.get()
        if first is None:
            return [], False
        parcels = list(first)
        sizes = _sizes(first)
        until = time.monotonic() + self._congestion.filling(sizes)
        while max(sizes.values(), default=0) < self.frame:
            try:
                more = self._waiting.get(timeout=max(until - time.monotonic(), 0.0))
            except queue.Empty:
                break
            if more is None:
                return parcels, False
            parcels.extend(more)
            sizes += _sizes(more)
        return parcels, True

    def _send(self, parcels: Sequence[Parcel]) -> None:
        ready = frames(self._links, parcels, self.frame)
        if ready:
            self._broker.send_frames(ready)
            self._congestion.observe(self._broker, [destination for destination, _ in ready])
        else:
            self._congestion.observe_sometimes(self._broker, [])


def _sizes(parcels: Iterable[Parcel]) -> "Counter[str]":
    """How many messages these bring to each destination."""
    sizes = Counter[str]()
    for parcel in parcels:
        sizes[parcel.destination] += len(parcel)
    return sizes
