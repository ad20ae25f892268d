"""From something that happened to what has to be delivered; one statement for a frame."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.notification.domain.conclusions import tell_outcome
from services.notification.domain.due import note_due
from services.notification.domain.rows import BY_NOW, REACHABLE, TAKES
from services.notification.policy import DeliveryState, Event, body_of
from shared.kit import trace
from shared.kit.documents import document
from shared.kit.identifiers import reference_of
from shared.messaging import outbox

# A second row with the same effect key changes nothing, so a repeated message delivers nothing.
_OPEN = text(
    f"""
    INSERT INTO deliveries (id, effect_key, cause_id, organisation_id, case_id, referral_id,
                            offer_id, type, body, traceparent, channel, state, next_at, created_at,
                            concluded_at)
    SELECT d.id, effect_key, cause_id, d.organisation_id, case_id, referral_id, offer_id,
           type, body, traceparent, called.channel,
           CASE WHEN called.endpoint_id IS NULL THEN '{DeliveryState.NO_ENDPOINT}'
                ELSE '{DeliveryState.PENDING}' END,
           {BY_NOW}, :now, CASE WHEN called.endpoint_id IS NULL THEN CAST(:now AS timestamptz) END
      FROM json_to_recordset(CAST(:rows AS json))
           AS d(id uuid, effect_key text, cause_id uuid, organisation_id uuid, case_id uuid,
                referral_id uuid, offer_id uuid, type text, body jsonb, traceparent text)
      LEFT JOIN ({REACHABLE}) AS called
        ON called.organisation_id = d.organisation_id AND {TAKES}
        ON CONFLICT (effect_key) DO NOTHING
    RETURNING id, state, type, case_id, referral_id, offer_id, organisation_id, channel, cause_id,
              traceparent
    """,  # noqa: S608 - made of our own words only
)


def open_deliveries(session: Session, *, events: Sequence[Event], now: datetime) -> None:
    """Store what is to be delivered, due at once, or visibly without an endpoint.

    Nobody has been told of anything yet: what becomes of a delivery is audited, its row is not.
    """
    if not events:
        return
    traces: Mapping[UUID, str] = session.info.get(outbox.TRACES, {})
    first: dict[str, Event] = {}
    for event in events:
        # Where two events of a frame are one effect, the first is kept, as between frames.
        first.setdefault(event.effect_key, event)
    rows = [_row(event, traces.get(event.case_id)) for event in first.values()]
    made = session.execute(_OPEN, {"rows": document(rows), "now": now})
    for row in made:
        if row.state == DeliveryState.PENDING:
            note_due(session)
        tell_outcome(session, row, now=now)


def _row(event: Event, traceparent: str | None) -> dict[str, Any]:
    # A restored database opens it again under the same id, which its receiver knows.
    delivery_id = reference_of("delivery", event.effect_key)
    return {
        "id": delivery_id,
        "effect_key": event.effect_key,
        "cause_id": event.cause_id,
        "organisation_id": event.organisation_id,
        "case_id": event.case_id,
        "referral_id": event.referral_id,
        "offer_id": event.offer_id,
        "type": event.type,
        "body": body_of(event, delivery_id=delivery_id, traceparent=trace.step_of(None)),
        "traceparent": trace.step_of(traceparent),
    }
