"""Issuing access tokens."""

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.directory.domain.organisations import dated_roles
from services.directory.errors import AssertionFault, InvalidClient, UnauthorizedClient
from services.directory.models import Client, ClientAssertion
from services.directory.policy import (
    Assertion,
    Grant,
    IssuedToken,
    TokenIssuer,
    TokenRequest,
    are_separate,
    check_assertion,
    check_same_client,
    claimed_client,
    narrow,
    roles_in_force,
)
from services.directory.policy.tokens import LIFETIME
from shared.contracts.vocabulary import OrganisationKind
from shared.kit import audit
from shared.kit.clock import local_date
from shared.kit.identifiers import new_id


def issue_token(
    session: Session,
    *,
    asked: TokenRequest,
    issuer: TokenIssuer,
    now: datetime,
) -> IssuedToken:
    """A token with the roles its organisation holds today; raises a ``TokenRefusal``.

    The assertion is spent in the same transaction: whoever copies it comes too late.
    """
    client = _known(session, claimed_client(asked.assertion))
    check_same_client(asked, client.client_id)
    assertion = check_assertion(
        asked.assertion,
        client_id=client.client_id,
        key=client.public_jwk,
        audiences=issuer.accepted_audiences,
        now=now,
    )
    _spend(session, assertion)
    grant = _grant(client, asked, now)
    jti = new_id()
    audit.record(
        session,
        actor=f"client:{client.client_id}",
        action="token.issued",
        object_id=client.organisation_id,
        now=now,
        jti=str(jti),
        roles=list(grant.roles),
    )
    return IssuedToken(
        value=issuer.sign(grant, jti=jti, now=now),
        seconds=int(LIFETIME.total_seconds()),
        scope=" ".join(grant.roles) or None,
    )


def _known(session: Session, client_id: str) -> Client:
    """The client, if it may ask at all; why it may not is told to nobody."""
    client = session.get(Client, client_id)
    if client is None or not (client.is_active and client.organisation.is_active):
        raise InvalidClient(reason=AssertionFault.NOT_AUTHENTIC)
    return client


def _spend(session: Session, assertion: Assertion) -> None:
    spent = session.scalar(
        insert(ClientAssertion)
        .values(
            client_id=assertion.client_id,
            jti=assertion.jti,
            expires_at=assertion.forgotten_at,
        )
        .on_conflict_do_nothing()
        .returning(ClientAssertion.jti),
    )
    if spent is None:
        raise InvalidClient(reason=AssertionFault.REUSED)


def _grant(client: Client, asked: TokenRequest, now: datetime) -> Grant:
    in_force = roles_in_force(dated_roles(client.organisation), local_date(now))
    if not are_separate(in_force):
        raise UnauthorizedClient
    roles = narrow(in_force, asked.scope)
    return Grant(
        client_id=client.client_id,
        organisation_id=client.organisation_id,
        organisation_kind=OrganisationKind(client.organisation.kind),
        roles=tuple(sorted({role.role for role in roles})),
        area_codes=tuple(sorted({role.area_code for role in roles})),
    )
