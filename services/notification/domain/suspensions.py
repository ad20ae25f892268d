"""Somebody stops sending to an endpoint, to an organisation or by a channel, and has it go on.

One idea for all three: what is to be sent stays due and uses up no tries, and no sender takes it.
And a test whether what is sent to an endpoint arrives.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.notification.domain.reading import DeliveryView, view_of
from services.notification.domain.rows import IS_SUSPENDED, REACHABLE
from services.notification.domain.waiting import hasten_deliveries
from services.notification.errors import (
    ChannelNotSuspended,
    ChannelSuspended,
    EndpointNotCalled,
    EndpointNotFound,
    EndpointNotSuspended,
    EndpointSuspended,
    EndpointTestUnderWay,
    OrganisationNotFound,
    OrganisationNotSuspended,
    OrganisationSuspended,
)
from services.notification.models import (
    Delivery,
    Endpoint,
    Organisation,
    SendingChannel,
    Suspendable,
)
from services.notification.policy import (
    DUE,
    DeliveryState,
    EventType,
    SuspendedPart,
    SuspensionReason,
    endpoint_test,
    id_of_channel,
)
from shared.access import Permission, visible
from shared.contracts.vocabulary import ChannelKind
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
    _suspend(session, endpoint, endpoint_id, subject=subject, reason=reason, now=now)
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
    endpoint.consecutive_failures = 0
    endpoint.paused_until = None
    _resume(session, endpoint, endpoint_id, subject=subject, now=now)
    hasten_deliveries(session, [endpoint_id], now=now)
    return endpoint


def suspend_organisation(
    session: Session,
    *,
    organisation_id: UUID,
    subject: Subject,
    reason: SuspensionReason,
    now: datetime,
) -> None:
    """Send nothing more to an organisation, whichever address it has or comes to have.

    Refused: not found; suspended already.
    """
    found = _organisation(session, organisation_id, subject)
    if found.suspended_at is not None:
        raise OrganisationSuspended
    _suspend(session, found, organisation_id, subject=subject, reason=reason, now=now)


def resume_organisation(
    session: Session, *, organisation_id: UUID, subject: Subject, now: datetime
) -> None:
    """Send to an organisation again: what waits is due at once.

    Refused: not found; not suspended.
    """
    found = _organisation(session, organisation_id, subject)
    if found.suspended_at is None:
        raise OrganisationNotSuspended
    _resume(session, found, organisation_id, subject=subject, now=now)
    own = select(Endpoint.endpoint_id).where(Endpoint.organisation_id == organisation_id)
    hasten_deliveries(session, session.scalars(own).all(), now=now)


def suspend_channel(
    session: Session,
    *,
    channel: ChannelKind,
    subject: Subject,
    reason: SuspensionReason,
    now: datetime,
) -> None:
    """Send nothing more by a channel, to whomever; what is to go by it waits.

    Refused: suspended already.
    """
    found = _channel(session, channel)
    if found.suspended_at is not None:
        raise ChannelSuspended
    _suspend(session, found, found.channel_id, subject=subject, reason=reason, now=now)


def resume_channel(
    session: Session, *, channel: ChannelKind, subject: Subject, now: datetime
) -> None:
    """Send by a channel again. What became due meanwhile goes; what had failed keeps its time.

    Refused: not suspended.
    """
    found = _channel(session, channel)
    if found.suspended_at is None:
        raise ChannelNotSuspended
    _resume(session, found, found.channel_id, subject=subject, now=now)


_CALLED = text(
    f"""
    SELECT 1 FROM ({REACHABLE}) AS called
     WHERE endpoint_id = :endpoint_id AND NOT {IS_SUSPENDED}
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
                      AND type = '{EventType.ENDPOINT_TEST}'
                      AND body #>> '{{data,endpoint_id}}' = CAST(:endpoint_id AS text))
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
    if session.scalar(_UNDER_WAY, {**asked, "endpoint_id": str(endpoint_id)}):
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


def _organisation(session: Session, organisation_id: UUID, subject: Subject) -> Organisation:
    is_reached = visible(subject, Permission.ENDPOINT_SUSPEND).reaches(
        own=[Organisation.organisation_id]
    )
    query = select(Organisation).where(Organisation.organisation_id == organisation_id, is_reached)
    found = session.scalar(query.with_for_update())
    if found is None:
        raise OrganisationNotFound
    return found


def _channel(session: Session, channel: ChannelKind) -> SendingChannel:
    """The row of a channel, locked; it is there from when somebody first has to do with it."""
    row = {"channel": channel, "channel_id": id_of_channel(channel)}
    session.execute(insert(SendingChannel).values(row).on_conflict_do_nothing())
    query = select(SendingChannel).where(SendingChannel.channel == channel)
    return session.scalars(query.with_for_update()).one()


_PARTS: Mapping[type[Suspendable], SuspendedPart] = {
    Endpoint: SuspendedPart.ENDPOINT,
    Organisation: SuspendedPart.ORGANISATION,
    SendingChannel: SuspendedPart.CHANNEL,
}


def _suspend(
    session: Session,
    part: Suspendable,
    part_id: UUID,
    *,
    subject: Subject,
    reason: SuspensionReason,
    now: datetime,
) -> None:
    part.suspended_at = now
    part.suspended_by = subject.actor
    part.suspension_reason = reason
    audit.record(
        session,
        actor=subject.actor,
        action=".".join((_PARTS[type(part)], "suspended")),
        object_id=part_id,
        now=now,
        reason=reason,
    )


def _resume(
    session: Session, part: Suspendable, part_id: UUID, *, subject: Subject, now: datetime
) -> None:
    part.suspended_at = part.suspended_by = part.suspension_reason = None
    session.flush()
    audit.record(
        session,
        actor=subject.actor,
        action=".".join((_PARTS[type(part)], "resumed")),
        object_id=part_id,
        now=now,
    )
