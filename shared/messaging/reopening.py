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
"""Messages opened again in one transaction at most."""


@dataclass(frozen=True)
class Numbers:
    """Some numbers of an aggregate, both ends included."""

    aggregate_id: UUID
    first: int
    last: int


_AGAIN = """
    ), again AS (
        DELETE FROM closed_outbox WHERE ctid IN (SELECT ctid FROM chosen)
        RETURNING message_id, destination, aggregate_id, sequence, type, body, traceparent,
                  created_at
    ), opened AS (
        INSERT INTO outbox (message_id, destination, aggregate_id, sequence, type, body,
                            traceparent, created_at, next_at, sends)
        SELECT again.*, now(), 0 FROM again
    ), counted AS (
        SELECT count(*) AS many FROM again
    ), noted AS (
        UPDATE outbox_totals SET closed = closed - many FROM counted
         WHERE destination = :destination
    )
    SELECT many FROM counted
"""

_SINCE = text(
    f"""
    WITH oldest AS MATERIALIZED (
        SELECT ctid FROM closed_outbox
         WHERE destination = :destination AND closed_at >= :since AND closed_at < :until
         ORDER BY closed_at LIMIT :most
    ), chosen AS MATERIALIZED (
        SELECT ctid FROM closed_outbox WHERE ctid IN (SELECT ctid FROM oldest)
         ORDER BY message_id FOR UPDATE
    {_AGAIN}
    """,  # noqa: S608 - made of our own words only
)

_NAMED = text(
    f"""
    WITH chosen AS MATERIALIZED (
        SELECT closed.ctid FROM closed_outbox AS closed
          JOIN json_to_recordset(CAST(:rows AS json))
               AS asked(aggregate_id uuid, first bigint, last bigint) USING (aggregate_id)
         WHERE destination = :destination AND sequence BETWEEN first AND last
         ORDER BY closed.message_id FOR UPDATE OF closed
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
    """Open again what a receiver has committed between these moments; returns how many.

    Whatever the receiver still has, its inbox absorbs. To be called until it returns less than
    ``most``; what is closed again meanwhile is younger than ``until`` and not taken once more.
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
    """Open again these messages, as far as they are kept; returns how many."""
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
     WHERE destination = :destination ORDER BY aggregate_id FOR UPDATE OF outbox_sequences
    """,
)

_PASS = text(
    """
    WITH asked AS (
        SELECT aggregate_id, last FROM json_to_recordset(CAST(:rows AS json))
                                       AS row(aggregate_id uuid, first bigint, last bigint)
    ), former AS (
        SELECT aggregate_id, last_sequence FROM outbox_sequences JOIN asked USING (aggregate_id)
         WHERE destination = :destination
    ), moved AS (
        INSERT INTO outbox_sequences AS kept (destination, aggregate_id, last_sequence)
        SELECT :destination, aggregate_id, last FROM asked ORDER BY 2
            ON CONFLICT (destination, aggregate_id) DO UPDATE
            SET last_sequence = excluded.last_sequence
            WHERE kept.last_sequence < excluded.last_sequence
        RETURNING aggregate_id, last_sequence
    ), counted AS (
        SELECT coalesce(sum(moved.last_sequence - coalesce(former.last_sequence, 0)), 0) AS many
          FROM moved LEFT JOIN former USING (aggregate_id)
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
