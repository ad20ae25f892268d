"""Issuing access tokens."""

from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.directory.domain.credentials import grants_today
from services.directory.domain.organisations import dated_roles
from services.directory.domain.sessions import use_session
from services.directory.errors.tokens import (
    AssertionFault,
    InvalidClient,
    SessionOver,
    UnauthorizedClient,
)
from services.directory.models import Client, ClientAssertion
from services.directory.policy import (
    Assertion,
    IssuedToken,
    LogInRules,
    TokenIssuer,
    TokenRequest,
    are_separate,
    check_assertion,
    check_same_client,
    claimed_client,
    lifetime_of,
    narrow,
    narrow_grants,
    of_systems,
    roles_in_force,
    usable,
)
from shared.contracts.vocabulary import Role
from shared.kit import audit
from shared.kit.clock import local_date
from shared.kit.identifiers import new_id
from shared.kit.subjects import Grant, Means, Subject, SubjectKind


def issue_token(
    session: Session,
    *,
    asked: TokenRequest,
    issuer: TokenIssuer,
    rules: LogInRules,
    now: datetime,
) -> IssuedToken:
    """A token with the roles held today: a client's own, or a person's whose session it names.

    The assertion is spent in the same transaction: whoever copies it comes too late. Raises a
    ``TokenRefusal``.
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
    if asked.session_token is None:
        subject = _subject(client, asked, now)
    else:
        subject = _person(session, client, asked, rules, now)
    jti = new_id()
    if subject.kind is SubjectKind.CLIENT:
        _record(session, client, subject, jti, now)
    return IssuedToken(
        value=issuer.sign(subject, client_id=client.client_id, jti=jti, now=now),
        seconds=int(lifetime_of(subject).total_seconds()),
        scope=" ".join(sorted(subject.roles)) or None,
        is_exchanged=asked.session_token is not None,
    )


def _record(session: Session, client: Client, subject: Subject, jti: UUID, now: datetime) -> None:
    """What a person was given each minute is in what they do, and in that they logged in."""
    audit.record(
        session,
        actor=subject.actor,
        action="token.issued",
        object_id=client.organisation_id,
        now=now,
        jti=str(jti),
        roles=sorted(subject.roles),
    )


def _person(
    session: Session, client: Client, asked: TokenRequest, rules: LogInRules, now: datetime
) -> Subject:
    """Whose session this is, with what they may act in today; the session is used by this.

    Raises ``UnauthorizedClient`` for a client that is no console, and ``SessionOver``.
    """
    held = roles_in_force(dated_roles(client.organisation), local_date(now))
    if not are_separate(held) or Role.CONSOLE not in {role.role for role in held}:
        raise UnauthorizedClient
    found = use_session(session, str(asked.session_token))
    if found is None:
        raise SessionOver
    open_one, staff = found
    grants = usable(grants_today(staff, now), open_one.means, rules=rules)
    return Subject(
        kind=SubjectKind.STAFF,
        id=str(staff.id),
        organisation_id=staff.organisation_id,
        organisation_kind=staff.organisation.kind,
        grants=narrow_grants(grants, asked.scope),
        means=tuple(Means(each) for each in open_one.means),
        authenticated_at=int(cast("datetime", open_one.authenticated_at).timestamp()),
        session_id=open_one.id,
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
