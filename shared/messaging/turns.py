"""Messages that came out of their turn: too early, or under a number their aggregate has passed.

What is early is held. What is *stale* is never applied and never held: its sender was restored to
an earlier moment, and tells again under numbers it has forgotten. If under that number the same was
told before, its effect is here already; if not, or if the inbox does not remember so long ago, an
operator decides. See ADR 0015.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.kit.documents import document, ids
from shared.kit.logging import logger
from shared.messaging import inbox, parking
from shared.messaging.alerts import AlertKind, raise_alert
from shared.messaging.envelope import Envelope
from shared.messaging.inbox import InboxState
from shared.messaging.parking import ParkedReason

ALREADY_KNOWN = "already_known"
"""The outcome of a stale message whose effect was here before it came."""

_PLACES = text(
    """
    SELECT asked.place - 1 AS place, asked.sequence > kept.last_sequence AS is_early
      FROM ROWS FROM (json_to_recordset(CAST(:rows AS json))
                      AS (source text, aggregate_id uuid, sequence bigint)) WITH ORDINALITY
           AS asked(source, aggregate_id, sequence, place)
      JOIN inbox_cursors AS kept USING (source, aggregate_id)
    """,
)


def settle(session: Session, envelopes: Sequence[Envelope], now: datetime) -> None:
    """Hold what is early, and settle what is stale; all of it has a row in the inbox."""
    asked = [
        {"source": it.source, "aggregate_id": it.aggregate_id, "sequence": it.sequence}
        for it in envelopes
    ]
    rows = session.execute(_PLACES, {"rows": document(asked)}).all()
    early = [envelopes[row.place] for row in rows if row.is_early]
    late = [envelopes[row.place] for row in rows if not row.is_early]
    if early:
        inbox.hold_early(session, early)
    if late:
        settle_stale(session, late, now)


def is_stale(session: Session, envelope: Envelope) -> bool:
    """Whether the aggregate has passed the number of a message without it."""
    place = {"source": envelope.source, "aggregate_id": envelope.aggregate_id}
    rows = document([{**place, "sequence": envelope.sequence}])
    row = session.execute(_PLACES, {"rows": rows}).one_or_none()
    return row is not None and not row.is_early


def settle_stale(session: Session, envelopes: Sequence[Envelope], now: datetime) -> None:
    """Settle stale messages as known already, or show them to an operator."""
    known = _known(session, envelopes)
    _set_aside(session, envelopes)
    for envelope in envelopes:
        if envelope.message_id in known:
            inbox.mark(session, envelope.message_id, InboxState.STALE, ALREADY_KNOWN)
        else:
            _show(session, envelope, now)


# There is no index for this: it happens after a restore, and the inbox is bounded.
_KNOWN = text(
    """
    SELECT CAST(late.message_id AS text) FROM inbox AS late
      JOIN inbox AS had USING (source, aggregate_id, sequence, type, substance)
     WHERE late.message_id = ANY(CAST(:ids AS uuid[]))
       AND had.message_id <> late.message_id AND had.state IN ('handled', 'refused')
    """,
)


def _known(session: Session, envelopes: Sequence[Envelope]) -> Collection[str]:
    """Those of them that were told before under the same number, with the same substance."""
    return set(session.scalars(_KNOWN, {"ids": ids(it.message_id for it in envelopes)}))


_SET_ASIDE = text(
    "UPDATE inbox SET state = :state WHERE message_id = ANY(CAST(:ids AS uuid[]))",
)


def _set_aside(session: Session, envelopes: Sequence[Envelope]) -> None:
    message_ids = ids(it.message_id for it in envelopes)
    session.execute(_SET_ASIDE, {"ids": message_ids, "state": InboxState.STALE})


def _show(session: Session, envelope: Envelope, now: datetime) -> None:
    logger().error(
        "message_parked",
        reason=ParkedReason.STALE_SEQUENCE,
        message_id=envelope.message_id,
        message_type=envelope.type,
    )
    parking.park_stale(session, envelope)
    raise_alert(
        session,
        AlertKind.STALE_MESSAGE,
        subject=envelope.source,
        object_id=UUID(envelope.message_id),
        now=now,
        type=envelope.type,
        aggregate_id=envelope.aggregate_id,
        sequence=envelope.sequence,
    )
