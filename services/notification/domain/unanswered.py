"""SMS whose sender has died: nobody knows whether they left, so a person decides.

What goes by another channel is claimed again when its lease ends. A second copy of an SMS would
harm, so it waits, and its gateway may report yet what became of it.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, text
from sqlalchemy.orm import Session

from services.notification.domain.conclusions import conclude
from services.notification.domain.parked import note_parked
from services.notification.domain.rows import BY_NOW, IS_SENT_ONCE, TOLD
from services.notification.policy import AttemptOutcome, DeliveryState, EventType
from shared.messaging.sweeps import RESTING, each_alone

PARK = "park_unanswered"
"""The name of the sweep."""
ACTOR = "sweep:notification"
STEP = 500
"""Most deliveries moved in one transaction."""

_UNANSWERED = text(
    f"""
    SELECT id FROM deliveries AS d
     WHERE state = '{DeliveryState.SENDING}' AND {IS_SENT_ONCE} AND next_at <= {BY_NOW}
       AND id NOT IN ({RESTING})
     ORDER BY next_at LIMIT :step FOR UPDATE SKIP LOCKED
    """,  # noqa: S608 - made of our own words only
)

_PARK = text(
    f"""
    WITH ended AS (
        UPDATE attempts AS a SET ended_at = :now, outcome = '{AttemptOutcome.UNKNOWN}'
          FROM deliveries AS d
         WHERE d.id = ANY(:ids) AND a.delivery_id = d.id AND a.number = d.attempts
           AND a.ended_at IS NULL
    )
    UPDATE deliveries AS d
       SET state = CASE WHEN type = '{EventType.ENDPOINT_TEST}' THEN '{DeliveryState.FAILED}'
                        ELSE '{DeliveryState.PARKED}' END,
           last_code = '{AttemptOutcome.UNKNOWN}', concluded_at = :now
     WHERE id = ANY(:ids) {TOLD}
    """,  # noqa: S608 - made of our own words only
).bindparams(bindparam("ids", type_=ARRAY(Uuid)))


def park_unanswered(session: Session, now: datetime) -> int:
    """Have a person decide on every SMS whose sender died; returns how many, at most 500."""
    found = session.scalars(_UNANSWERED, {"step": STEP, "sweep": PARK, "now": now}).all()

    def act(some: Sequence[UUID]) -> None:
        rows = session.execute(_PARK, {"ids": list(some), "now": now}).all()
        for row in rows:
            conclude(session, row, now=now, actor=ACTOR)
        note_parked(session, rows, now=now)

    return each_alone(session, PARK, found, act, key=lambda each: each, now=now)
