"""Webhook endpoints: one address per organisation; its secret is only derived."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from services.directory.domain.organisations import lock_organisation
from services.directory.errors import EndpointNotFound, OrganisationInactive
from services.directory.models import Endpoint, Organisation
from services.directory.policy import check_endpoint
from shared.contracts.directory import EndpointChanged
from shared.contracts.vocabulary import EndpointReason, EndpointStatus
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
    allow_loopback: bool,
    now: datetime,
    actor: str,
) -> Endpoint:
    """Register where an organisation takes webhooks, or replace the address and its secret.

    A replaced endpoint keeps its id and gets the next secret version, so that notification can
    sign with the old secret and the new one for a day; so does one whose receiver answered 410.
    After an endpoint was withdrawn a new one begins, and nothing is signed with the old secrets
    any more. Raises ``EndpointAddressRefused``, ``OrganisationNotFound`` and
    ``OrganisationInactive``.
    """
    check_endpoint(url, allow_loopback=allow_loopback)
    # The organisation is locked, because there may be no endpoint yet to lock.
    if not lock_organisation(session, organisation_id).is_active:
        raise OrganisationInactive
    endpoint = _shown(session, organisation_id)
    if endpoint is None:
        endpoint = _new(organisation_id, now)
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
    now: datetime,
    actor: str,
) -> Endpoint:
    """Stop calling an organisation for good; raises ``EndpointNotFound``."""
    lock_organisation(session, organisation_id)
    endpoint = _shown(session, organisation_id)
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


def find_endpoint(session: Session, *, organisation_id: UUID) -> Endpoint:
    """The endpoint of an organisation, also one that is gone; raises ``EndpointNotFound``."""
    found = _shown(session, organisation_id)
    if found is None:
        raise EndpointNotFound
    return found


def _new(organisation_id: UUID, now: datetime) -> Endpoint:
    return Endpoint(
        id=new_id(),
        organisation_id=organisation_id,
        secret_version=0,
        status=EndpointStatus.ACTIVE,
        registered_at=now,
    )


def _shown(session: Session, organisation_id: UUID) -> Endpoint | None:
    """The one that is called, or was until its receiver answered 410; never one withdrawn."""
    is_shown = or_(Endpoint.status == EndpointStatus.ACTIVE, Endpoint.reason == EndpointReason.GONE)
    return session.scalar(
        select(Endpoint).where(Endpoint.organisation_id == organisation_id, is_shown),
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
    )
