"""How the end of a delivery is told and audited."""

from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from services.notification.models import Delivery
from services.notification.policy import (
    OUTCOME_OF_STATE,
    DeliveryState,
    EventType,
    is_awaiting_report,
)
from shared.contracts import (
    DeliveryConcluded,
    Message,
    NoticeRead,
    PurgeNoticeConcluded,
    VerificationNoticeRead,
)
from shared.contracts.vocabulary import DeliveryOutcome
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
    channel: Any
    cause_id: Any
    traceparent: Any


def conclude(session: Session, row: DeliveryRow, *, now: datetime, actor: str) -> None:
    """Audit where a delivery now stands, and tell it."""
    state = DeliveryState(row.state)
    audit.record(session, actor=actor, action=f"delivery.{state}", object_id=row.id, now=now)
    tell_outcome(session, row, now=now)


def tell_outcome(session: Session, row: DeliveryRow, *, now: datetime) -> None:
    """Tell livelihood support whether an offer or a purge arrived, once that is known.

    Of an offer only the first notice is told of: that later ones arrived says nothing about
    whether the organisation knows it was asked. An SMS that its gateway has taken has not arrived:
    the network reports that, and the days to answer an offer must not begin before.
    """
    if is_awaiting_report(row.state, row.channel):
        return
    outcome = OUTCOME_OF_STATE.get(DeliveryState(row.state))
    told = outcome and _told(row, outcome, now)
    if told:
        _follow(session, row.case_id, row.traceparent)
        outbox.add(session, told)


def _told(row: DeliveryRow, outcome: DeliveryOutcome, now: datetime) -> Message | None:
    facts = {
        "occurred_at": now,
        "case_id": row.case_id,
        "delivery_id": row.id,
        "referral_id": row.referral_id,
        "offer_id": row.offer_id,
        "organisation_id": row.organisation_id,
        "outcome": outcome,
    }
    if row.type == EventType.REFERRAL_REQUESTED:
        return DeliveryConcluded(**facts)
    if row.type == EventType.REFERRAL_PURGE and row.cause_id is not None:
        return PurgeNoticeConcluded(**facts, purge_id=row.cause_id)
    return None


def tell_read(session: Session, delivery: Delivery, *, now: datetime) -> None:
    """Tell whoever keeps the clock of what was asked that somebody has read it."""
    told = _read(delivery, now)
    if told:
        _follow(session, delivery.case_id, delivery.traceparent)
        outbox.add(session, told)


def _read(delivery: Delivery, now: datetime) -> Message | None:
    facts = {
        "occurred_at": now,
        "case_id": delivery.case_id,
        "delivery_id": delivery.id,
        "organisation_id": delivery.organisation_id,
    }
    if delivery.type == EventType.VERIFICATION_OPENED:
        verification_id = delivery.body["data"]["verification_id"]
        return VerificationNoticeRead(
            **facts, verification_id=verification_id, move_id=delivery.cause_id
        )
    offer = {"referral_id": delivery.referral_id, "offer_id": delivery.offer_id}
    if delivery.type == EventType.REFERRAL_REQUESTED:
        return NoticeRead(**facts, **offer)
    if delivery.type == EventType.REFERRAL_PURGE:
        return NoticeRead(**facts, **offer, purge_id=delivery.cause_id)
    return None


def _follow(session: Session, case_id: UUID | None, traceparent: str | None) -> None:
    """Continue the trace of what was delivered, unless a message is being handled right now."""
    if traceparent is not None and case_id is not None:
        traces = session.info.setdefault(outbox.TRACES, {})
        traces.setdefault(case_id, trace.step_of(traceparent))
