"""Somebody stops sending to an endpoint, has it go on, or tests whether what is sent arrives."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from services.notification.domain.reading import DeliveryView, view_of
from services.notification.domain.rows import REACHABLE
from services.notification.domain.waiting import hasten_deliveries
from services.notification.errors import (
    EndpointNotCalled,
    EndpointNotFound,
    EndpointNotSuspended,
    EndpointSuspended,
    EndpointTestUnderWay,
)
from services.notification.models import Delivery, Endpoint
from services.notification.policy import (
    DUE,
    DeliveryState,
    EventType,
    SuspensionReason,
    endpoint_test,
)
from shared.access import Permission, visible
from shared.kit import audit, trace
from shared.kit.columns import listed
from shared.kit.database import database_now
from shared.kit.subjects import Subject


def suspend_endpoint(
    session: Session,
    *,
    endpoint_id: UUID,
    subject: Subject,
    reason: SuspensionReason,
    now: datetime,
) -> Endpoint:
    """Send nothing more to an endpoint; what is to be sent waits. A call under way ends.

    Refused: not found; suspended already.
    """
    endpoint = _locked(session, endpoint_id, subject, Permission.ENDPOINT_SUSPEND)
    if endpoint.suspended_at is not None:
        raise EndpointSuspended
    endpoint.suspended_at = now
    endpoint.suspended_by = subject.actor
    endpoint.suspension_reason = reason
    audit.record(
        session,
        actor=subject.actor,
        action="endpoint.suspended",
        object_id=endpoint_id,
        now=now,
        reason=reason,
    )
    return endpoint


def resume_endpoint(
    session: Session, *, endpoint_id: UUID, subject: Subject, now: datetime
) -> Endpoint:
    """Send to an endpoint again, with a fresh start: what waits is due at once.

    Refused: not found; not suspended.
    """
    endpoint = _locked(session, endpoint_id, subject, Permission.ENDPOINT_SUSPEND)
    if endpoint.suspended_at is None:
        raise EndpointNotSuspended
    endpoint.suspended_at = endpoint.suspended_by = endpoint.suspension_reason = None
    endpoint.consecutive_failures = 0
    endpoint.paused_until = None
    session.flush()
    hasten_deliveries(session, [endpoint.organisation_id], now=now)
    audit.record(
        session, actor=subject.actor, action="endpoint.resumed", object_id=endpoint_id, now=now
    )
    return endpoint


_CALLED = text(
    f"""
    SELECT 1 FROM ({REACHABLE}) AS called
     WHERE endpoint_id = :endpoint_id AND suspended_at IS NULL
    """,  # noqa: S608 - made of our own words only
)

# A test goes before whatever waits longer: whoever has mended an endpoint wants to know it now.
_FIRST = text(
    f"""
    SELECT least(now(), :now, min(next_at)) - interval '1 second' FROM deliveries
     WHERE organisation_id = :organisation_id AND state IN ({listed(DUE)})
    """,  # noqa: S608 - made of our own words only
)

_UNDER_WAY = text(
    f"""
    SELECT EXISTS (SELECT FROM deliveries
                    WHERE organisation_id = :organisation_id AND state IN ({listed(DUE)})
                      AND type = '{EventType.ENDPOINT_TEST}')
    """,  # noqa: S608 - made of our own words only
)


def try_endpoint(
    session: Session, *, endpoint_id: UUID, subject: Subject, now: datetime
) -> DeliveryView:
    """Have the sender send a signed event that says nothing: it is tried once, and first of all.

    An endpoint that rests after failures is called for it; if it fails again it rests again.
    Refused: not found; not called; a test that has not ended.
    """
    endpoint = _locked(session, endpoint_id, subject, Permission.ENDPOINT_TEST)
    if session.scalar(_CALLED, {"endpoint_id": endpoint_id}) is None:
        raise EndpointNotCalled
    asked = {"organisation_id": endpoint.organisation_id, "now": now}
    if session.scalar(_UNDER_WAY, asked):
        raise EndpointTestUnderWay
    endpoint.paused_until = None
    made = _opened(
        endpoint, first=session.scalar(_FIRST, asked), now=min(now, database_now(session))
    )
    session.add(made)
    session.flush()
    audit.record(
        session,
        actor=subject.actor,
        action="endpoint.tested",
        object_id=endpoint_id,
        now=now,
        delivery_id=str(made.id),
    )
    return view_of(made, subject)


def _opened(endpoint: Endpoint, *, first: datetime | None, now: datetime) -> Delivery:
    delivery_id = uuid4()
    return Delivery(
        id=delivery_id,
        effect_key=f"{EventType.ENDPOINT_TEST}:{delivery_id}:{endpoint.organisation_id}",
        organisation_id=endpoint.organisation_id,
        type=EventType.ENDPOINT_TEST,
        channel=endpoint.channel,
        body=endpoint_test(
            endpoint.endpoint_id,
            asked_at=now,
            delivery_id=delivery_id,
            traceparent=trace.step_of(None),
        ),
        traceparent=trace.step_of(None),
        state=DeliveryState.PENDING,
        attempts=0,
        tries_before=0,
        next_at=first or now,
        created_at=now,
    )


def _locked(
    session: Session, endpoint_id: UUID, subject: Subject, permission: Permission
) -> Endpoint:
    is_reached = visible(subject, permission).reaches(own=[Endpoint.organisation_id])
    query = select(Endpoint).where(Endpoint.endpoint_id == endpoint_id, is_reached)
    endpoint = session.scalar(query.with_for_update())
    if endpoint is None:
        raise EndpointNotFound
    return endpoint
