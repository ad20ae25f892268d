"""Parked deliveries are sent again together, so many a minute, as after an outage.

Which they are is settled when an operator says so; until its turn comes each stays parked. A sender
lets them go, in the transaction in which it claims: without a sender none goes, so one that was
killed leaves no heap behind. What has to be decided one by one is left alone: what was refused for
good, an SMS that did not arrive, and one of which nobody knows whether it left.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, String, Uuid, bindparam, select, text
from sqlalchemy.orm import Session

from services.notification.domain.rows import IS_SENT_ONCE, IS_SUSPENDED, REACHABLE, TAKES
from services.notification.errors import DeliveriesDiffer, ReplayNotFound, ReplayOver
from services.notification.models import Replay
from services.notification.policy import ARRIVED, DUE, AttemptOutcome, DeliveryState, step_of
from shared.contracts.vocabulary import ChannelKind
from shared.kit import audit
from shared.kit.columns import listed
from shared.kit.database import database_now
from shared.kit.identifiers import new_id
from shared.kit.subjects import Subject
from shared.messaging.parking import ReplayReason

PACED_EVERY = 1.0
"""Seconds after which a sender looks whether the next may go."""


@dataclass(frozen=True)
class Choice:
    """Which of the parked deliveries; what is not given restricts nothing."""

    channel: ChannelKind | None = None
    organisation_id: UUID | None = None

    def values(self) -> dict[str, Any]:
        """What the statements ask for."""
        return {"channel": self.channel, "organisation_id": self.organisation_id}


_DECIDED_ALONE = (AttemptOutcome.REFUSED, AttemptOutcome.UNDELIVERED)

_IS_CHOSEN = f"""
        d.state = '{DeliveryState.PARKED}'
    AND d.last_code NOT IN ({listed(_DECIDED_ALONE)})
    AND NOT (d.last_code = '{AttemptOutcome.UNKNOWN}' AND {IS_SENT_ONCE})
    AND (:channel IS NULL OR d.channel = :channel)
    AND (:organisation_id IS NULL OR d.organisation_id = :organisation_id)
    AND NOT EXISTS (SELECT FROM replays AS r
                     WHERE r.replay_id = d.replay_id AND r.ended_at IS NULL)
"""
_TYPED = (bindparam("channel", type_=String), bindparam("organisation_id", type_=Uuid))

_COUNT = text(
    f"""
    SELECT count(*) AS count, min(created_at) AS oldest_at
      FROM deliveries AS d WHERE {_IS_CHOSEN}
    """,  # noqa: S608 - made of our own words only
).bindparams(*_TYPED)

_CHOOSE = text(
    f"""
    WITH chosen AS MATERIALIZED (
        SELECT id FROM deliveries AS d WHERE {_IS_CHOSEN}
         ORDER BY created_at, id LIMIT :most FOR UPDATE
    )
    UPDATE deliveries SET replay_id = :replay_id WHERE id IN (SELECT id FROM chosen)
    """,  # noqa: S608 - made of our own words only
).bindparams(*_TYPED, bindparam("replay_id", type_=Uuid))

_WAITS = f"""
        d.replay_id = r.replay_id AND d.state = '{DeliveryState.PARKED}'
    AND (d.replayed_at IS NULL OR d.replayed_at < r.started_at)
"""
"""Whether a delivery ``d`` still waits for its turn in a replay ``r``; one that is parked anew has
had it."""

_PROGRESS = text(
    f"""
    SELECT r.replay_id, count(d.id) AS chosen,
           count(*) FILTER (WHERE {_WAITS}) AS waiting,
           count(*) FILTER (WHERE d.state IN ({listed(DUE)})) AS under_way,
           count(*) FILTER (WHERE d.state IN ({listed(ARRIVED)})) AS arrived,
           count(*) FILTER (WHERE d.state = '{DeliveryState.PARKED}' AND NOT ({_WAITS})) AS parked
      FROM replays AS r LEFT JOIN deliveries AS d ON d.replay_id = r.replay_id
     WHERE r.replay_id = ANY(:replay_ids) GROUP BY r.replay_id
    """,  # noqa: S608 - made of our own words only
)

_OPEN = text(
    """
    SELECT replay_id, per_minute, next_at, reason, started_by, started_at FROM replays
     WHERE ended_at IS NULL AND next_at <= :now
     ORDER BY started_at FOR UPDATE SKIP LOCKED
    """,
)

_WITHIN_A_MINUTE = text(
    """
    SELECT count(*) FROM deliveries
     WHERE replay_id = :replay_id AND replayed_at > :now - interval '1 minute'
       AND replayed_at >= :started_at
    """,
)

# Whoever is suspended, rests or has no address keeps its place and holds up nobody else.
_NEXT = text(
    f"""
    SELECT d.id
      FROM replays AS r
      JOIN deliveries AS d ON {_WAITS}
      JOIN ({REACHABLE}) AS called
        ON called.organisation_id = d.organisation_id AND {TAKES}
     WHERE r.replay_id = :replay_id AND NOT {IS_SUSPENDED}
       AND (called.paused_until IS NULL OR called.paused_until <= :now)
     ORDER BY d.created_at, d.id LIMIT :count FOR UPDATE OF d SKIP LOCKED
    """,  # noqa: S608 - made of our own words only
)

_GO = text(
    f"""
    UPDATE deliveries
       SET state = '{DeliveryState.PENDING}', tries_before = attempts, next_at = :now,
           concluded_at = NULL, replayed_at = :now, replayed_by = :started_by,
           replay_reason = :reason
     WHERE id = ANY(:ids)
    """,  # noqa: S608 - made of our own words only
)

_KEEP_PACE = text("UPDATE replays SET next_at = :next_at WHERE replay_id = :replay_id")

_END = text(
    f"""
    UPDATE replays AS r SET ended_at = :now
     WHERE replay_id = :replay_id AND NOT EXISTS (SELECT FROM deliveries AS d WHERE {_WAITS})
    """,  # noqa: S608 - made of our own words only
)


@dataclass(frozen=True)
class Progress:
    """A replay, and what became of the deliveries chosen for it."""

    replay: Replay
    counts: Row[Any]


def count_replayable(session: Session, choice: Choice) -> Row[Any]:
    """How many a replay would have sent again, and how old the oldest is; nothing is changed."""
    return session.execute(_COUNT, choice.values()).one()


def start_replay(
    session: Session,
    *,
    choice: Choice,
    count: int,
    per_minute: int,
    reason: ReplayReason,
    subject: Subject,
    now: datetime,
) -> Progress:
    """Have these sent again at this pace, the oldest first. Refused: another number than stated."""
    # By the clock of whoever paces it, which tells what had its turn.
    started_at = min(now, database_now(session))
    made = Replay(
        replay_id=new_id(),
        channel=choice.channel,
        organisation_id=choice.organisation_id,
        per_minute=per_minute,
        reason=reason,
        started_at=started_at,
        started_by=subject.actor,
        next_at=started_at,
    )
    session.add(made)
    session.flush()
    chosen = session.execute(
        _CHOOSE, {**choice.values(), "replay_id": made.replay_id, "most": count + 1}
    )
    found: int = chosen.rowcount  # type: ignore[attr-defined]
    if found != count:
        raise DeliveriesDiffer(found=found)
    audit.record(
        session,
        actor=subject.actor,
        action="replay.started",
        object_id=made.replay_id,
        now=now,
        reason=reason,
        count=count,
        per_minute=per_minute,
    )
    return find_replay(session, made.replay_id)


def stop_replay(session: Session, *, replay_id: UUID, subject: Subject, now: datetime) -> Progress:
    """Let no more of them go; those whose turn has not come stay parked, and can be chosen again.

    Refused: not found; over already.
    """
    query = select(Replay).where(Replay.replay_id == replay_id).with_for_update()
    found = session.scalar(query)
    if found is None:
        raise ReplayNotFound
    if found.ended_at is not None:
        raise ReplayOver
    found.ended_at = now
    found.stopped_by = subject.actor
    session.flush()
    audit.record(
        session, actor=subject.actor, action="replay.stopped", object_id=replay_id, now=now
    )
    return find_replay(session, replay_id)


def find_replay(session: Session, replay_id: UUID) -> Progress:
    """One replay, and how far it has come."""
    found = session.get(Replay, replay_id)
    if found is None:
        raise ReplayNotFound
    return _with_counts(session, [found])[0]


def find_replays(session: Session, *, after: UUID | None, size: int) -> list[Progress]:
    """Replays, the newest first."""
    query = select(Replay).order_by(Replay.replay_id.desc()).limit(size)
    if after is not None:
        query = query.where(Replay.replay_id < after)
    return _with_counts(session, session.scalars(query).all())


def _with_counts(session: Session, replays: Sequence[Replay]) -> list[Progress]:
    ids = [each.replay_id for each in replays]
    rows = {row.replay_id: row for row in session.execute(_PROGRESS, {"replay_ids": ids})}
    return [Progress(each, rows[each.replay_id]) for each in replays]


def pace_replays(session: Session, *, now: datetime) -> None:
    """Make due as many as may go now of every replay that is open; end one that has no more.

    ``now`` is the database's. Only one sender paces a replay at a time.
    """
    for replay in session.execute(_OPEN, {"now": now}).all():
        asked = {"replay_id": replay.replay_id, "now": now}
        within = session.scalar(_WITHIN_A_MINUTE, {**asked, "started_at": replay.started_at})
        step = step_of(
            replay.per_minute, next_at=replay.next_at, now=now, within_last_minute=within or 0
        )
        ids = session.scalars(_NEXT, {**asked, "count": step.count}).all()
        if ids:
            _let_go(session, replay, ids, now)
            session.execute(_KEEP_PACE, {**asked, "next_at": step.next_at(len(ids))})
        session.execute(_END, asked)


def _let_go(session: Session, replay: Row[Any], ids: Sequence[UUID], now: datetime) -> None:
    facts = {"ids": list(ids), "now": now}
    session.execute(_GO, {**facts, "started_by": replay.started_by, "reason": replay.reason})
    for delivery_id in ids:
        audit.record(
            session,
            actor=replay.started_by,
            action="delivery.replayed",
            object_id=delivery_id,
            now=now,
            reason=replay.reason,
            replay_id=str(replay.replay_id),
        )
