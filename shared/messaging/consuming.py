"""What a worker does with what comes off its queue: frames, canaries, and what is neither."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from shared.kit.database import Begin
from shared.kit.logging import logger
from shared.messaging import refusals
from shared.messaging.delivery import Delivery
from shared.messaging.door import Junk
from shared.messaging.draining import Shift
from shared.messaging.envelope import MOST_MESSAGES, OpenedParcel, RefusalReason
from shared.messaging.gathering import Gathering
from shared.messaging.heartbeat import Heartbeat
from shared.messaging.receipts import ReceiptBook


@dataclass(frozen=True)
class Consuming:
    """The three tasks of a worker, each watched from its beginning to its end."""

    handling: Callable[[], AbstractContextManager[None]]
    begin: Begin
    delivery: Delivery
    gathering: Gathering
    receipts: ReceiptBook
    heartbeat: Heartbeat
    shift: Shift

    def deliver(self, frame: Sequence[Any]) -> None:
        """Handle a frame, and with it what waits in the queue behind it."""
        with self.handling():
            parcels = self.delivery.open(frame)
            behind = self.gathering.behind(sum(len(it.envelopes) for it in parcels))
            parcels += self.delivery.open(behind.parcels)
            for together in _batches(parcels):
                self.delivery.deliver(together)
                self.receipts.add(together)
            self.gathering.has_worked()
            if behind.refused:
                self._refuse(behind.refused)
            if behind.canaries:
                self._show()

    def beat(self) -> None:
        """Show that a canary has come through, and see to held messages."""
        with self.handling():
            self._show()

    def refuse(self, digest: str) -> None:
        """Count what no sender of ours has written."""
        with self.handling():
            self._refuse([digest])

    def _show(self) -> None:
        self.heartbeat.show()
        self.shift.take()

    def _refuse(self, digests: Sequence[str]) -> None:
        logger().warning("envelope_refused", reason=RefusalReason.UNREADABLE, count=len(digests))
        with self.begin() as session:
            refusals.refuse(
                session,
                [(Junk(bytes.fromhex(each)), RefusalReason.UNREADABLE) for each in digests],
            )


def _batches(parcels: Sequence[OpenedParcel]) -> Iterator[list[OpenedParcel]]:
    """Parcels with as many messages as are handled in one transaction at most."""
    batch: list[OpenedParcel] = []
    room = MOST_MESSAGES
    for parcel in parcels:
        if batch and len(parcel.envelopes) > room:
            yield batch
            batch, room = [], MOST_MESSAGES
        batch.append(parcel)
        room -= len(parcel.envelopes)
    if batch:
        yield batch
