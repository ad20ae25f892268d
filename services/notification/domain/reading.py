"""What may be read, and by whom: operators all, an organisation what was meant for it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select, tuple_
from sqlalchemy.orm import Session

from services.notification.errors import DeliveryNotFound
from services.notification.models import Attempt, Delivery, Endpoint
from services.notification.policy import DeliveryState
from shared.access import Permission, visible
from shared.contracts.vocabulary import EndpointStatus
from shared.kit.clock import minute_of
from shared.kit.subjects import Subject


@dataclass(frozen=True)
class DeliveryView:
    """A delivery as one subject may see it."""

    id: UUID
    organisation_id: UUID
    case_id: UUID | None
    """Hidden from an organisation whose webhook does not name it."""
    referral_id: UUID | None
    """As its subject knows it: an organisation asked by the id of its offer, an agency by another.
    """
    offer_id: UUID | None
    type: str
    channel: str | None
    state: str
    attempts: int
    next_at: datetime | None
    """When it is tried next, or when the claim of the current try ends; unset when concluded."""
    created_at: datetime
    concluded_at: datetime | None
    last_code: str | None
    template_id: UUID | None
    template_version: int | None
    replayed_at: datetime | None
    replayed_by: str | None
    """Hidden from all but operators."""
    replay_reason: str | None
    event: Mapping[str, Any]
    is_reduced: bool


@dataclass(frozen=True)
class AttemptView:
    """A try as one subject may see it."""

    number: int
    started_at: datetime
    ended_at: datetime | None
    outcome: str | None
    http_status: int | None
    smtp_status: int | None
    carrier: str | None


def view_of(delivery: Delivery, subject: Subject) -> DeliveryView:
    """What a subject sees of a delivery; an organisation asked nothing it could compare."""
    told = delivery.body["data"]
    is_whole = visible(subject, Permission.DELIVERY_READ).is_over_all
    moment = moments(subject)
    return DeliveryView(
        id=delivery.id,
        organisation_id=delivery.organisation_id,
        case_id=delivery.case_id if is_whole or "case_id" in told else None,
        referral_id=delivery.referral_id if is_whole else _id(told, "referral_id"),
        offer_id=delivery.offer_id if is_whole else _id(told, "offer_id"),
        type=delivery.type,
        channel=delivery.channel,
        state=delivery.state,
        attempts=delivery.attempts,
        next_at=None if delivery.concluded_at else moment(delivery.next_at),
        created_at=moment(delivery.created_at),
        concluded_at=delivery.concluded_at and moment(delivery.concluded_at),
        last_code=delivery.last_code,
        template_id=delivery.template_id,
        template_version=delivery.template_version,
        replayed_at=delivery.replayed_at and moment(delivery.replayed_at),
        replayed_by=delivery.replayed_by if is_whole else None,
        replay_reason=delivery.replay_reason,
        event=_event(delivery),
        is_reduced=delivery.is_reduced,
    )


def _id(told: Mapping[str, Any], name: str) -> UUID | None:
    """An id as the webhook has it; unset where the webhook does not."""
    return UUID(told[name]) if name in told else None


def moments(subject: Subject) -> Callable[[datetime], datetime]:
    """How exactly a subject learns when something was: to the minute, unless it reaches all.

    What is told, claimed or recorded together carries one instant for several organisations.
    """
    return _exactly if visible(subject, Permission.DELIVERY_READ).is_over_all else minute_of


def _exactly(instant: datetime) -> datetime:
    return instant


def _event(delivery: Delivery) -> Mapping[str, Any]:
    if delivery.traceparent is not None:
        return delivery.body
    # Opened by the release before, with the case's own trace in it.
    return {name: value for name, value in delivery.body.items() if name != "traceparent"}


def reached(subject: Subject, permission: Permission) -> ColumnElement[bool]:
    """Whether a delivery is there for a subject: any, or one to its own organisation."""
    return visible(subject, permission).reaches(own=[Delivery.organisation_id])


def find_delivery(session: Session, *, delivery_id: UUID, subject: Subject) -> DeliveryView:
    """One delivery; not found for another organisation."""
    is_reached = reached(subject, Permission.DELIVERY_READ)
    found = session.scalar(select(Delivery).where(Delivery.id == delivery_id, is_reached))
    if found is None:
        raise DeliveryNotFound
    return view_of(found, subject)


def find_deliveries(
    session: Session,
    *,
    subject: Subject,
    state: DeliveryState | None,
    case_id: UUID | None,
    after: UUID | None,
    size: int,
    organisation_id: UUID | None = None,
    is_newest_first: bool = False,
) -> list[DeliveryView]:
    """Deliveries, oldest first. An organisation finds by case only what names the case to it."""
    made = (Delivery.created_at, Delivery.id)
    order = [column.desc() for column in made] if is_newest_first else made
    is_reached = reached(subject, Permission.DELIVERY_READ)
    query = select(Delivery).where(is_reached).order_by(*order).limit(size)
    if organisation_id is not None:
        query = query.where(Delivery.organisation_id == organisation_id)
    if case_id is not None:
        query = query.where(Delivery.case_id == case_id)
        if not visible(subject, Permission.DELIVERY_READ).is_over_all:
            query = query.where(Delivery.body["data"].has_key("case_id"))
    if state is not None:
        query = query.where(Delivery.state == state)
    if after is not None:
        # After another organisation's delivery, as after none at all, comes nothing.
        last = select(*made).where(Delivery.id == after, is_reached).scalar_subquery()
        follows = tuple_(*made) < last if is_newest_first else tuple_(*made) > last
        query = query.where(follows)
    return [view_of(each, subject) for each in session.scalars(query)]


def find_attempts(session: Session, *, delivery_id: UUID, subject: Subject) -> list[AttemptView]:
    """The tries of a delivery the subject may see, oldest first."""
    moment = moments(subject)
    is_whole = visible(subject, Permission.DELIVERY_READ).is_over_all
    query = select(Attempt).where(Attempt.delivery_id == delivery_id).order_by(Attempt.number)
    return [
        AttemptView(
            number=each.number,
            started_at=moment(each.started_at),
            ended_at=each.ended_at and moment(each.ended_at),
            outcome=each.outcome,
            http_status=each.http_status,
            smtp_status=each.smtp_status,
            carrier=each.carrier if is_whole else None,
        )
        for each in session.scalars(query)
    ]


def find_endpoints(
    session: Session,
    *,
    subject: Subject,
    status: EndpointStatus | None,
    organisation_id: UUID | None,
    after: UUID | None,
    size: int,
) -> Sequence[Endpoint]:
    """Endpoints and their health, in the order they were registered."""
    sight = visible(subject, Permission.ENDPOINT_WATCH)
    is_reached = sight.reaches(own=[Endpoint.organisation_id])
    query = select(Endpoint).where(is_reached).order_by(Endpoint.endpoint_id).limit(size)
    if status is not None:
        query = query.where(Endpoint.status == status)
    if organisation_id is not None:
        query = query.where(Endpoint.organisation_id == organisation_id)
    if after is not None:
        query = query.where(Endpoint.endpoint_id > after)
    return session.scalars(query).all()
