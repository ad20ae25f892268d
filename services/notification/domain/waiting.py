"""Deliveries whose organisation got an address, or lost it: moved in bounded steps.

The directory's message moves the first of them; the sweep of the relay moves the rest, and what a
delivery opened at the same moment could not see.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, text
from sqlalchemy.orm import Session

from services.notification.domain.conclusions import conclude
from services.notification.domain.rows import REACHABLE, TOLD
from services.notification.policy import DeliveryState

STEP = 500
"""Most deliveries moved in one transaction."""
ACTOR = "sweep:notification"

_RELEASE = text(
    f"""
    WITH released AS MATERIALIZED (
        SELECT waiting.id
          FROM ({REACHABLE}) AS called
         CROSS JOIN LATERAL (
               SELECT id FROM deliveries
                WHERE organisation_id = called.organisation_id
                  AND state = '{DeliveryState.NO_ENDPOINT}'
                LIMIT :step FOR UPDATE SKIP LOCKED) AS waiting
         LIMIT :step
    )
    UPDATE deliveries AS d
       SET state = '{DeliveryState.PENDING}', concluded_at = NULL, tries_before = attempts,
           -- Not this moment: the clock of the sender, not ours, says what is due.
           next_at = created_at
      FROM released WHERE d.id = released.id {TOLD}
    """,  # noqa: S608 - made of our own words only
)

_STRAND = text(
    f"""
    WITH stranded AS MATERIALIZED (
        SELECT waiting.id
          FROM (SELECT organisation_id FROM endpoints
                EXCEPT SELECT organisation_id FROM ({REACHABLE}) AS called) AS lost
         CROSS JOIN LATERAL (
               SELECT id FROM deliveries
                WHERE organisation_id = lost.organisation_id
                  AND (state IN ('{DeliveryState.PENDING}', '{DeliveryState.UNKNOWN}')
                       -- Claimed, and the sender died: no other one will ever claim it.
                       OR state = '{DeliveryState.SENDING}' AND next_at <= :now)
                LIMIT :step FOR UPDATE SKIP LOCKED) AS waiting
         LIMIT :step
    )
    UPDATE deliveries AS d
       SET state = '{DeliveryState.NO_ENDPOINT}', concluded_at = :now
      FROM stranded WHERE d.id = stranded.id {TOLD}
    """,  # noqa: S608 - made of our own words only
)

_HASTEN = text(
    f"""
    UPDATE deliveries SET next_at = :now
     WHERE id IN (SELECT id FROM deliveries
                   WHERE organisation_id = ANY(:organisations) AND next_at > :now
                     AND state IN ('{DeliveryState.PENDING}', '{DeliveryState.UNKNOWN}')
                   ORDER BY next_at LIMIT :step FOR UPDATE SKIP LOCKED)
    """,  # noqa: S608 - made of our own words only
).bindparams(bindparam("organisations", type_=ARRAY(Uuid)))


def release_deliveries(session: Session, now: datetime) -> int:
    """Make due what waited for an endpoint that now exists; returns how many, at most 500."""
    rows = session.execute(_RELEASE, {"step": STEP}).all()
    for row in rows:
        conclude(session, row, now=now, actor=ACTOR)
    return len(rows)


def strand_deliveries(session: Session, now: datetime) -> int:
    """Show as without endpoint what nobody may be called for; returns how many, at most 500."""
    rows = session.execute(_STRAND, {"step": STEP, "now": now}).all()
    for row in rows:
        conclude(session, row, now=now, actor=ACTOR)
    return len(rows)


def settle_waiting(session: Session, now: datetime) -> None:
    """Move the first of both kinds, in the transaction that changed who can be called."""
    release_deliveries(session, now)
    strand_deliveries(session, now)


def hasten_deliveries(session: Session, organisations: Collection[UUID], *, now: datetime) -> None:
    """Try again at once what waits for its next try: the reason it failed may be mended."""
    session.execute(
        _HASTEN,
        {"organisations": sorted(organisations), "now": now, "step": STEP},
    )
