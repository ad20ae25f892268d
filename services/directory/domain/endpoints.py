"""Webhook endpoints: one active address an organisation, its secret known by derivation only."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.directory.domain.organisations import lock_organisation
from services.directory.errors import EndpointNotFound, OrganisationInactive
from services.directory.models import Endpoint
from services.directory.policy import check_endpoint
from shared.contracts.directory import EndpointChanged
from shared.contracts.vocabulary import EndpointStatus
from shared.kit import audit
from shared.kit.identifiers import new_id
from shared.messaging import outbox


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
    sign with the old secret and the new one for a day. After an endpoint was disabled a new one
    begins, and nothing is signed with the old secrets any more. Raises ``EndpointAddressRefused``,
    ``OrganisationNotFound`` and ``OrganisationInactive``.
    """
    check_endpoint(url, allow_loopback=allow_loopback)
    # The organisation is locked, because there may be no endpoint yet to lock.
    if not lock_organisation(session, organisation_id).is_active:
        raise OrganisationInactive
    endpoint = _active(session, organisation_id)
    if endpoint is None:
        endpoint = _new(organisation_id, now)
        session.add(endpoint)
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
    """Stop calling an organisation; raises ``EndpointNotFound``."""
    lock_organisation(session, organisation_id)
    endpoint = _active(session, organisation_id)
    if endpoint is None:
        raise EndpointNotFound
    endpoint.status = EndpointStatus.DISABLED
    endpoint.changed_at = now
    session.flush()
    _tell(session, endpoint, action="endpoint.disabled", now=now, actor=actor)
    return endpoint


def find_endpoint(session: Session, *, organisation_id: UUID) -> Endpoint:
    """The active endpoint of an organisation; raises ``EndpointNotFound``."""
    found = _active(session, organisation_id)
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


def _active(session: Session, organisation_id: UUID) -> Endpoint | None:
    return session.scalar(
        select(Endpoint).where(
            Endpoint.organisation_id == organisation_id,
            Endpoint.status == EndpointStatus.ACTIVE,
        ),
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
    outbox.add(
        session,
        EndpointChanged(
            occurred_at=now,
            endpoint_id=endpoint.id,
            organisation_id=endpoint.organisation_id,
            url=endpoint.url,
            status=EndpointStatus(endpoint.status),
            secret_version=endpoint.secret_version,
        ),
    )
