"""Receipts tell senders what is committed here, many at a time, a few times a second at most."""

import threading
from collections import defaultdict
from collections.abc import Iterable

from shared.kit.logging import logger
from shared.messaging.broker import Broker, BrokerDown
from shared.messaging.envelope import Links, OpenedParcel, seal_receipt

MOST = 512
"""Parcels in one receipt."""
EVERY = 0.1
"""Seconds for which what is noted waits for more, to be sent with it."""


class ReceiptBook:
    """Gathers receipts and sends them from a thread of its own.

    The book is memory only: what a killed process had not sent is asked for again, because the
    sender then sends its parcel again and the inbox knows it.
    """

    def __init__(self, links: Links, broker: Broker) -> None:
        self._links = links
        self._broker = broker
        self._lock = threading.Lock()
        self._ids: dict[str, list[str]] = defaultdict(list)
        self._noted = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="receipts", daemon=True)

    def start(self) -> None:
        """Begin sending."""
        self._thread.start()

    def add(self, parcels: Iterable[OpenedParcel]) -> None:
        """Note parcels of which every message has a committed inbox row."""
        with self._lock:
            for parcel in parcels:
                self._ids[parcel.source].append(parcel.parcel_id)
        self._noted.set()

    def close(self) -> None:
        """Send what is noted, then stop."""
        self._stop.set()
        self._noted.set()
        self._thread.join(timeout=10)
        self.send()

    def send(self) -> None:
        """Send everything noted so far; a broker that is down loses it, harmlessly."""
        with self._lock:
            noted, self._ids = self._ids, defaultdict(list)
        sealed = [
            (sender, seal_receipt(self._links, sender, ids[start : start + MOST]))
            for sender, ids in noted.items()
            for start in range(0, len(ids), MOST)
        ]
        if not sealed:
            return
        try:
            self._broker.send_receipts(sealed)
        except BrokerDown as fault:
            logger().warning("broker_down", error=type(fault).__name__)

    def _run(self) -> None:
        while self._noted.wait() and not self._stop.wait(EVERY):
            self._noted.clear()
            self.send()
