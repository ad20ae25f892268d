"""A sender with its outbox, its relay and a real broker."""

from base64 import b64decode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import orjson
import redis

from shared.contracts import CaseReceived
from shared.kit.timepiece import PRESENT, Timepiece
from shared.messaging import outbox
from shared.messaging.broker import Broker
from shared.messaging.envelope import Envelope, Wire, seal_receipt
from shared.messaging.pulse import Beat, unwatched
from shared.messaging.relay import Relay
from shared.messaging.sweeps import Sweep
from tests.messaging.parts import RECEIVER, SENDER, Receiver, case_received, links_of, messages_in

LEASE = 30.0
COPIES = len(CaseReceived.to)
"""Parcels of one message."""


@dataclass
class Desk:
    """The sender: its outbox, its relay and its broker."""

    receiver: Receiver
    queues: "redis.Redis"
    broker: Broker

    def relay(
        self,
        broker: Broker | None = None,
        *,
        sweeps: Sequence[Sweep] = (),
        beat: Beat = unwatched,
        timepiece: Timepiece = PRESENT,
    ) -> Relay:
        return Relay(
            SENDER,
            self.receiver.database.begin,
            broker or self.broker,
            links_of(SENDER),
            lease_seconds=LEASE,
            sweeps=sweeps,
            beat=beat,
            timepiece=timepiece,
        )

    def tell(self, count: int = 1) -> list[UUID]:
        cases = [uuid4() for _ in range(count)]
        with self.receiver.database.begin() as session:
            for case_id in cases:
                outbox.add(session, case_received(case_id))
        return cases

    def sent(self, queue: str = RECEIVER) -> list[list[Wire]]:
        """The frames in a queue, oldest first."""
        found = [orjson.loads(item) for item in reversed(self.queues.lrange(queue, 0, -1))]
        bodies = [orjson.loads(b64decode(item["body"])) for item in found]
        return [arguments[0] for arguments, _, _ in bodies if arguments]

    def told(self, queue: str = RECEIVER) -> list[Envelope]:
        """The messages in a queue, oldest first."""
        return [told for frame in self.sent(queue) for wire in frame for told in messages_in(wire)]

    def sizes(self, queue: str = RECEIVER) -> list[int]:
        """How many messages each frame has, oldest first."""
        return [sum(len(messages_in(wire)) for wire in frame) for frame in self.sent(queue)]

    def count(self, queue: str = RECEIVER) -> int:
        return len(self.told(queue))

    def open(self) -> list[Any]:
        return self.receiver.rows("SELECT * FROM outbox ORDER BY destination, parcel_id")

    def lease_ends(self, *, leases_ago: float = 0) -> None:
        seconds = LEASE * leases_ago
        self.receiver.run(
            "UPDATE outbox SET next_at = now() - make_interval(secs => :seconds)", seconds=seconds
        )

    def receipt(self, destination: str = RECEIVER) -> Wire:
        """What a receiver that has committed everything tells."""
        ids = [str(row["parcel_id"]) for row in self.open() if row["destination"] == destination]
        return seal_receipt(links_of(destination), SENDER, ids)

    def totals(self) -> dict[str, tuple[int, int]]:
        rows = self.receiver.rows("SELECT * FROM outbox_totals")
        return {row["destination"]: (row["closed"], row["resent"]) for row in rows}

    def fill(self, frames: int, queue: str = RECEIVER) -> None:
        self.queues.delete(queue)
        if frames:
            self.queues.lpush(queue, *["waiting"] * frames)

    def length(self, queue: str = RECEIVER) -> int:
        return int(self.queues.llen(queue))
