"""Messages are stored in the transaction of the change they tell of, and leave after its commit."""

from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

import orjson
from sqlalchemy import ARRAY, Float, String, Text, Uuid, bindparam, text
from sqlalchemy.orm import Session

from shared.contracts.base import Message
from shared.kit import trace
from shared.kit.database import before_commit, gathered
from shared.kit.identifiers import new_id

KEY = "outbox"
COMMITTED = "outbox_committed"
ROUTE = "outbox_route"
TRACES = "outbox_traces"


@dataclass(frozen=True)
class Outgoing:
    """One message for one destination, with its place in the order of its aggregate."""

    message_id: UUID
    destination: str
    aggregate_id: UUID
    sequence: int
    type: str
    body: dict[str, Any]
    traceparent: str | None


class Lane(Protocol):
    """What the outbox asks of whoever publishes: may this destination be sent to at once?"""

    def lease(self, destination: str) -> float | None:
        """Seconds a row is leased to the committing process; ``None`` leaves it to the relay."""


def add(session: Session, message: Message) -> None:
    """Tell the other services, if and only if this transaction commits."""
    traces: dict[UUID, str] = session.info.get(TRACES, {})
    traceparent = traces.get(message.aggregate_id) or trace.current()
    gathered(session, KEY).append((new_id(), message, traceparent))
    before_commit(session, KEY, _write)


def committed(session: Session) -> list[Outgoing]:
    """The rows this session wrote and leased to this process; for the publisher, after commit."""
    found: list[Outgoing] = session.info.pop(COMMITTED, [])
    return found


def _write(session: Session) -> None:
    """Number the messages per aggregate and destination, and store a row for each destination."""
    waiting: list[tuple[UUID, Message, str | None]] = gathered(session, KEY)
    if not waiting:
        return
    lane: Lane | None = session.info.get(ROUTE)
    asked = [
        (message_id, queue, message, traceparent)
        for message_id, message, traceparent in waiting
        for queue in message.to
    ]
    leases = {queue: lane.lease(queue) if lane else None for _, queue, _, _ in asked}
    bodies = {message_id: message.model_dump(mode="json") for message_id, message, _ in waiting}
    texts = {message_id: orjson.dumps(body).decode() for message_id, body in bodies.items()}
    numbers = session.execute(
        _STORE,
        {
            "ids": [message_id for message_id, _, _, _ in asked],
            "destinations": [str(queue) for _, queue, _, _ in asked],
            "aggregates": [message.aggregate_id for _, _, message, _ in asked],
            "types": [message.type for _, _, message, _ in asked],
            "bodies": [texts[message_id] for message_id, _, _, _ in asked],
            "traces": [traceparent for _, _, _, traceparent in asked],
            "leases": [leases[queue] for _, queue, _, _ in asked],
        },
    )
    sequences = {(row.message_id, row.destination): row.sequence for row in numbers}
    waiting.clear()
    session.info.setdefault(COMMITTED, []).extend(
        Outgoing(
            message_id=message_id,
            destination=queue,
            aggregate_id=message.aggregate_id,
            sequence=sequences[message_id, queue],
            type=message.type,
            body=bodies[message_id],
            traceparent=traceparent,
        )
        for message_id, queue, message, traceparent in asked
        if leases[queue] is not None
    )


# One statement for whatever a frame or a group of requests has gathered, so that its cost hardly
# depends on their number. Sequence rows are locked in one order: transactions that share
# aggregates wait for each other instead of deadlocking.
_STORE = text(
    """
    WITH asked AS (
        SELECT *, row_number() OVER (PARTITION BY destination, aggregate_id ORDER BY place) AS turn,
               count(*) OVER (PARTITION BY destination, aggregate_id) AS turns
          FROM unnest(:ids, :destinations, :aggregates, :types, :bodies, :traces, :leases)
               WITH ORDINALITY
               AS row(message_id, destination, aggregate_id, type, body, traceparent, lease, place)
    ), reserved AS (
        INSERT INTO outbox_sequences AS kept (destination, aggregate_id, last_sequence)
        SELECT destination, aggregate_id, turns FROM asked WHERE turn = 1 ORDER BY 1, 2
            ON CONFLICT (destination, aggregate_id)
            DO UPDATE SET last_sequence = kept.last_sequence + excluded.last_sequence
        RETURNING destination, aggregate_id, last_sequence
    )
    INSERT INTO outbox (message_id, destination, aggregate_id, sequence, type, body, traceparent,
                        next_at, sends)
    SELECT message_id, destination, aggregate_id, last_sequence - turns + turn, type, body::jsonb,
           traceparent, now() + make_interval(secs => coalesce(lease, 0)),
           CASE WHEN lease IS NULL THEN 0 ELSE 1 END
      FROM asked JOIN reserved USING (destination, aggregate_id)
    RETURNING message_id, destination, sequence
    """,
).bindparams(
    bindparam("ids", type_=ARRAY(Uuid)),
    bindparam("destinations", type_=ARRAY(String)),
    bindparam("aggregates", type_=ARRAY(Uuid)),
    bindparam("types", type_=ARRAY(String)),
    bindparam("bodies", type_=ARRAY(Text)),
    bindparam("traces", type_=ARRAY(String)),
    bindparam("leases", type_=ARRAY(Float)),
)
