"""What may be read, and by whom: operators all, an organisation what was meant for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.notification.errors import DeliveryNotFound
from services.notification.models import Attempt, Delivery, Endpoint
from services.notification.policy import DeliveryState, Reader
from shared.contracts.vocabulary import EndpointStatus


@dataclass(frozen=True)
class DeliveryView:
    """A delivery as one reader may see it."""

    id: UUID
    organisation_id: UUID
    case_id: UUID | None
    """Hidden from an organisation whose webhook does not name it."""
    referral_id: UUID | None
    offer_id: UUID | None
    type: str
    state: str
    attempts: int
    next_at: datetime | None
    """When it is tried next, or when the claim of the current try ends; unset when concluded."""
    created_at: datetime
    concluded_at: datetime | None
    last_code: str | None
    replayed_at: datetime | None
    replay_reason: str | None
    event: Mapping[str, Any]


def view_of(delivery: Delivery, reader: Reader) -> DeliveryView:
    """What a reader sees of a delivery."""
    is_named = reader.is_operator or "case_id" in delivery.body["data"]
    return DeliveryView(
        id=delivery.id,
        organisation_id=delivery.organisation_id,
        case_id=delivery.case_id if is_named else None,
        referral_id=delivery.referral_id,
        offer_id=delivery.offer_id,
        type=delivery.type,
        state=delivery.state,
        attempts=delivery.attempts,
        next_at=None if delivery.concluded_at else delivery.next_at,
        created_at=delivery.created_at,
        concluded_at=delivery.concluded_at,
        last_code=delivery.last_code,
        replayed_at=delivery.replayed_at,
        replay_reason=delivery.replay_reason,
        event=delivery.body,
    )


def find_delivery(session: Session, *, delivery_id: UUID, reader: Reader) -> DeliveryView:
    """One delivery; not found for another organisation."""
    query = select(Delivery).where(Delivery.id == delivery_id)
    if not reader.is_operator:
        query = query.where(Delivery.organisation_id == reader.organisation_id)
    found = session.scalar(query)
    if found is None:
        raise DeliveryNotFound
    return view_of(found, reader)


def find_deliveries(
    session: Session,
    *,
    reader: Reader,
    state: DeliveryState | None,
    case_id: UUID | None,
    after: UUID | None,
    size: int,
) -> list[DeliveryView]:
    """Deliveries, oldest first. An organisation finds by case only what names the case to it."""
    query = select(Delivery).order_by(Delivery.id).limit(size)
    if not reader.is_operator:
        query = query.where(Delivery.organisation_id == reader.organisation_id)
    if case_id is not None:
        query = query.where(Delivery.case_id == case_id)
        if not reader.is_operator:
            query = query.where(Delivery.body["data"].has_key("case_id"))
    if state is not None:
        query = query.where(Delivery.state == state)
    if after is not None:
        query = query.where(Delivery.id > after)
    return [view_of(each, reader) for each in session.scalars(query)]


def find_attempts(session: Session, *, delivery_id: UUID) -> Sequence[Attempt]:
    """The tries of a delivery the reader may see, oldest first."""
    query = select(Attempt).where(Attempt.delivery_id == delivery_id).order_by(Attempt.number)
    return session.scalars(query).all()


def find_endpoints(
    session: Session,
    *,
    reader: Reader,
    status: EndpointStatus | None,
    after: UUID | None,
    size: int,
) -> Sequence[Endpoint]:
    """Endpoints and their health, in the order they were registered."""
    query = select(Endpoint).order_by(Endpoint.endpoint_id).limit(size)
    if not reader.is_operator:
        query = query.where(Endpoint.organisation_id == reader.organisation_id)
    if status is not None:
        query = query.where(Endpoint.status == status)
    if after is not None:
        query = query.where(Endpoint.endpoint_id > after)
    return session.scalars(query).all()
