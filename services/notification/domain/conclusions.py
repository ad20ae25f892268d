"""How the end of a delivery is told and audited."""

from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from services.notification.policy import OUTCOME_OF_STATE, DeliveryState, EventType
from shared.contracts import DeliveryConcluded
from shared.kit import audit, trace
from shared.messaging import outbox


class DeliveryRow(Protocol):
    """What has to be known of a delivery to tell how it ended."""

    id: Any
    state: Any
    type: Any
    case_id: Any
    referral_id: Any
    offer_id: Any
    organisation_id: Any
    traceparent: Any


def conclude(session: Session, row: DeliveryRow, *, now: datetime, actor: str) -> None:
    """Audit where a delivery now stands; tell livelihood support whether an offer arrived.

    Only the first notice of an offer is told of: that later ones arrived says nothing about
    whether the organisation knows it was asked.
    """
    state = DeliveryState(row.state)
    audit.record(session, actor=actor, action=f"delivery.{state}", object_id=row.id, now=now)
    outcome = OUTCOME_OF_STATE.get(state)
    if outcome is None or row.type != EventType.REFERRAL_REQUESTED:
        return
    _follow(session, row.case_id, row.traceparent)
    outbox.add(
        session,
        DeliveryConcluded(
            occurred_at=now,
            case_id=row.case_id,
            delivery_id=row.id,
            referral_id=row.referral_id,
            offer_id=row.offer_id,
            organisation_id=row.organisation_id,
            outcome=outcome,
        ),
    )


def _follow(session: Session, case_id: UUID, traceparent: str | None) -> None:
    """Continue the trace of what was delivered, unless a message is being handled right now."""
    if traceparent is not None:
        traces = session.info.setdefault(outbox.TRACES, {})
        traces.setdefault(case_id, trace.step_of(traceparent))
