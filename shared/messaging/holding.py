"""Messages taken over but not applied: their waiting, their tries, their turn."""

import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import orjson
from sqlalchemy import ARRAY, String, Uuid, bindparam, text
from sqlalchemy.orm import Session

from shared.kit.documents import document
from shared.kit.logging import describe
from shared.kit.round_trips import later
from shared.messaging import inbox
from shared.messaging.attempts import MOST_ATTEMPTS
from shared.messaging.envelope import Envelope, reopen
from shared.messaging.inbox import HeldReason, InboxState

_MINUTE = 60.0
_HOUR = 60 * _MINUTE

FAULT_WAITS = (
    *(1.0, 5.0, 30.0),
    *(_MINUTE * minutes for minutes in (1, 5, 10, 20, 30)),
    *[_HOUR] * 23,
)
"""Seconds to wait after each try that failed; after the last, an operator must act.

Seconds for what passes by itself (a lock, a restart), minutes for what a supervisor mends, then
one hour each time until a day has passed: a fault whose cause is found and mended on the next
working day needs no operator to bring its messages back."""
MOST_FAULTS = len(FAULT_WAITS) + 1
"""Tries that failed after which a message is parked."""

FIRST_FACT_WAIT = 0.5
LONGEST_FACT_WAIT = 5 * _MINUTE
"""Seconds between two looks whether an earlier fact has come. A fact about the same aggregate wakes
what waits for it at once; these looks are for facts about another aggregate."""

TRY_LEASE = 60.0
"""Seconds after which a try that never ended is followed by the next."""


_SHARING = (HeldReason.EARLY, HeldReason.NOT_YET)
"""What was held for these reasons may be tried together with others."""


@dataclass(frozen=True)
class Held:
    """A held message that is due, and the number of the try now beginning."""

    envelope: Envelope
    reason: HeldReason
    attempts: int
    faults: int
    """Tries before this one that ended with a fault."""
    unended: int
    """Tries that never ended, this one counted."""
    first_fault: Mapping[str, str] | None
    """What failed first, and where."""

    @property
    def is_deadly(self) -> bool:
        """Whether the tries that never ended are as many as are allowed."""
        return self.unended > MOST_ATTEMPTS

    @property
    def is_last_fault(self) -> bool:
        """Whether nothing is left to wait for if this try fails too."""
        return self.faults + 1 >= MOST_FAULTS


def wait_after(reason: HeldReason, tries: int, draw: float | None = None) -> float:
    """Seconds to wait after so many tries that ended for this reason, a quarter more or less."""
    spread = random.random() if draw is None else draw  # noqa: S311 - jitter, not a secret
    if reason is not HeldReason.NOT_YET:
        seconds = FAULT_WAITS[min(tries, len(FAULT_WAITS)) - 1]
    else:
        seconds = min(FIRST_FACT_WAIT * 2.0 ** min(tries - 1, 20), LONGEST_FACT_WAIT)
    return float(seconds * (0.75 + 0.5 * spread))


_KEEP = text(
    """
    INSERT INTO held_messages (message_id, source, aggregate_id, sequence, envelope, reason,
                               attempts, faults, unended, first_fault, next_at)
    VALUES (:id, :source, :aggregate_id, :sequence, CAST(:envelope AS jsonb), :reason, :attempts,
            :faults, :unended, CAST(:fault AS jsonb), now() + make_interval(secs => :wait))
    """,
).bindparams(bindparam("id", type_=Uuid), bindparam("aggregate_id", type_=Uuid))


def keep(
    session: Session,
    envelope: Envelope,
    reason: HeldReason,
    attempts: int,
    fault: Exception | None = None,
) -> None:
    """Take over a message whose handling failed, to try it again; of what, is kept with it.

    It was begun so often: once in a frame, now to its end, and without an end in between.
    """
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
                "faults": 1 if reason is HeldReason.FAULT else 0,
                "unended": max(attempts - 2, 0),
                "fault": _described(fault),
                "wait": wait_after(reason, 1),
            },
        )


_DUE = text(
    """
    SELECT message_id, source, aggregate_id, reason = ANY(:sharing) AND unended = 0 AS may_share
      FROM held_messages WHERE next_at <= now()
     ORDER BY next_at, sequence LIMIT :most FOR UPDATE SKIP LOCKED
    """,
).bindparams(bindparam("sharing", type_=ARRAY(String)))

_LEASE = text(
    """
    UPDATE held_messages
       SET attempts = attempts + 1, unended = unended + 1,
           next_at = now() + make_interval(secs => :lease)
     WHERE message_id = ANY(:ids)
    RETURNING envelope, reason, attempts, faults, unended, first_fault
    """,
).bindparams(bindparam("ids", type_=ARRAY(Uuid)))


def next_due(session: Session, most: int) -> list[Held]:
    """Lease what is due next and count the tries; to be committed before handling begins.

    Several at once only if none of them has failed or may have ended a process, and each is about
    another aggregate: whoever did is tried alone, and blames no neighbour.
    """
    due = session.execute(_DUE, {"most": most, "sharing": [*_SHARING]}).all()
    if due and not due[0].may_share:
        due = due[:1]
    chosen = {(it.source, it.aggregate_id): it.message_id for it in reversed(due) if it.may_share}
    ids = [*chosen.values()] or [it.message_id for it in due]
    if not ids:
        return []
    rows = session.execute(_LEASE, {"ids": ids, "lease": TRY_LEASE}).all()
    return [
        Held(
            reopen(row.envelope),
            HeldReason(row.reason),
            row.attempts,
            row.faults,
            row.unended,
            row.first_fault,
        )
        for row in rows
    ]


_RELEASE = text("DELETE FROM held_messages WHERE message_id = :id RETURNING message_id").bindparams(
    bindparam("id", type_=Uuid),
)


def release(session: Session, envelope: Envelope) -> bool:
    """Let go of a message that is being applied; False when it has gone already."""
    return session.scalar(_RELEASE, {"id": envelope.message_id}) is not None


# What was made due during the try stays due: the fact may have come after the handler had looked.
_AGAIN = text(
    """
    UPDATE held_messages
       SET reason = :reason, faults = faults + :faults, unended = greatest(unended - 1, 0),
           first_fault = coalesce(first_fault, CAST(:fault AS jsonb)),
           next_at = CASE WHEN next_at > now() THEN now() + make_interval(secs => :wait)
                          ELSE next_at END
     WHERE message_id = :id
    """,
).bindparams(bindparam("id", type_=Uuid))


def try_again(
    session: Session, held: Held, reason: HeldReason, fault: Exception | None = None
) -> None:
    """The try has ended: make the message due again after its wait."""
    is_fault = reason is HeldReason.FAULT
    tries = held.faults + 1 if is_fault else held.attempts
    session.execute(
        _AGAIN,
        {
            "id": held.envelope.message_id,
            # That it is applied although its number is passed was decided by a person.
            "reason": HeldReason.STALE if held.reason is HeldReason.STALE else reason,
            "faults": int(is_fault),
            "fault": _described(fault),
            "wait": wait_after(reason, tries),
        },
    )


def _described(fault: Exception | None) -> str | None:
    """What failed and where, as JSON; never what it said."""
    return None if fault is None else document(describe(fault))


# What waits after a try has no try that never ended, or was in the hands of a dead worker before.
_END_TRIES = text(
    """
    UPDATE held_messages SET next_at = now()
     WHERE ctid = ANY(ARRAY(
           SELECT ctid FROM held_messages
            WHERE unended = 1 AND next_at > now()
              AND next_at <= now() + make_interval(secs => :lease)
              FOR UPDATE SKIP LOCKED))
    """,
)


def end_tries(session: Session) -> None:
    """Make due what was being tried when the last worker ended, unless it may have ended it before.

    What never ended a second time waits for its lease: it may be what ends workers.
    """
    session.execute(_END_TRIES, {"lease": TRY_LEASE})


_WAIT = text(
    "UPDATE held_messages SET next_at = NULL, unended = greatest(unended - 1, 0)"
    " WHERE message_id = :id"
).bindparams(bindparam("id", type_=Uuid))


def wait_for_turn(session: Session, message_id: str) -> None:
    """Leave a message until the one before it is applied."""
    session.execute(_WAIT, {"id": message_id})


# What lacked an earlier fact may lack it no longer, now that something was applied about the same
# aggregate. Facts come from any sender, so it is not asked from which. What another worker is just
# trying or waking is not waited for: should it have looked too early, it looks again by itself, and
# a successor that was passed over here is found by the next round of the relay.
_WAKE = text(
    """
    WITH applied AS (SELECT * FROM unnest(:sources, :aggregates) AS it(source, aggregate_id)),
    successors AS (
        UPDATE held_messages SET next_at = now()
         WHERE message_id IN (
               SELECT message_id FROM held_messages AS held
                 JOIN inbox_cursors AS cursor USING (source, aggregate_id)
                WHERE held.next_at IS NULL AND held.sequence <= cursor.last_sequence + 1
                  AND (source, aggregate_id) IN (SELECT source, aggregate_id FROM applied)
                  FOR UPDATE OF held SKIP LOCKED)
    )
    UPDATE held_messages SET next_at = now()
     WHERE message_id IN (
           SELECT message_id FROM held_messages
            WHERE reason = :not_yet AND next_at > now()
              AND aggregate_id IN (SELECT aggregate_id FROM applied)
              FOR UPDATE SKIP LOCKED)
    """,
).bindparams(bindparam("sources", type_=ARRAY(String)), bindparam("aggregates", type_=ARRAY(Uuid)))


def wake(session: Session, envelopes: Sequence[Envelope]) -> None:
    """Make due what waited for the messages just applied: successors, and what lacked a fact."""
    later(
        session,
        _WAKE,
        {
            "sources": [it.source for it in envelopes],
            "aggregates": [it.aggregate_id for it in envelopes],
            "not_yet": HeldReason.NOT_YET,
        },
    )


_WAKE_ABOUT = text(
    """
    UPDATE held_messages SET next_at = now()
     WHERE message_id IN (
           SELECT message_id FROM held_messages
            WHERE reason = :not_yet AND next_at > now()
              AND aggregate_id = ANY(:aggregates)
              FOR UPDATE SKIP LOCKED)
    """,
).bindparams(bindparam("aggregates", type_=ARRAY(Uuid)))


def wake_about(session: Session, aggregates: Collection[UUID]) -> None:
    """Make due what waited for a fact about these, which did not come by message."""
    asked = {"aggregates": list(aggregates), "not_yet": HeldReason.NOT_YET}
    later(session, _WAKE_ABOUT, asked)
