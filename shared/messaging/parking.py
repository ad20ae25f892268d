"""Messages that could not be handled, where people see them and can replay them.

The messages after a parked one in the same case and from the same sender wait behind it, because
applying them would break the order of the case. Replaying gives the message its tries again;
skipping gives it up and lets the others pass, when one person has proposed it and another confirms.
All of it records who and why.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NoReturn
from uuid import UUID

import orjson
from sqlalchemy import Uuid, bindparam, select, text
from sqlalchemy.orm import Session

from shared.kit import audit
from shared.kit.documents import document
from shared.kit.errors import Conflict, NotFound
from shared.kit.identifiers import new_id
from shared.kit.logging import logger
from shared.kit.two_people import check_another
from shared.messaging import alerts, holding, inbox
from shared.messaging.alerts import AlertKind
from shared.messaging.envelope import Envelope, reopen
from shared.messaging.inbox import HeldReason, InboxState
from shared.messaging.tables import PARKED


class ParkedReason(StrEnum):
    """Why a message was parked."""

    ATTEMPTS_EXHAUSTED = "attempts_exhausted"
    """It failed for a day, whenever it was tried."""
    NEVER_ENDED = "never_ended"
    """At every try the process or the database server ended."""
    UNKNOWN_TYPE = "unknown_type"
    INVALID_BODY = "invalid_body"
    NO_HANDLER = "no_handler"
    FOREIGN_TYPE = "foreign_type"
    NOT_ADDRESSED = "not_addressed"
    FOREIGN_AGGREGATE = "foreign_aggregate"
    """The last three were kept before the door refused what a sender may not say."""
    STALE_SEQUENCE = "stale_sequence"
    """Its number has been passed by another message, which said something else."""


class ReplayReason(StrEnum):
    """Why an operator replays or skips a parked message: a code, so that no free text is stored."""

    CAUSE_FIXED = "cause_fixed"
    CODE_UPGRADED = "code_upgraded"
    TRANSIENT_FAULT = "transient_fault"
    HANDLED_BY_HAND = "handled_by_hand"
    NOT_NEEDED = "not_needed"


class ParkedMessageNotFound(NotFound):
    """No parked message has this id."""


class AlreadyReplayed(Conflict):
    """The parked message was replayed or skipped before."""


class SkipNotProposed(Conflict):
    """Somebody has to propose first that this message is skipped."""


# It stays in the replay that it failed in, so that this one shows what became of it.
_PARK = text(
    """
    INSERT INTO parked_messages AS kept (message_id, source, type, aggregate_id, sequence, envelope,
                                         reason, attempts, first_fault)
    VALUES (:id, :source, :type, :aggregate_id, :sequence, CAST(:envelope AS jsonb), :reason,
            :attempts, CAST(:first_fault AS jsonb))
        ON CONFLICT (message_id) DO UPDATE
        SET reason = excluded.reason, attempts = excluded.attempts, parked_at = now(),
            first_fault = excluded.first_fault,
            replayed_at = NULL, replayed_by = NULL, replay_reason = NULL
    """,
).bindparams(bindparam("id", type_=Uuid), bindparam("aggregate_id", type_=Uuid))


def park_new(
    session: Session, envelope: Envelope, reason: ParkedReason, attempts: int, *, now: datetime
) -> None:
    """Park a message that was never taken over; one handled meanwhile stays handled."""
    if inbox.take_over(session, envelope, InboxState.PARKED):
        _store(session, envelope, reason, attempts)
        _show(session, envelope, reason, now)


def park_held(
    session: Session,
    envelope: Envelope,
    reason: ParkedReason,
    attempts: int,
    *,
    first_fault: Mapping[str, str] | None,
    now: datetime,
) -> None:
    """Park a message that was held, with what failed first, and where."""
    if holding.release(session, envelope):
        inbox.mark(session, envelope.message_id, InboxState.PARKED, reason)
        _store(session, envelope, reason, attempts, first_fault)
        _show(session, envelope, reason, now)


def park_stale(session: Session, envelope: Envelope) -> None:
    """Park a message whose number is passed; it stops none of those behind it."""
    inbox.mark(session, envelope.message_id, InboxState.STALE, ParkedReason.STALE_SEQUENCE)
    _store(session, envelope, ParkedReason.STALE_SEQUENCE, attempts=0)


def _show(session: Session, envelope: Envelope, reason: ParkedReason, now: datetime) -> None:
    logger().error(
        "message_parked",
        reason=reason,
        message_id=envelope.message_id,
        message_type=envelope.type,
    )
    alerts.raise_alert(
        session,
        AlertKind.MESSAGE_PARKED,
        subject=envelope.type,
        object_id=UUID(envelope.message_id),
        now=now,
        reason=reason,
        source=envelope.source,
        aggregate_id=envelope.aggregate_id,
    )


def _store(
    session: Session,
    envelope: Envelope,
    reason: ParkedReason,
    attempts: int,
    first_fault: Mapping[str, str] | None = None,
) -> None:
    session.execute(
        _PARK,
        {
            "id": envelope.message_id,
            "source": envelope.source,
            "type": envelope.type,
            "aggregate_id": envelope.aggregate_id,
            "sequence": envelope.sequence,
            "envelope": orjson.dumps(envelope.wire).decode(),
            "reason": reason,
            "attempts": attempts,
            "first_fault": None if first_fault is None else document(first_fault),
        },
    )


_SETTLE = text(
    """
    UPDATE parked_messages
       SET replayed_at = :now, replayed_by = :actor, replay_reason = :reason,
           replay_id = :replay_id, skip_proposed_at = NULL, skip_proposed_by = NULL,
           skip_reason = NULL
     WHERE message_id = :id AND replayed_at IS NULL
    RETURNING envelope, reason
    """,
).bindparams(bindparam("id", type_=Uuid), bindparam("replay_id", type_=Uuid))

_REVIVE = text(
    """
    INSERT INTO held_messages (message_id, source, aggregate_id, sequence, envelope, reason,
                               attempts, next_at, held_at)
    SELECT message_id, source, aggregate_id, sequence, envelope, :reason, 0, now(),
           coalesce((SELECT received_at FROM inbox WHERE inbox.message_id = parked.message_id),
                    parked_at)
      FROM parked_messages AS parked WHERE message_id = :id
    """,
).bindparams(bindparam("id", type_=Uuid))


def replay(
    session: Session,
    *,
    message_id: UUID,
    actor: str,
    reason: ReplayReason,
    now: datetime,
) -> UUID:
    """Give a parked message its tries again; the worker takes it up within seconds.

    Returns the id of the replay, by which what becomes of it is read.
    """
    replay_id = new_id()
    settled = _settle(
        session,
        message_id=message_id,
        actor=actor,
        reason=reason,
        now=now,
        replay_id=replay_id,
    )
    why = HeldReason.STALE if settled.is_stale else HeldReason.FAULT
    session.execute(_REVIVE, {"id": message_id, "reason": why})
    inbox.mark(session, message_id, InboxState.HELD)
    audit.record(
        session,
        actor=actor,
        action="replay_message",
        object_id=message_id,
        now=now,
        reason=reason,
    )
    return replay_id


_PROPOSE = text(
    """
    UPDATE parked_messages
       SET skip_proposed_at = :now, skip_proposed_by = :actor, skip_reason = :reason
     WHERE message_id = :id AND replayed_at IS NULL
    RETURNING message_id
    """,
).bindparams(bindparam("id", type_=Uuid))


def propose_skip(
    session: Session,
    *,
    message_id: UUID,
    actor: str,
    reason: ReplayReason,
    now: datetime,
) -> None:
    """Propose that a parked message is given up; of two proposals the later one stands."""
    facts = {"id": message_id, "actor": actor, "reason": reason, "now": now}
    if session.execute(_PROPOSE, facts).one_or_none() is None:
        _refuse(session, message_id)
    audit.record(
        session,
        actor=actor,
        action="propose_skip",
        object_id=message_id,
        now=now,
        reason=reason,
    )


_PROPOSED = text(
    """
    SELECT skip_proposed_by FROM parked_messages
     WHERE message_id = :id AND replayed_at IS NULL FOR UPDATE
    """,
).bindparams(bindparam("id", type_=Uuid))


def skip(
    session: Session,
    *,
    message_id: UUID,
    actor: str,
    reason: ReplayReason,
    now: datetime,
) -> None:
    """Give a parked message up, as another has proposed, and let the ones behind it pass.

    Raises ``SkipNotProposed``, and ``AnotherMustConfirm`` for whoever proposed it.
    """
    proposed_by = _proposed_by(session, message_id)
    if proposed_by is None:
        raise SkipNotProposed(message_id=str(message_id))
    check_another(actor, proposed_by, message_id=str(message_id))
    settled = _settle(session, message_id=message_id, actor=actor, reason=reason, now=now)
    # The cursor of a stale message is behind it already.
    if not settled.is_stale and not inbox.advance(session, settled.envelope):
        raise AlreadyReplayed(message_id=str(message_id))
    inbox.mark(session, message_id, InboxState.REFUSED, SKIPPED)
    holding.wake(session, [settled.envelope])
    audit.record(
        session,
        actor=actor,
        action="skip_message",
        object_id=message_id,
        now=now,
        reason=reason,
        proposed_by=proposed_by,
    )


SKIPPED = "skipped"


def _proposed_by(session: Session, message_id: UUID) -> str | None:
    """Who proposed it, if anybody did; the row is locked until this commits."""
    row = session.execute(_PROPOSED, {"id": message_id}).one_or_none()
    if row is None:
        _refuse(session, message_id)
    proposed_by: str | None = row.skip_proposed_by
    return proposed_by


@dataclass(frozen=True)
class _Settled:
    """A parked message that an operator has decided about."""

    envelope: Envelope
    reason: ParkedReason

    @property
    def is_stale(self) -> bool:
        return self.reason is ParkedReason.STALE_SEQUENCE


def _settle(
    session: Session,
    *,
    message_id: UUID,
    actor: str,
    reason: ReplayReason,
    now: datetime,
    replay_id: UUID | None = None,
) -> _Settled:
    facts = {
        "id": message_id,
        "actor": actor,
        "reason": reason,
        "now": now,
        "replay_id": replay_id,
    }
    row = session.execute(_SETTLE, facts).one_or_none()
    if row is None:
        _refuse(session, message_id)
    found = _Settled(reopen(row.envelope), ParkedReason(row.reason))
    kind, subject = (
        (AlertKind.STALE_MESSAGE, found.envelope.source)
        if found.is_stale
        else (AlertKind.MESSAGE_PARKED, found.envelope.type)
    )
    alerts.settle(session, kind, subject=subject, object_ids=[message_id], now=now)
    return found


def _refuse(session: Session, message_id: UUID) -> NoReturn:
    """Say why a message is not there to be decided about."""
    known = session.scalar(select(PARKED.c.message_id).where(PARKED.c.message_id == message_id))
    if known is None:
        raise ParkedMessageNotFound(message_id=str(message_id))
    raise AlreadyReplayed(message_id=str(message_id))
