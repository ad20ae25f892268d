"""Deliveries whose organisation got an address, or lost it: moved in bounded steps.

The directory's message moves the first of them; the sweep of the relay moves the rest, and what a
delivery opened at the same moment could not see.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, TextClause, Uuid, bindparam, text
from sqlalchemy.orm import Session

from services.notification.domain.conclusions import conclude
from services.notification.domain.due import note_due
from services.notification.domain.rows import (
    BY_NOW,
    ENDPOINTS,
    IS_SENT_ONCE,
    OTHERS,
    REACHABLE,
    TAKES,
    TOLD,
)
from services.notification.policy import DeliveryState
from shared.messaging.sweeps import RESTING, each_alone

STEP = 500
"""Most deliveries moved in one transaction."""
ACTOR = "sweep:notification"

RELEASE, STRAND = "release_deliveries", "strand_deliveries"
"""The names of the two sweeps."""

_RELEASABLE = text(
    f"""
    SELECT waiting.id
      FROM ({REACHABLE}) AS called
     CROSS JOIN LATERAL (
           SELECT id FROM deliveries AS d
            WHERE organisation_id = called.organisation_id AND {TAKES}
              AND state = '{DeliveryState.NO_ENDPOINT}' AND id NOT IN ({RESTING})
            -- Without an order the planner expects many of every organisation, reads the table to
            -- find them, and reads all of it where there are none.
            ORDER BY id LIMIT :step FOR UPDATE SKIP LOCKED) AS waiting
     LIMIT :step
    """,  # noqa: S608 - made of our own words only
)

_RELEASE = text(
    f"""
    UPDATE deliveries AS d
       SET state = '{DeliveryState.PENDING}', concluded_at = NULL, tries_before = attempts,
           next_at = least(created_at, now())
     WHERE id = ANY(:ids) {TOLD}
    """,  # noqa: S608 - made of our own words only
).bindparams(bindparam("ids", type_=ARRAY(Uuid)))

# What an endpoint without a topic would take, where there is none.
_STRANDED = text(
    f"""
    SELECT waiting.id
      FROM (SELECT organisation_id, NULL AS endpoint_id, NULL AS topic, {OTHERS}
              FROM (SELECT organisation_id FROM endpoints
                    EXCEPT
                    SELECT organisation_id FROM ({REACHABLE}) AS it WHERE topic IS NULL) AS called
           ) AS called
     CROSS JOIN LATERAL (
           SELECT id FROM deliveries AS d
            WHERE organisation_id = called.organisation_id AND {TAKES} AND id NOT IN ({RESTING})
              AND (state IN ('{DeliveryState.PENDING}', '{DeliveryState.UNKNOWN}')
                   -- Claimed, and the sender died: no other one will ever claim it.
                   OR state = '{DeliveryState.SENDING}' AND next_at <= {BY_NOW}
                      AND NOT {IS_SENT_ONCE})
            LIMIT :step FOR UPDATE SKIP LOCKED) AS waiting
     LIMIT :step
    """,  # noqa: S608 - made of our own words only
)

_STRAND = text(
    f"""
    UPDATE deliveries AS d SET state = '{DeliveryState.NO_ENDPOINT}', concluded_at = :now
     WHERE id = ANY(:ids) {TOLD}
    """,  # noqa: S608 - made of our own words only
).bindparams(bindparam("ids", type_=ARRAY(Uuid)))

_HASTEN = text(
    f"""
    UPDATE deliveries SET next_at = {BY_NOW}
     WHERE id IN (SELECT d.id
                    FROM ({ENDPOINTS}) AS called
                    JOIN deliveries AS d
                      ON d.organisation_id = called.organisation_id AND {TAKES}
                   WHERE called.endpoint_id = ANY(:endpoints) AND next_at > {BY_NOW}
                     AND state IN ('{DeliveryState.PENDING}', '{DeliveryState.UNKNOWN}')
                   ORDER BY next_at LIMIT :step FOR UPDATE OF d SKIP LOCKED)
    """,  # noqa: S608 - made of our own words only
).bindparams(bindparam("endpoints", type_=ARRAY(Uuid)))


def release_deliveries(session: Session, now: datetime) -> int:
    """Make due what waited for an endpoint that now exists; returns how many, at most 500."""
    found = session.scalars(_RELEASABLE, {"step": STEP, "sweep": RELEASE}).all()
    if found:
        note_due(session)
    return _move(session, RELEASE, _RELEASE, found, now)


def strand_deliveries(session: Session, now: datetime) -> int:
    """Show as without endpoint what nobody may be called for; returns how many, at most 500."""
    found = session.scalars(_STRANDED, {"step": STEP, "sweep": STRAND, "now": now}).all()
    return _move(session, STRAND, _STRAND, found, now)


def _move(
    session: Session,
    name: str,
    statement: TextClause,
    delivery_ids: Sequence[UUID],
    now: datetime,
) -> int:
    """Move these locked deliveries and tell of them; one that cannot be told of rests alone."""

    def act(some: Sequence[UUID]) -> None:
        for row in session.execute(statement, {"ids": list(some), "now": now}):
            conclude(session, row, now=now, actor=ACTOR)

    return each_alone(session, name, delivery_ids, act, key=lambda each: each, now=now)


def settle_waiting(session: Session, now: datetime) -> None:
    """Move the first of both kinds, in the transaction that changed who can be called."""
    release_deliveries(session, now)
    strand_deliveries(session, now)


def hasten_deliveries(session: Session, endpoint_ids: Collection[UUID], *, now: datetime) -> None:
    """Try again at once what is for these and waits for its next try: it may be mended.

    Also what one took that is called no longer: another one takes it now.
    """
    note_due(session)
    session.execute(
        _HASTEN,
        {"endpoints": sorted(endpoint_ids), "now": now, "step": STEP},
    )
