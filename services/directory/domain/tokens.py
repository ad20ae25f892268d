"""Issuing access tokens."""

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.directory.domain.organisations import dated_roles
from services.directory.errors import AssertionFault, InvalidClient, UnauthorizedClient
from services.directory.models import Client, ClientAssertion
from services.directory.policy import (
    Assertion,
    IssuedToken,
    TokenIssuer,
    TokenRequest,
    are_separate,
    check_assertion,
    check_same_client,
    claimed_client,
    narrow,
    of_systems,
    roles_in_force,
)
from services.directory.policy.tokens import LIFETIME
from shared.kit import audit
from shared.kit.clock import local_date
from shared.kit.identifiers import new_id
from shared.kit.subjects import Grant, Means, Subject, SubjectKind


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
    subject = _subject(client, asked, now)
    roles = sorted(subject.roles)
    jti = new_id()
    audit.record(
        session,
        actor=subject.actor,
        action="token.issued",
        object_id=client.organisation_id,
        now=now,
        jti=str(jti),
        roles=roles,
    )
    return IssuedToken(
        value=issuer.sign(subject, client_id=client.client_id, jti=jti, now=now),
        seconds=int(LIFETIME.total_seconds()),
        scope=" ".join(roles) or None,
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


def _subject(client: Client, asked: TokenRequest, now: datetime) -> Subject:
    in_force = of_systems(roles_in_force(dated_roles(client.organisation), local_date(now)))
    if not are_separate(in_force):
        raise UnauthorizedClient
    roles = narrow(in_force, asked.scope)
    return Subject(
        kind=SubjectKind.CLIENT,
        id=client.client_id,
        organisation_id=client.organisation_id,
        organisation_kind=client.organisation.kind,
        grants=frozenset(Grant(str(role.role), role.area_code) for role in roles),
        means=(Means.ASSERTION,),
        authenticated_at=int(now.timestamp()),
    )
