"""Messages are stored in the transaction of the change they tell of, and leave after its commit.

What a transaction tells one destination is a parcel: one row, one signature, one receipt.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.contracts.base import Message, Queue
from shared.kit import trace
from shared.kit.database import before_commit, gathered
from shared.kit.documents import document
from shared.kit.identifiers import new_id
from shared.kit.round_trips import later

FRAME = 64
"""How many messages are in one parcel, and in one frame, at most."""

KEY = "outbox"
COMMITTED = "outbox_committed"
ROUTE = "outbox_route"
TRACES = "outbox_traces"


@dataclass(frozen=True)
class Parcel:
    """What one transaction tells one destination, in order."""

    parcel_id: str
    destination: str
    aggregates: Sequence[str]
    """What each of its messages is about."""
    messages: str | bytes
    """The messages as JSON, each with an id of its own: stored, signed and sent as written here."""
    sequences: Sequence[int] = ()
    """The place of each in the order of its aggregate; known once it is stored."""

    def __len__(self) -> int:
        return len(self.aggregates)


class Lane(Protocol):
    """What the outbox asks of whoever publishes: may this destination be sent to at once?"""

    frame: int
    """How many messages a parcel may have."""

    def lease(self, destination: str) -> float | None:
        """Seconds a parcel is leased to the committing process; ``None`` leaves it to the relay."""


@dataclass(frozen=True)
class _Waiting:
    """A message that leaves with this transaction."""

    message: Message
    to: Sequence[Queue]
    traceparent: str | None


def add(session: Session, message: Message, *, only: Queue | None = None) -> None:
    """Tell the other services, or ``only`` one of them, if and only if this transaction commits.

    Each destination's copy has an id of its own. A receiver takes an id over once, whoever sent it:
    one that knew the id of another's copy could send something under it first.
    """
    traces: dict[UUID, str] = session.info.get(TRACES, {})
    traceparent = traces.get(message.aggregate_id) or trace.current()
    to = message.to if only is None else (only,)
    gathered(session, KEY).append(_Waiting(message, to, traceparent))
    before_commit(session, KEY, _write)


def is_telling(session: Session, aggregate_id: UUID, destination: Queue) -> bool:
    """Whether this transaction tells a destination something about an aggregate already."""
    waiting: list[_Waiting] = gathered(session, KEY)
    return any(it.message.aggregate_id == aggregate_id and destination in it.to for it in waiting)


def committed(session: Session) -> list[Parcel] | None:
    """The parcels this session leased to this process; ``None`` when it told nothing at all.

    For the publisher, after the commit, with whose answer their numbers came. No parcels means that
    all were left to the relay.
    """
    found: list[Parcel] | None = session.info.pop(COMMITTED, None)
    return found


def _write(session: Session) -> None:
    """Number the messages per aggregate and destination, and store a parcel or more for each."""
    waiting: list[_Waiting] = gathered(session, KEY)
    if not waiting:
        return
    lane: Lane | None = session.info.get(ROUTE)
    parcels = {it.parcel_id: it for it in _packed(waiting, lane.frame if lane else FRAME)}
    waiting.clear()
    queues = {parcel.destination for parcel in parcels.values()}
    leases = {queue: lane.lease(queue) if lane else None for queue in queues}

    def lease_numbered(stored: Sequence[Any]) -> None:
        numbers = {str(parcel_id): sequences for parcel_id, sequences in stored}
        session.info.setdefault(COMMITTED, []).extend(
            replace(parcel, sequences=numbers[parcel_id])
            for parcel_id, parcel in parcels.items()
            if leases[parcel.destination] is not None
        )

    later(session, _STORE, _asked(parcels, leases), lease_numbered)


def _packed(waiting: Sequence[_Waiting], most: int) -> Iterator[Parcel]:
    """Parcels of so many messages at most, each for one destination, in the order of telling."""
    told: dict[str, list[tuple[str, dict[str, Any]]]] = defaultdict(list)
    for it in waiting:
        about, body = str(it.message.aggregate_id), orjson.Fragment(it.message.model_dump_json())
        said = {"type": it.message.type, "trace": it.traceparent, "body": body}
        for queue in it.to:
            written = {"id": new_id(), **said}
            told[str(queue)].append((about, written))
    for destination, messages in told.items():
        for start in range(0, len(messages), most):
            some = messages[start : start + most]
            yield Parcel(
                parcel_id=str(new_id()),
                destination=destination,
                aggregates=[about for about, _ in some],
                messages=orjson.dumps([written for _, written in some]),
            )


def _asked(parcels: Mapping[str, Parcel], leases: Mapping[str, float | None]) -> dict[str, str]:
    """The parcels, and how many numbers of each aggregate they need.

    Of each message they say how many of its aggregate are told after it: where the last has its
    number, this one's is so much smaller.
    """
    after: dict[str, Counter[str]] = defaultdict(Counter)
    rows = []
    for parcel in reversed([*parcels.values()]):
        behind = []
        for about in reversed(parcel.aggregates):
            behind.append(after[about][parcel.destination])
            after[about][parcel.destination] += 1
        rows.append(
            {
                "parcel_id": parcel.parcel_id,
                "destination": parcel.destination,
                "lease": leases[parcel.destination],
                "aggregates": parcel.aggregates,
                "behind": behind[::-1],
                "messages": orjson.Fragment(parcel.messages),
            }
        )
    return {
        "parcels": document(rows),
        "numbers": document({"aggregate_id": about, "told": told} for about, told in after.items()),
    }


# One statement for whatever a frame or a group of requests has gathered, so that its cost hardly
# depends on their number. Sequence rows are locked in one order: transactions that share
# aggregates wait for each other instead of deadlocking.
_STORE = text(
    """
    WITH parcels AS MATERIALIZED (
        SELECT * FROM json_to_recordset(CAST(:parcels AS json))
               AS it(parcel_id uuid, destination text, lease float, aggregates uuid[], behind int[],
                     messages json)
    ), reserved AS (
        INSERT INTO outbox_sequences AS kept (aggregate_id, last_sequences)
        SELECT * FROM json_to_recordset(CAST(:numbers AS json)) AS it(aggregate_id uuid, told jsonb)
         ORDER BY aggregate_id
            ON CONFLICT (aggregate_id) DO UPDATE
            SET last_sequences = kept.last_sequences || (
                SELECT jsonb_object_agg(
                           queue,
                           CAST(many AS bigint)
                           + coalesce(CAST(kept.last_sequences ->> queue AS bigint), 0))
                  FROM jsonb_each_text(excluded.last_sequences) AS told(queue, many))
        RETURNING aggregate_id, last_sequences
    ), numbered AS (
        SELECT parcel_id, array_agg(CAST(last_sequences ->> destination AS bigint) - told.behind
                                    ORDER BY place) AS sequences
          FROM parcels, unnest(aggregates, behind) WITH ORDINALITY
                        AS told(aggregate_id, behind, place)
          JOIN reserved USING (aggregate_id)
         GROUP BY parcel_id
    )
    INSERT INTO outbox (parcel_id, destination, aggregates, sequences, messages, next_at, sends)
    SELECT parcel_id, destination, aggregates, sequences, messages,
           now() + make_interval(secs => coalesce(lease, 0)),
           CASE WHEN lease IS NULL THEN 0 ELSE 1 END
      FROM parcels JOIN numbered USING (parcel_id)
    RETURNING parcel_id, sequences
    """,
)
