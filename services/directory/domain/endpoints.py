"""Webhook endpoints: one address for each topic of an organisation, and one for all else.

Their secrets are only derived.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from services.directory.domain.organisations import find_organisation, lock_organisation
from services.directory.errors import EndpointNotFound, OrganisationInactive
from services.directory.models import Endpoint, Organisation
from services.directory.policy import check_endpoint, takes_simulated
from shared.contracts.directory import EndpointChanged
from shared.contracts.vocabulary import (
    ChannelKind,
    EndpointReason,
    EndpointStatus,
    EndpointTopic,
)
from shared.kit import audit
from shared.kit.arrays import among
from shared.kit.identifiers import new_id
from shared.messaging import outbox


@dataclass(frozen=True)
class DisabledFacts:
    """A version of an endpoint that notification does not call any more, and why."""

    endpoint_id: UUID
    organisation_id: UUID
    secret_version: int
    reason: EndpointReason


def register_endpoint(
    session: Session,
    *,
    organisation_id: UUID,
    url: str,
    topic: EndpointTopic | None = None,
    allow_loopback: bool,
    now: datetime,
    actor: str,
) -> Endpoint:
    """Register where an organisation takes webhooks, or replace the address and its secret.

    With a topic it is an endpoint for what is of that topic, and for nothing else; without one it
    takes whatever no other endpoint of the organisation is for. A replaced endpoint keeps its id
    and gets the next secret version, so that notification can sign with the old secret and the new
    one for a day; so does one whose receiver answered 410. After an endpoint was withdrawn a new
    one begins, and nothing is signed with the old secrets any more. Raises
    ``EndpointAddressRefused``, ``SimulatedRecipientRefused``, ``OrganisationNotFound`` and
    ``OrganisationInactive``.
    """
    # The organisation is locked, because there may be no endpoint yet to lock.
    organisation = lock_organisation(session, organisation_id)
    if not takes_simulated(ChannelKind.WEBHOOK, url, is_test=organisation.is_test):
        check_endpoint(url, allow_loopback=allow_loopback)
    if not organisation.is_active:
        raise OrganisationInactive
    is_of_topic = Endpoint.topic.is_not_distinct_from(topic)
    endpoint = session.scalar(_shown(organisation_id).where(is_of_topic))
    if endpoint is None:
        endpoint = _new(organisation_id, topic, now)
        session.add(endpoint)
    endpoint.status = EndpointStatus.ACTIVE
    endpoint.reason = None
    endpoint.url = url
    endpoint.secret_version += 1
    endpoint.changed_at = now
    session.flush()
    _tell(session, endpoint, action="endpoint.registered", now=now, actor=actor)
    return endpoint


def disable_endpoint(
    session: Session,
    *,
    organisation_id: UUID,
    endpoint_id: UUID,
    now: datetime,
    actor: str,
) -> Endpoint:
    """Stop calling an endpoint for good; raises ``EndpointNotFound``, also where it is withdrawn.

    What it was for goes from now on to the endpoint of the organisation without a topic.
    """
    lock_organisation(session, organisation_id)
    endpoint = session.scalar(_shown(organisation_id).where(Endpoint.id == endpoint_id))
    if endpoint is None:
        raise EndpointNotFound
    _disable(session, endpoint, EndpointReason.WITHDRAWN, now=now, actor=actor)
    return endpoint


def note_disabled_endpoints(
    session: Session,
    *,
    disabled: Sequence[DisabledFacts],
    now: datetime,
    actor: str,
) -> None:
    """Show as disabled what notification does not call any more.

    What it told of a former version changes nothing: the organisation has registered another
    meanwhile.
    """
    # In the order in which everyone locks: an organisation, then its endpoint.
    organisations = {each.organisation_id for each in disabled}
    session.execute(
        select(Organisation.id)
        .where(among(Organisation.id, organisations))
        .order_by(Organisation.id)
        .with_for_update(),
    )
    for each in disabled:
        endpoint = session.get(Endpoint, each.endpoint_id, populate_existing=True)
        is_active = endpoint is not None and endpoint.status == EndpointStatus.ACTIVE
        if endpoint and is_active and endpoint.secret_version == each.secret_version:
            _disable(session, endpoint, each.reason, now=now, actor=actor)


def _disable(
    session: Session,
    endpoint: Endpoint,
    reason: EndpointReason,
    *,
    now: datetime,
    actor: str,
) -> None:
    endpoint.status = EndpointStatus.DISABLED
    endpoint.reason = reason
    endpoint.changed_at = now
    session.flush()
    action = "endpoint.gone" if reason is EndpointReason.GONE else "endpoint.disabled"
    _tell(session, endpoint, action=action, now=now, actor=actor)


def find_endpoints(session: Session, *, organisation_id: UUID) -> Sequence[Endpoint]:
    """The endpoints of an organisation, also those that are gone; the one without a topic first.

    Raises ``OrganisationNotFound``.
    """
    find_organisation(session, organisation_id=organisation_id)
    in_order = (Endpoint.topic.asc().nulls_first(), Endpoint.id)
    return session.scalars(_shown(organisation_id).order_by(*in_order)).all()


def _new(organisation_id: UUID, topic: EndpointTopic | None, now: datetime) -> Endpoint:
    return Endpoint(
        id=new_id(),
        organisation_id=organisation_id,
        topic=topic,
        secret_version=0,
        status=EndpointStatus.ACTIVE,
        registered_at=now,
    )


def _shown(organisation_id: UUID) -> Select[Endpoint]:
    """Those that are called, or were until their receivers answered 410; never one withdrawn."""
    is_shown = or_(Endpoint.status == EndpointStatus.ACTIVE, Endpoint.reason == EndpointReason.GONE)
    # As they stand now: whoever waited for the organisation may have read them before.
    return (
        select(Endpoint)
        .where(Endpoint.organisation_id == organisation_id, is_shown)
        .execution_options(populate_existing=True)
    )


def _tell(
    session: Session,
    endpoint: Endpoint,
    *,
    action: str,
    now: datetime,
    actor: str,
) -> None:
    audit.record(
        session,
        actor=actor,
        action=action,
        object_id=endpoint.id,
        now=now,
        organisation_id=str(endpoint.organisation_id),
        secret_version=endpoint.secret_version,
    )
    outbox.add(session, as_it_stands(endpoint, now))


def as_it_stands(endpoint: Endpoint, told_at: datetime) -> EndpointChanged:
    """The endpoint, whole, as messages tell it."""
    return EndpointChanged(
        occurred_at=told_at,
        endpoint_id=endpoint.id,
        organisation_id=endpoint.organisation_id,
        url=endpoint.url,
        status=EndpointStatus(endpoint.status),
        secret_version=endpoint.secret_version,
        topic=EndpointTopic(endpoint.topic) if endpoint.topic else None,
        is_test=endpoint.organisation.is_test,
    )
