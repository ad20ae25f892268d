"""Messages are stored in the transaction of the change they tell of, and leave after its commit."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.contracts.base import Message
from shared.kit import trace
from shared.kit.database import before_commit, gathered
from shared.kit.documents import document
from shared.kit.identifiers import new_id
from shared.kit.round_trips import later

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
    """Tell the other services, if and only if this transaction commits.

    Each destination's copy has an id of its own. A receiver takes an id over once, whoever sent it:
    one that knew the id of another's copy could send something under it first.
    """
    traces: dict[UUID, str] = session.info.get(TRACES, {})
    traceparent = traces.get(message.aggregate_id) or trace.current()
    gathered(session, KEY).append((message, traceparent))
    before_commit(session, KEY, _write)


def committed(session: Session) -> list[Outgoing] | None:
    """The rows this session leased to this process; ``None`` when it told nothing at all.

    For the publisher, after the commit, with whose answer their numbers came. No rows means that
    all were left to the relay.
    """
    found: list[Outgoing] | None = session.info.pop(COMMITTED, None)
    return found


def _write(session: Session) -> None:
    """Number the messages per aggregate and destination, and store a row for each destination."""
    waiting: list[tuple[Message, str | None]] = gathered(session, KEY)
    if not waiting:
        return
    lane: Lane | None = session.info.get(ROUTE)
    queues = {queue for message, _ in waiting for queue in message.to}
    leases = {str(queue): lane.lease(queue) if lane else None for queue in queues}
    rows: list[dict[str, Any]] = [
        {
            "message_ids": [new_id() for _ in message.to],
            "destinations": message.to,
            "aggregate_id": message.aggregate_id,
            "type": message.type,
            "body": message.model_dump(mode="json"),
            "traceparent": traceparent,
        }
        for message, traceparent in waiting
    ]
    waiting.clear()

    def lease_numbered(numbers: Sequence[Any]) -> None:
        leased = _numbered(rows, numbers, [queue for queue in queues if leases[queue] is not None])
        session.info.setdefault(COMMITTED, []).extend(leased)

    later(session, _STORE, {"rows": document(rows), "leases": document(leases)}, lease_numbered)


def _numbered(
    rows: Sequence[dict[str, Any]], numbers: Sequence[Any], destinations: Collection[str]
) -> list[Outgoing]:
    """The messages for these destinations, each with the number it was stored under."""
    sequences = {(place, destination): sequence for place, destination, sequence in numbers}
    return [
        Outgoing(
            message_id=message_id,
            destination=queue,
            aggregate_id=row["aggregate_id"],
            sequence=sequences[place, queue],
            type=row["type"],
            body=row["body"],
            traceparent=row["traceparent"],
        )
        for place, row in enumerate(rows)
        for message_id, queue in zip(row["message_ids"], row["destinations"], strict=True)
        if queue in destinations
    ]


# One statement for whatever a frame or a group of requests has gathered, so that its cost hardly
# depends on their number. Sequence rows are locked in one order: transactions that share
# aggregates wait for each other instead of deadlocking.
_STORE = text(
    """
    WITH asked AS (
        SELECT aggregate_id, type, body, traceparent, place, message_id, destination,
               (CAST(:leases AS json) ->> destination)::float AS lease,
               row_number() OVER (PARTITION BY destination, aggregate_id ORDER BY place) AS turn,
               count(*) OVER (PARTITION BY destination, aggregate_id) AS turns
          FROM ROWS FROM (json_to_recordset(CAST(:rows AS json))
                          AS (message_ids uuid[], destinations text[], aggregate_id uuid, type text,
                              body json, traceparent text))
               WITH ORDINALITY
               AS told(message_ids, destinations, aggregate_id, type, body, traceparent, place),
               unnest(message_ids, destinations) AS addressed(message_id, destination)
    ), reserved AS (
        INSERT INTO outbox_sequences AS kept (destination, aggregate_id, last_sequence)
        SELECT destination, aggregate_id, turns FROM asked WHERE turn = 1 ORDER BY 1, 2
            ON CONFLICT (destination, aggregate_id)
            DO UPDATE SET last_sequence = kept.last_sequence + excluded.last_sequence
        RETURNING destination, aggregate_id, last_sequence
    ), numbered AS (
        SELECT asked.*, last_sequence - turns + turn AS sequence
          FROM asked JOIN reserved USING (destination, aggregate_id)
    ), stored AS (
        INSERT INTO outbox (message_id, destination, aggregate_id, sequence, type, body,
                            traceparent, next_at, sends)
        SELECT message_id, destination, aggregate_id, sequence, type, body, traceparent,
               now() + make_interval(secs => coalesce(lease, 0)),
               CASE WHEN lease IS NULL THEN 0 ELSE 1 END
          FROM numbered
    )
    SELECT place - 1 AS place, destination, sequence FROM numbered
    """,
)
