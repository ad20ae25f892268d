"""API clients: which system may speak for which organisation, and the key it proves it with."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.directory.domain.organisations import lock_organisation
from services.directory.errors import ClientIdTaken, ClientNotFound, OrganisationInactive
from services.directory.models import Client
from services.directory.policy import check_public_jwk
from shared.kit import audit
from shared.kit.versions import Expected, check_version


def register_client(
    session: Session,
    *,
    client_id: str,
    organisation_id: UUID,
    public_jwk: Mapping[str, Any],
    now: datetime,
    actor: str,
) -> Client:
    """Let a system speak for an organisation with this public key.

    Raises ``PrivateKeySubmitted``, ``KeyUnsupported``, ``OrganisationNotFound``,
    ``OrganisationInactive`` and ``ClientIdTaken``.
    """
    key = check_public_jwk(public_jwk)
    if not lock_organisation(session, organisation_id).is_active:
        raise OrganisationInactive
    made: Client | None = session.scalar(
        insert(Client)
        .values(
            client_id=client_id,
            organisation_id=organisation_id,
            public_jwk=key,
            is_active=True,
            version=1,
            registered_at=now,
            changed_at=now,
        )
        .on_conflict_do_nothing()
        .returning(Client),
    )
    if made is None:
        raise ClientIdTaken
    _record(session, made, action="client.registered", now=now, actor=actor)
    return made


def change_client(
    session: Session,
    *,
    client_id: str,
    public_jwk: Mapping[str, Any],
    is_active: bool,
    expected_version: Expected,
    now: datetime,
    actor: str,
) -> Client:
    """Replace a client's key, or stop it from asking for tokens.

    Tokens already issued run out by themselves within ten minutes. Raises ``ClientNotFound``,
    ``VersionChanged``, ``PrivateKeySubmitted`` and ``KeyUnsupported``.
    """
    key = check_public_jwk(public_jwk)
    client = session.get(Client, client_id, with_for_update={"of": Client})
    if client is None:
        raise ClientNotFound
    check_version(client.version, expected_version)
    client.public_jwk = key
    client.is_active = is_active
    client.version += 1
    client.changed_at = now
    _record(session, client, action="client.changed", now=now, actor=actor)
    return client


def find_client(session: Session, *, client_id: str) -> Client:
    """One client; raises ``ClientNotFound``."""
    found = session.get(Client, client_id)
    if found is None:
        raise ClientNotFound
    return found


def clients_of(session: Session, *, organisation_id: UUID) -> Sequence[Client]:
    """The clients of an organisation, by their names; a system or two, and those before them."""
    mine = select(Client).where(Client.organisation_id == organisation_id)
    return session.scalars(mine.order_by(Client.client_id)).all()


def _record(session: Session, client: Client, *, action: str, now: datetime, actor: str) -> None:
    audit.record(
        session,
        actor=actor,
        action=action,
        object_id=client.organisation_id,
        now=now,
        client_id=client.client_id,
        version=client.version,
        is_active=client.is_active,
    )
