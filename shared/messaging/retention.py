"""What keeps the tables of messaging and of the kit, and the sweeps that delete what is over."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from shared.kit.retention import (
    CLOSED_DAYS,
    KEPT_DAYS,
    Ageing,
    Kept,
    Pruned,
    Retention,
    prune,
    reduce,
)
from shared.messaging.sweeps import Run, Sweep

DECIDED = date(2026, 11, 26)
OPERATIONS = timedelta(days=90)
"""For how long operators can look back at what was settled: a quarter, between two reviews."""
EVERY = 300.0
"""Seconds between two steps; so some one and a half million rows per day may leave a table. An
exchange at rest has nothing to delete, and pays for each look."""

# What a later message may still need is not over: what is held, and the row of a number that was
# passed, which an operator decides about.
_DECIDED_LONG_AGO = """
    received_at < now() - :after
    AND (state IN ('handled', 'refused')
         OR (state = 'stale' AND outcome IS DISTINCT FROM 'stale_sequence'))
"""

# How many rows of an aggregate were forgotten is noted at its cursor, so that the numbers still add
# up. Cursors are locked in one order, as by those that claim messages.
_FORGET_MESSAGES = """
    WITH old AS (
        SELECT message_id, source, aggregate_id, state FROM inbox
         WHERE {over}
         ORDER BY message_id LIMIT :most FOR UPDATE SKIP LOCKED
    ), gone AS (
        DELETE FROM inbox USING old WHERE inbox.message_id = old.message_id
        RETURNING inbox.message_id
    ), passed AS (
        SELECT source, aggregate_id, count(*) AS many FROM old
         WHERE state <> 'stale' GROUP BY 1, 2
    ), locked AS (
        SELECT source, aggregate_id, many
          FROM inbox_cursors JOIN passed USING (source, aggregate_id)
         ORDER BY 1, 2 FOR UPDATE OF inbox_cursors
    ), noted AS (
        UPDATE inbox_cursors AS kept SET pruned = kept.pruned + many
          FROM locked
         WHERE (kept.source, kept.aggregate_id) = (locked.source, locked.aggregate_id)
    )
    SELECT message_id FROM gone
"""


def common(closed_days: int = CLOSED_DAYS) -> tuple[Retention, ...]:
    """The rows of the tables every service has."""
    return (
        Kept("outbox", "every row is open: a receipt moves it to closed_outbox", DECIDED),
        Pruned(
            "closed_outbox",
            "closed_at",
            timedelta(days=closed_days),
            "a restored receiver can be told again what it lost since its backup",
            DECIDED,
        ),
        Kept("outbox_sequences", "one row for each aggregate numbers what is told of it", DECIDED),
        Kept("outbox_totals", "one row for each destination", DECIDED),
        Pruned(
            "inbox",
            "message_id",
            timedelta(days=KEPT_DAYS),
            "received as long ago; a repeat meets its row until then, a later one is shown",
            DECIDED,
            only=_DECIDED_LONG_AGO,
            is_id=True,
            forget=_FORGET_MESSAGES,
        ),
        Kept("inbox_cursors", "one row for each aggregate and sender keeps its order", DECIDED),
        Pruned(
            "begun_frames",
            "begun_at",
            timedelta(hours=1),
            "what was begun and never ended has come again since, and is counted by itself",
            DECIDED,
        ),
        Pruned(
            "delivery_attempts",
            "message_id",
            timedelta(days=30),
            "what is decided needs no count; what is not comes again, and is counted until it is",
            DECIDED,
            only="EXISTS (SELECT FROM inbox WHERE inbox.message_id = delivery_attempts.message_id)",
            is_id=True,
        ),
        Kept("held_messages", "each leaves when it is applied, known or parked", DECIDED),
        Pruned(
            "parked_messages",
            "replayed_at",
            OPERATIONS,
            "who settled it, when and why stays in the audit; what waits for somebody stays",
            DECIDED,
        ),
        Pruned(
            "refused_envelopes",
            "first_at",
            OPERATIONS,
            "long enough to see who sends what is refused",
            DECIDED,
        ),
        Kept("heartbeats", "one row for each queue", DECIDED),
        Kept("workers", "one row for each worker; the relay deletes those of dead ones", DECIDED),
        Kept("broker_epochs", "one row", DECIDED),
        Pruned(
            "operator_alerts",
            "settled_at",
            OPERATIONS,
            "its cause is gone; what is open stays",
            DECIDED,
        ),
        Kept(
            "audit_entries",
            "who did what; the period the law asks for is unset, so nothing is deleted",
            DECIDED,
        ),
        Pruned(
            "idempotency_keys",
            "expires_at",
            timedelta(days=1),
            "answers are promised for 30 days; the day more is for clocks that differ",
            DECIDED,
        ),
    )


def pruning(rules: Sequence[Retention]) -> list[Sweep]:
    """A sweep for each table that is pruned or reduced: one bounded step each, by its own clock."""
    return [
        Sweep(f"prune_{rule.table}", _step(rule), every=EVERY)
        for rule in rules
        if not isinstance(rule, Kept)
    ]


def _step(rule: Ageing) -> Run:
    def run(session: Session, _now: datetime) -> int:
        """What is left over waits for the next step: the relay has other work to do."""
        if isinstance(rule, Pruned):
            prune(session, rule)
        else:
            reduce(session, rule)
        return 0

    return run
