"""Many parked messages are given their tries again at once, chosen by reason, type and time.

An operator first asks how many there are, and then has to state that number: if it has changed by
then, nothing happens. What was parked because its number is passed (``stale_sequence``) is decided
one by one only: whether it may still have its effect depends on the case. So does skipping.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, String, Uuid, bindparam, text
from sqlalchemy.orm import Session

from shared.kit import audit
from shared.kit.errors import Conflict, Invalid
from shared.kit.identifiers import new_id
from shared.messaging import alerts
from shared.messaging.alerts import AlertKind
from shared.messaging.inbox import HeldReason, InboxState
from shared.messaging.parking import ParkedReason, ReplayReason

MOST_AT_ONCE = 10_000
"""Messages brought back in one transaction."""


class CountDiffers(Conflict):
    """The number of messages chosen is not the number stated; nothing was replayed."""


class TooManyAtOnce(Invalid):
    """Too many messages would be replayed at once; choose a shorter time."""


class DecidedOneByOne(Invalid):
    """Messages parked for this reason have to be decided one by one."""


@dataclass(frozen=True)
class Choice:
    """Which of the parked messages; what is not given restricts nothing."""

    parked_for: ParkedReason | None = None
    """If no reason is given, those whose tries never ended are left out: they may end a worker."""
    type: str | None = None
    source: str | None = None
    """The service that sent them."""
    since: datetime | None = None
    until: datetime | None = None

    def values(self) -> dict[str, Any]:
        """What the statements ask for; raises ``DecidedOneByOne``."""
        if self.parked_for is ParkedReason.STALE_SEQUENCE:
            raise DecidedOneByOne
        return {
            "parked_for": self.parked_for,
            "type": self.type,
            "source": self.source,
            "since": self.since,
            "until": self.until,
            "one_by_one": ParkedReason.STALE_SEQUENCE,
            "deadly": ParkedReason.NEVER_ENDED,
        }


_CHOSEN = """
           replayed_at IS NULL AND reason <> :one_by_one
       AND (reason = :parked_for OR (:parked_for IS NULL AND reason <> :deadly))
       AND (:type IS NULL OR type = :type)
       AND (:source IS NULL OR source = :source)
       AND (:since IS NULL OR parked_at >= :since)
       AND (:until IS NULL OR parked_at < :until)
"""
_TYPED = (
    bindparam("parked_for", type_=String),
    bindparam("type", type_=String),
    bindparam("source", type_=String),
    bindparam("since", type_=DateTime(timezone=True)),
    bindparam("until", type_=DateTime(timezone=True)),
)

_COUNT = text(
    f"SELECT count(*) FROM parked_messages WHERE {_CHOSEN}",  # noqa: S608 - our own words only
).bindparams(*_TYPED)


def count(session: Session, choice: Choice) -> int:
    """How many messages are chosen."""
    return int(session.scalar(_COUNT, choice.values()) or 0)


# The inbox is looked through only for what was passed, which happens after a restore.
_PREVIEW = text(
    f"""
    WITH chosen AS MATERIALIZED (
        SELECT message_id, source, aggregate_id, sequence FROM parked_messages WHERE {_CHOSEN}
    ), placed AS (
        SELECT message_id, coalesce(last_sequence >= sequence, false) AS is_passed
          FROM chosen LEFT JOIN inbox_cursors USING (source, aggregate_id)
    ), judged AS (
        SELECT is_passed, CASE WHEN is_passed THEN EXISTS (
                   SELECT FROM inbox AS late
                     JOIN inbox AS had USING (source, aggregate_id, sequence, type, substance)
                    WHERE late.message_id = placed.message_id
                      AND had.message_id <> late.message_id
                      AND had.state IN ('handled', 'refused')) ELSE false END AS is_known
          FROM placed
    )
    SELECT count(*) AS count,
           count(*) FILTER (WHERE NOT is_passed) AS to_run,
           count(*) FILTER (WHERE is_known) AS in_effect,
           count(*) FILTER (WHERE is_passed AND NOT is_known) AS out_of_turn,
           (SELECT count(*) FROM held_messages AS held
             WHERE EXISTS (SELECT FROM chosen
                            WHERE chosen.aggregate_id = held.aggregate_id
                              AND chosen.source = held.source
                              AND chosen.sequence < held.sequence)) AS waiting_behind
      FROM judged
    """,  # noqa: S608 - made of our own words only
).bindparams(*_TYPED)


@dataclass(frozen=True)
class Preview:
    """What a replay of the chosen messages would do, if it began now."""

    count: int
    to_run: int
    """Handed to their handlers again, each in its turn."""
    in_effect: int
    """Not run: the same was told under the same number, and has had its effect."""
    out_of_turn: int
    """Not run, and parked again: something else was told under their number."""
    waiting_behind: int
    """Messages of the same aggregates and senders that can go on afterwards."""


def preview(session: Session, choice: Choice) -> Preview:
    """A dry run: nothing is locked or changed. Raises ``DecidedOneByOne``."""
    return Preview(*session.execute(_PREVIEW, choice.values()).one())


_REPLAY = text(
    f"""
    WITH waiting AS MATERIALIZED (
        SELECT message_id FROM parked_messages WHERE {_CHOSEN} ORDER BY message_id FOR UPDATE
    ), chosen AS (
        UPDATE parked_messages
           SET replayed_at = :now, replayed_by = :actor, replay_reason = :why,
               replay_id = :replay_id, skip_proposed_at = NULL, skip_proposed_by = NULL,
               skip_reason = NULL
         WHERE message_id IN (SELECT message_id FROM waiting)
        RETURNING message_id, source, type, aggregate_id, sequence, envelope, parked_at
    ), revived AS (
        INSERT INTO held_messages (message_id, source, aggregate_id, sequence, envelope, reason,
                                   attempts, next_at, held_at)
        SELECT message_id, chosen.source, chosen.aggregate_id, chosen.sequence, envelope,
               :fault, 0, now(), coalesce(received_at, parked_at)
          FROM chosen LEFT JOIN inbox USING (message_id)
    ), marked AS (
        UPDATE inbox SET state = :held, outcome = NULL FROM chosen
         WHERE inbox.message_id = chosen.message_id
    )
    SELECT message_id, type FROM chosen
    """,  # noqa: S608 - made of our own words only
).bindparams(*_TYPED, bindparam("replay_id", type_=Uuid))


def replay_all(
    session: Session,
    *,
    choice: Choice,
    expected: int,
    actor: str,
    reason: ReplayReason,
    now: datetime,
) -> UUID:
    """Give all chosen messages their tries again, if they are as many as expected.

    Returns the id of the replay, by which what becomes of them is read; they are tried at the pace
    of the worker, which always hears new messages in between. Raises ``CountDiffers`` with the
    number found, ``TooManyAtOnce``, ``DecidedOneByOne``. Each message has its audit entry; each
    keeps the age it had.
    """
    if expected > MOST_AT_ONCE:
        raise TooManyAtOnce(most=MOST_AT_ONCE)
    # Counted first: a wrong number locks and writes nothing, however many messages wait.
    if (found := count(session, choice)) != expected:
        raise CountDiffers(found=found)
    replay_id = new_id()
    asked = {
        **choice.values(),
        "replay_id": replay_id,
        "now": now,
        "actor": actor,
        "why": reason,
        "fault": HeldReason.FAULT,
        "held": InboxState.HELD,
    }
    rows = session.execute(_REPLAY, asked).all()
    # Between the two statements another may have been parked, or replayed by somebody else.
    if len(rows) != expected:
        raise CountDiffers(found=len(rows))
    by_type: dict[str, list[UUID]] = defaultdict(list)
    for message_id, message_type in rows:
        by_type[message_type].append(message_id)
        audit.record(
            session,
            actor=actor,
            action="replay_message",
            object_id=message_id,
            now=now,
            reason=reason,
            together=expected,
        )
    for message_type, ids in sorted(by_type.items()):
        alerts.settle(
            session, AlertKind.MESSAGE_PARKED, subject=message_type, object_ids=ids, now=now
        )
    return replay_id
