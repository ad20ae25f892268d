"""Messages taken over but not applied: their waiting, their tries, their turn."""

import random
from dataclasses import dataclass
from uuid import UUID

import orjson
from sqlalchemy import Uuid, bindparam, text
from sqlalchemy.orm import Session

from shared.messaging import inbox
from shared.messaging.envelope import Envelope, reopen
from shared.messaging.inbox import HeldReason, InboxState

PATIENCE = {
    HeldReason.FAULT: inbox.MOST_ATTEMPTS,
    HeldReason.STALE: inbox.MOST_ATTEMPTS,
    HeldReason.NOT_YET: 12,
    HeldReason.EARLY: 5,
}
"""Tries before a held message is parked. What another service has yet to tell may take a while."""

LONGEST = 300.0
TRY_LEASE = 60.0
"""Seconds after which a try that never ended is followed by the next."""


@dataclass(frozen=True)
class Held:
    """A held message that is due, and the number of the try now beginning."""

    envelope: Envelope
    reason: HeldReason
    attempts: int

    @property
    def is_hopeless(self) -> bool:
        """Whether it has used up its tries."""
        return self.attempts > PATIENCE[self.reason]


def delay(attempts: int, draw: float | None = None) -> float:
    """Seconds to wait after a try: doubling from half a second, with jitter, at most 5 minutes."""
    spread = random.random() if draw is None else draw  # noqa: S311 - jitter, not a secret
    return float(min(0.5 * 2.0 ** (attempts - 1), LONGEST)) * (0.75 + 0.5 * spread)


_KEEP = text(
    """
    INSERT INTO held_messages (message_id, source, aggregate_id, sequence, envelope, reason,
                               attempts, next_at)
    VALUES (:id, :source, :aggregate_id, :sequence, CAST(:envelope AS jsonb), :reason, :attempts,
            now() + make_interval(secs => :delay))
    """,
).bindparams(bindparam("id", type_=Uuid), bindparam("aggregate_id", type_=Uuid))


def keep(session: Session, envelope: Envelope, reason: HeldReason, attempts: int) -> None:
    """Take over a message whose handling failed, to try it again."""
    if inbox.take_over(session, envelope, InboxState.HELD):
        session.execute(
            _KEEP,
            {
                "id": envelope.message_id,
                "source": envelope.source,
                "aggregate_id": envelope.aggregate_id,
                "sequence": envelope.sequence,
                "envelope": orjson.dumps(envelope.wire).decode(),
                "reason": reason,
                "attempts": attempts,
                "delay": delay(attempts),
            },
        )


_NEXT = text(
    """
    UPDATE held_messages
       SET attempts = attempts + 1, next_at = now() + make_interval(secs => :lease)
     WHERE message_id = (SELECT message_id FROM held_messages WHERE next_at <= now()
                          ORDER BY next_at, sequence LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING envelope, reason, attempts
    """,
)


def next_due(session: Session) -> Held | None:
    """Lease the next due message and count the try; to be committed before handling begins."""
    row = session.execute(_NEXT, {"lease": TRY_LEASE}).one_or_none()
    if row is None:
        return None
    return Held(reopen(row.envelope), HeldReason(row.reason), row.attempts)


_RELEASE = text("DELETE FROM held_messages WHERE message_id = :id RETURNING message_id").bindparams(
    bindparam("id", type_=Uuid),
)


def release(session: Session, envelope: Envelope) -> bool:
    """Let go of a message that is being applied; False when it has gone already."""
    return session.scalar(_RELEASE, {"id": envelope.message_id}) is not None


_AGAIN = text(
    """
    UPDATE held_messages SET reason = :reason, next_at = now() + make_interval(secs => :delay)
     WHERE message_id = :id
    """,
).bindparams(bindparam("id", type_=Uuid))


def try_again(session: Session, held: Held, reason: HeldReason) -> None:
    """Make a message due again after its delay."""
    session.execute(
        _AGAIN,
        {"id": held.envelope.message_id, "reason": reason, "delay": delay(held.attempts)},
    )


_WAIT = text("UPDATE held_messages SET next_at = NULL WHERE message_id = :id").bindparams(
    bindparam("id", type_=Uuid),
)


def wait_for_turn(session: Session, message_id: UUID) -> None:
    """Leave a message until the one before it is applied."""
    session.execute(_WAIT, {"id": message_id})
