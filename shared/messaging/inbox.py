"""The messages this service has taken over, each once, in the order of each aggregate.

The inbox row is inserted first, in the transaction of the effect: a repeat conflicts with it and
does nothing. The same statement moves the cursor of the aggregate, and so tells whether it is this
message's turn.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import ARRAY, BigInteger, String, Text, Uuid, bindparam, text
from sqlalchemy.orm import Session

from shared.kit.documents import document, ids
from shared.kit.round_trips import later
from shared.messaging.envelope import Envelope, OpenedParcel


class InboxState(StrEnum):
    """What became of a message that was taken over."""

    HANDLED = "handled"
    REFUSED = "refused"
    HELD = "held"
    PARKED = "parked"
    STALE = "stale"
    """It came under a number its aggregate had passed; what became of it is its outcome."""


class HeldReason(StrEnum):
    """Why a message waits in this service."""

    EARLY = "early"
    NOT_YET = "not_yet"
    FAULT = "fault"
    STALE = "stale"
    """An operator decided that it is applied although its number has been passed."""


def _arrays(**types: Any) -> list[Any]:
    return [bindparam(name, type_=ARRAY(kind)) for name, kind in types.items()]


_TOLD = """
    SELECT * FROM ROWS FROM (json_to_recordset(CAST(:rows AS json))
                             AS (message_id uuid, source text, type text, aggregate_id uuid,
                                 sequence bigint, substance bytea)) WITH ORDINALITY
           AS told(message_id, source, type, aggregate_id, sequence, substance, place)
"""


def _told(envelopes: Sequence[Envelope]) -> str:
    """A whole frame as one statement reads it."""
    return document(
        [
            {
                "message_id": it.message_id,
                "source": it.source,
                "type": it.type,
                "aggregate_id": it.aggregate_id,
                "sequence": it.sequence,
                "substance": it.substance,
            }
            for it in envelopes
        ]
    )


# A cursor moves only if the fresh messages of its aggregate continue it without a gap; otherwise
# it stays, and what came is early or stale. A row that stays is not returned: so what is returned
# has had its turn, or has just begun at nothing. Waiting successors are looked for by the way.
# Each cursor finds the end of its run by a key: through all runs of a frame it would go twice.
_CLAIM = text(
    f"""
    WITH told AS ({_TOLD}), begun AS MATERIALIZED (
        SELECT 1 FROM begun_frames
         WHERE id <> :frame_id AND parcel_ids && CAST(:unless_begun AS uuid[])
         UNION ALL
        SELECT 1 FROM delivery_attempts JOIN told USING (message_id)
         WHERE :unless_begun IS NOT NULL
    ), fresh AS (
        INSERT INTO inbox (message_id, source, type, aggregate_id, sequence, state, substance)
        SELECT message_id, source, type, aggregate_id, sequence, :state, substance
          FROM told WHERE NOT EXISTS (SELECT FROM begun) ORDER BY 1
            ON CONFLICT DO NOTHING
        RETURNING message_id, source, aggregate_id, sequence
    ), runs AS (
        SELECT source, aggregate_id, min(sequence) AS first, max(sequence) AS last,
               max(sequence) - min(sequence) + 1 = count(*)
                   AND count(*) = count(DISTINCT sequence) AS is_whole
          FROM fresh GROUP BY 1, 2
    ), ends AS (
        SELECT jsonb_object_agg(source || aggregate_id || first, last) AS of_runs
          FROM runs WHERE is_whole
    ), moved AS (
        INSERT INTO inbox_cursors AS kept (source, aggregate_id, last_sequence)
        SELECT source, aggregate_id, CASE WHEN is_whole AND first = 1 THEN last ELSE 0 END
          FROM runs ORDER BY 1, 2
            ON CONFLICT (source, aggregate_id) DO UPDATE SET last_sequence = (
                SELECT of_runs ->> (kept.source || kept.aggregate_id || kept.last_sequence + 1)
                  FROM ends)::bigint
             WHERE (
                SELECT of_runs ? (kept.source || kept.aggregate_id || kept.last_sequence + 1)
                  FROM ends)
        RETURNING source, aggregate_id, last_sequence
    ), ended AS (
        DELETE FROM begun_frames WHERE id = :frame_id
    )
    SELECT told.place - 1 AS place,
           coalesce(moved.last_sequence, 0) >= fresh.sequence AS is_its_turn,
           EXISTS (SELECT FROM held_messages AS held
                    WHERE held.aggregate_id = fresh.aggregate_id
                      AND (held.source = fresh.source OR held.reason = :not_yet)) AS has_waiting
      FROM fresh JOIN told USING (message_id)
      LEFT JOIN moved ON (moved.source, moved.aggregate_id) = (fresh.source, fresh.aggregate_id)
     UNION ALL
    SELECT NULL, NULL, NULL FROM begun
    """,  # noqa: S608 - made of our own words only
).bindparams(bindparam("frame_id", type_=Uuid), bindparam("unless_begun", type_=String))


class BegunBefore(Exception):
    """Some of these were begun before and have not ended, or are being handled elsewhere."""


@dataclass(frozen=True)
class Claim:
    """The messages of a frame that are new here."""

    ready: tuple[Envelope, ...]
    out_of_turn: tuple[Envelope, ...]
    """Before their turn, or behind it: see ``turns``."""
    has_waiting: bool


def claim(
    session: Session,
    envelopes: Sequence[Envelope],
    frame_id: UUID | None = None,
    *,
    unless_begun: Sequence[OpenedParcel] | None = None,
) -> Claim:
    """Take messages over; what was taken over before is left out.

    With them ends the frame they were begun in, if they are handled as a frame. Raises
    ``BegunBefore``, if their parcels are named and one was begun before: then nothing was taken
    over.
    """
    asked = {
        "rows": _told(envelopes),
        "state": InboxState.HANDLED,
        "frame_id": frame_id,
        "unless_begun": unless_begun and ids(it.parcel_id for it in unless_begun),
        "not_yet": HeldReason.NOT_YET,
    }
    rows = session.execute(_CLAIM, asked).all()
    if any(row.place is None for row in rows):
        raise BegunBefore
    turns = {envelopes[row.place].message_id: row.is_its_turn for row in rows}
    fresh = sorted(
        {it.message_id: it for it in envelopes if it.message_id in turns}.values(),
        key=lambda it: it.sequence,
    )
    return Claim(
        ready=tuple(it for it in fresh if turns[it.message_id]),
        out_of_turn=tuple(it for it in fresh if not turns[it.message_id]),
        has_waiting=any(row.has_waiting for row in rows),
    )


_HOLD_EARLY = text(
    """
    WITH kept AS (
        INSERT INTO held_messages (message_id, source, aggregate_id, sequence, envelope, reason,
                                   attempts)
        SELECT *, :reason, 0
          FROM unnest(:ids, :sources, :aggregates, :sequences, CAST(:envelopes AS jsonb[]))
    )
    UPDATE inbox SET state = :state WHERE message_id = ANY(:ids)
    """,
).bindparams(
    *_arrays(ids=Uuid, sources=String, aggregates=Uuid, sequences=BigInteger, envelopes=Text)
)


def hold_early(session: Session, envelopes: Sequence[Envelope]) -> None:
    """Keep claimed messages until the ones before them in their aggregate are applied."""
    later(
        session,
        _HOLD_EARLY,
        {
            "ids": [it.message_id for it in envelopes],
            "sources": [it.source for it in envelopes],
            "aggregates": [it.aggregate_id for it in envelopes],
            "sequences": [it.sequence for it in envelopes],
            "envelopes": [orjson.dumps(it.wire).decode() for it in envelopes],
            "reason": HeldReason.EARLY,
            "state": InboxState.HELD,
        },
    )


_TAKE_OVER = text(
    """
    WITH ended AS (DELETE FROM delivery_attempts WHERE message_id = :id)
    INSERT INTO inbox (message_id, source, type, aggregate_id, sequence, state, substance)
    VALUES (:id, :source, :type, :aggregate_id, :sequence, :state, :substance)
        ON CONFLICT DO NOTHING
    RETURNING message_id
    """,
).bindparams(bindparam("id", type_=Uuid), bindparam("aggregate_id", type_=Uuid))


def take_over(session: Session, envelope: Envelope, state: InboxState) -> bool:
    """Take a message over without applying it: the cursor stays before it.

    False when the message was taken over already.
    """
    taken = session.scalar(
        _TAKE_OVER,
        {
            "id": envelope.message_id,
            "source": envelope.source,
            "type": envelope.type,
            "aggregate_id": envelope.aggregate_id,
            "sequence": envelope.sequence,
            "state": state,
            "substance": envelope.substance,
        },
    )
    return taken is not None


# Whatever becomes of a stale message, it stays outside the order of its aggregate.
_MARK = text(
    f"""
    UPDATE inbox SET outcome = :outcome,
           state = CASE state WHEN '{InboxState.STALE}' THEN state ELSE :state END
     WHERE message_id = :id
    """,  # noqa: S608 - made of our own words only
).bindparams(
    bindparam("id", type_=Uuid),
)


def mark(
    session: Session,
    message_id: UUID | str,
    state: InboxState,
    outcome: str | None = None,
) -> None:
    """Record what became of a message."""
    later(session, _MARK, {"id": message_id, "state": state, "outcome": outcome})


_OPEN_CURSOR = text(
    """
    INSERT INTO inbox_cursors (source, aggregate_id, last_sequence)
    VALUES (:source, :aggregate_id, 0) ON CONFLICT DO NOTHING
    """,
).bindparams(bindparam("aggregate_id", type_=Uuid))

_ADVANCE = text(
    """
    UPDATE inbox_cursors SET last_sequence = :sequence
     WHERE source = :source AND aggregate_id = :aggregate_id AND last_sequence = :sequence - 1
    RETURNING last_sequence
    """,
).bindparams(bindparam("aggregate_id", type_=Uuid), bindparam("sequence", type_=BigInteger))


def advance(session: Session, envelope: Envelope) -> bool:
    """Move the cursor over one held message; False when it is not its turn."""
    place = {"source": envelope.source, "aggregate_id": envelope.aggregate_id}
    later(session, _OPEN_CURSOR, place)
    return session.scalar(_ADVANCE, {**place, "sequence": envelope.sequence}) is not None


_TAKE_TURNS = text(
    f"""
    WITH told AS ({_TOLD}), moved AS (
        INSERT INTO inbox_cursors AS kept (source, aggregate_id, last_sequence)
        SELECT source, aggregate_id, CASE WHEN sequence = 1 THEN 1 ELSE 0 END
          FROM told ORDER BY 1, 2
            ON CONFLICT (source, aggregate_id) DO UPDATE
               SET last_sequence = kept.last_sequence + 1
             WHERE EXISTS (
                SELECT FROM told
                 WHERE told.source = kept.source AND told.aggregate_id = kept.aggregate_id
                   AND told.sequence = kept.last_sequence + 1)
        RETURNING source, aggregate_id, last_sequence
    ), in_turn AS (
        SELECT message_id, place FROM told JOIN moved USING (source, aggregate_id)
         WHERE sequence = last_sequence
    ), released AS (
        DELETE FROM held_messages WHERE message_id IN (SELECT message_id FROM in_turn)
        RETURNING message_id
    ), marked AS (
        UPDATE inbox SET state = :state
         WHERE message_id IN (SELECT message_id FROM released)
    )
    SELECT place - 1 AS place, message_id IN (SELECT message_id FROM released) AS is_released
      FROM in_turn
    """,  # noqa: S608 - made of our own words only
)


class AlreadyReleased(Exception):
    """A held message whose turn it is has gone: somebody else has decided about it."""


def take_turns(session: Session, envelopes: Sequence[Envelope]) -> list[Envelope]:
    """Let go of held messages, each of another aggregate, whose turn it is; returns these.

    Each is as handled then, its cursor moved. Raises ``AlreadyReleased``.
    """
    rows = session.execute(
        _TAKE_TURNS, {"rows": _told(envelopes), "state": InboxState.HANDLED}
    ).all()
    if not all(row.is_released for row in rows):
        raise AlreadyReleased
    return [envelopes[row.place] for row in sorted(rows, key=lambda row: row.place)]
