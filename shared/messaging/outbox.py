"""Messages are stored in the transaction of the change they tell of, and leave after its commit."""

from collections import Counter
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

import orjson
from sqlalchemy import ARRAY, BigInteger, Float, Integer, String, Text, Uuid, bindparam, text
from sqlalchemy.orm import Session

from shared.contracts.base import Message
from shared.kit import trace
from shared.kit.database import before_commit, gathered
from shared.kit.identifiers import new_id

KEY = "outbox"
COMMITTED = "outbox_committed"
ROUTE = "outbox_route"


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
    gathered(session, KEY).append((new_id(), message, trace.current()))
    before_commit(session, KEY, _write)


def committed(session: Session) -> list[Outgoing]:
    """The rows this session wrote and leased to this process; for the publisher, after commit."""
    found: list[Outgoing] = session.info.pop(COMMITTED, [])
    return found


def _write(session: Session) -> None:
    """Number the messages per aggregate and destination, and store a row for each destination.

    Both statements take whole arrays: their cost hardly depends on how many messages a frame or a
    group of requests has gathered. Sequence rows are locked in one order, so that transactions
    which share aggregates wait for each other instead of deadlocking.
    """
    waiting: list[tuple[UUID, Message, str | None]] = gathered(session, KEY)
    if not waiting:
        return
    counts = Counter(
        (str(queue), message.aggregate_id) for _, message, _ in waiting for queue in message.to
    )
    numbers = _reserve(session, counts)
    rows = []
    for message_id, message, traceparent in waiting:
        body = message.model_dump(mode="json")
        for queue in message.to:
            place = (str(queue), message.aggregate_id)
            numbers[place] += 1
            rows.append(
                Outgoing(
                    message_id, queue, place[1], numbers[place], message.type, body, traceparent
                ),
            )
    waiting.clear()
    _store(session, rows)


_RESERVE = text(
    """
    INSERT INTO outbox_sequences AS kept (destination, aggregate_id, last_sequence)
    SELECT asked.destination, asked.aggregate_id, asked.messages
      FROM unnest(:destinations, :aggregates, :messages)
           AS asked(destination, aggregate_id, messages)
     ORDER BY 1, 2
        ON CONFLICT (destination, aggregate_id)
        DO UPDATE SET last_sequence = kept.last_sequence + excluded.last_sequence
    RETURNING destination, aggregate_id, last_sequence
    """,
).bindparams(
    bindparam("destinations", type_=ARRAY(String)),
    bindparam("aggregates", type_=ARRAY(Uuid)),
    bindparam("messages", type_=ARRAY(Integer)),
)


def _reserve(session: Session, counts: Counter[tuple[str, UUID]]) -> dict[tuple[str, UUID], int]:
    """The last number in use before these messages, per destination and aggregate."""
    rows = session.execute(
        _RESERVE,
        {
            "destinations": [destination for destination, _ in counts],
            "aggregates": [aggregate_id for _, aggregate_id in counts],
            "messages": list(counts.values()),
        },
    )
    return {
        (destination, aggregate_id): last - counts[destination, aggregate_id]
        for destination, aggregate_id, last in rows
    }


_STORE = text(
    """
    INSERT INTO outbox (message_id, destination, aggregate_id, sequence, type, body, traceparent,
                        next_at, sends)
    SELECT message_id, destination, aggregate_id, sequence, type, body::jsonb, traceparent,
           now() + make_interval(secs => coalesce(lease, 0)), CASE WHEN lease IS NULL THEN 0 ELSE 1 END
      FROM unnest(:ids, :destinations, :aggregates, :sequences, :types, :bodies, :traces, :leases)
           AS row(message_id, destination, aggregate_id, sequence, type, body, traceparent, lease)
    """,
).bindparams(
    bindparam("ids", type_=ARRAY(Uuid)),
    bindparam("destinations", type_=ARRAY(String)),
    bindparam("aggregates", type_=ARRAY(Uuid)),
    bindparam("sequences", type_=ARRAY(BigInteger)),
    bindparam("types", type_=ARRAY(String)),
    bindparam("bodies", type_=ARRAY(Text)),
    bindparam("traces", type_=ARRAY(String)),
    bindparam("leases", type_=ARRAY(Float)),
)


def _store(session: Session, rows: list[Outgoing]) -> None:
    lane: Lane | None = session.info.get(ROUTE)
    leases = {row.destination: lane.lease(row.destination) if lane else None for row in rows}
    session.execute(
        _STORE,
        {
            "ids": [row.message_id for row in rows],
            "destinations": [row.destination for row in rows],
            "aggregates": [row.aggregate_id for row in rows],
            "sequences": [row.sequence for row in rows],
            "types": [row.type for row in rows],
            "bodies": [orjson.dumps(row.body).decode() for row in rows],
            "traces": [row.traceparent for row in rows],
            "leases": [leases[row.destination] for row in rows],
        },
    )
    session.info.setdefault(COMMITTED, []).extend(
        row for row in rows if leases[row.destination] is not None
    )
