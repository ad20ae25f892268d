"""What is told again after a database was restored, and numbers that are passed over: ADR 0015."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from shared.kit import audit
from shared.kit.database import database_now
from shared.kit.documents import document
from shared.kit.identifiers import new_id

STEP = 5000
"""Parcels opened again in one transaction at most."""


@dataclass(frozen=True)
class Numbers:
    """Some numbers of an aggregate, both ends included."""

    aggregate_id: UUID
    first: int
    last: int


# Parcels are opened as a whole: what the receiver has of one, its inbox absorbs. Counted are their
# messages. Those closed at one moment lie together, and are told apart by their ids.
_AGAIN = """
    ), again AS (
        DELETE FROM closed_outbox AS closed USING chosen
         WHERE (closed.closed_at, closed.parcel_id) = (chosen.closed_at, chosen.parcel_id)
        RETURNING closed.parcel_id, destination, aggregates, sequences, messages, created_at
    ), opened AS (
        INSERT INTO outbox (parcel_id, destination, aggregates, sequences, messages, created_at,
                            next_at, sends)
        SELECT again.*, now(), 0 FROM again
    ), counted AS (
        SELECT coalesce(sum(cardinality(sequences)), 0) AS many FROM again
    ), noted AS (
        UPDATE outbox_totals SET closed = closed - many FROM counted
         WHERE destination = :destination
    )
    SELECT many FROM counted
"""

_SINCE = text(
    f"""
    WITH oldest AS MATERIALIZED (
        SELECT closed_at, parcel_id FROM closed_outbox
         WHERE destination = :destination AND closed_at >= :since AND closed_at < :until
         ORDER BY closed_at LIMIT :most
    ), chosen AS MATERIALIZED (
        SELECT closed.closed_at, closed.parcel_id
          FROM closed_outbox AS closed JOIN oldest USING (closed_at, parcel_id)
         ORDER BY closed.parcel_id FOR UPDATE OF closed
    {_AGAIN}
    """,  # noqa: S608 - made of our own words only
)

_NAMED = text(
    f"""
    WITH asked AS MATERIALIZED (
        SELECT * FROM json_to_recordset(CAST(:rows AS json))
                   AS asked(aggregate_id uuid, first bigint, last bigint)
    ), chosen AS MATERIALIZED (
        SELECT closed_at, parcel_id FROM closed_outbox
         WHERE destination = :destination
           AND aggregates && ARRAY(SELECT aggregate_id FROM asked)
           AND EXISTS (SELECT FROM unnest(aggregates, sequences) AS told(aggregate_id, sequence)
                         JOIN asked USING (aggregate_id) WHERE sequence BETWEEN first AND last)
         ORDER BY parcel_id FOR UPDATE
    {_AGAIN}
    """,  # noqa: S608 - made of our own words only
)


def resend(
    session: Session,
    *,
    destination: str,
    since: datetime,
    until: datetime,
    actor: str,
    most: int = STEP,
) -> int:
    """Open again what a receiver has committed between these moments; returns how many messages.

    Whatever the receiver still has, its inbox absorbs. To be called until it returns none; what is
    closed again meanwhile is younger than ``until`` and not taken once more.
    """
    asked = {"destination": destination, "since": since, "until": until, "most": most}
    return _opened(session, _SINCE.bindparams(**asked), destination, actor)


def reopen(
    session: Session,
    *,
    destination: str,
    missing: Iterable[Numbers],
    actor: str,
) -> int:
    """Open again the parcels of these messages, as far as they are kept.

    Returns how many messages are told again; those that were not asked for are known already.
    """
    rows = document([vars(numbers) for numbers in missing])
    statement = _NAMED.bindparams(destination=destination, rows=rows)
    return _opened(session, statement, destination, actor)


def _opened(session: Session, statement: TextClause, destination: str, actor: str) -> int:
    many = int(session.execute(statement).scalar_one())
    if many:
        _record(session, "resend_messages", destination, many, actor)
    return many


# Locked by a statement of its own, so that the next one sees what it locked.
_LOCK = text(
    """
    SELECT FROM outbox_sequences
      JOIN json_to_recordset(CAST(:rows AS json))
           AS row(aggregate_id uuid, first bigint, last bigint) USING (aggregate_id)
     ORDER BY aggregate_id FOR UPDATE OF outbox_sequences
    """,
)

_PASS = text(
    """
    WITH asked AS (
        SELECT aggregate_id, max(last) AS last
          FROM json_to_recordset(CAST(:rows AS json))
               AS row(aggregate_id uuid, first bigint, last bigint)
         GROUP BY 1
    ), behind AS (
        SELECT aggregate_id, last,
               coalesce(CAST(last_sequences ->> :destination AS bigint), 0) AS former
          FROM asked LEFT JOIN outbox_sequences USING (aggregate_id)
    ), moved AS (
        INSERT INTO outbox_sequences AS kept (aggregate_id, last_sequences)
        SELECT aggregate_id, jsonb_build_object(CAST(:destination AS text), last)
          FROM behind WHERE former < last ORDER BY 1
            ON CONFLICT (aggregate_id) DO UPDATE
            SET last_sequences = kept.last_sequences || excluded.last_sequences
            WHERE coalesce(CAST(kept.last_sequences ->> :destination AS bigint), 0)
                  < CAST(excluded.last_sequences ->> :destination AS bigint)
        RETURNING aggregate_id
    ), counted AS (
        SELECT coalesce(sum(last - former), 0) AS many FROM behind JOIN moved USING (aggregate_id)
    ), noted AS (
        INSERT INTO outbox_totals AS kept (destination, closed, resent)
        SELECT :destination, many, 0 FROM counted
            ON CONFLICT (destination) DO UPDATE SET closed = kept.closed + excluded.closed
    )
    SELECT many FROM counted
    """,
)


def pass_numbers(
    session: Session,
    *,
    destination: str,
    forgotten: Sequence[Numbers],
    actor: str,
) -> int:
    """Go on after the numbers a receiver has passed; returns how many are passed over.

    They were told and closed in a life of this database that is gone: so they count as closed.
    """
    rows = document([vars(numbers) for numbers in forgotten])
    asked = {"destination": destination, "rows": rows}
    session.execute(_LOCK, asked)
    many = int(session.execute(_PASS, asked).scalar_one())
    if many:
        _record(session, "pass_numbers", destination, many, actor)
    return many


def _record(session: Session, action: str, destination: str, many: int, actor: str) -> None:
    audit.record(
        session,
        actor=actor,
        action=action,
        object_id=new_id(),
        now=database_now(session),
        destination=destination,
        count=many,
    )
