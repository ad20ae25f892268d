"""Access tokens (RFC 9068): what is granted to whom, signed."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

import orjson
from joserfc import jwt
from joserfc.jwk import OKPKey

from services.directory.errors.tokens import (
    AssertionFault,
    InvalidClient,
    InvalidRequest,
    InvalidScope,
    UnsupportedGrantType,
)
from services.directory.policy.sessions import LONGEST_TOKEN
from shared.contracts.directory import (
    CLIENT_ASSERTION,
    SESSION_TOKEN,
    TOKEN_EXCHANGE,
    DatedRole,
)
from shared.kit.subjects import FOR_DUTIES, Grant, Subject, SubjectKind

ALGORITHM = "Ed25519"
TOKEN_TYPE = "at+jwt"  # noqa: S105 - the media type of RFC 9068 section 2.1
"""Every service's verifier insists on both."""

LIFETIME = timedelta(minutes=10)
STAFF_LIFETIME = timedelta(minutes=1)
"""Of a person: whoever's session has ended does nothing more after that."""
GRANT = "client_credentials"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 - a name
FORM = "application/x-www-form-urlencoded"
LONGEST_ASSERTION = 4096
MOST_FIELDS = 20


@dataclass(frozen=True, repr=False)
class TokenRequest:
    """What a client asks for, and its assertion."""

    assertion: str
    client_id: str | None
    scope: frozenset[str]
    session_token: str | None = None
    """Of whoever the client asks for; unset where it asks for itself."""


@dataclass(frozen=True, repr=False)
class TokenIssuer:
    """The name, the address and the key this exchange issues tokens with."""

    issuer: str
    audience: str
    token_endpoint: str
    key: OKPKey
    jwks: Mapping[str, Any]
    """The public keys of the access tokens in use, ours among them (RFC 7517)."""

    @classmethod
    def of(
        cls,
        *,
        issuer: str,
        audience: str,
        token_endpoint: str,
        private_jwk: bytes,
        jwks: bytes,
    ) -> "TokenIssuer":
        """From the contents of the key files; raises ``ValueError`` if they do not match."""
        key = OKPKey.import_key(orjson.loads(private_jwk))
        key.ensure_kid()
        published = orjson.loads(jwks)
        keys = [OKPKey.import_key(each).as_dict(private=False) for each in published["keys"]]
        if key.kid not in {each.get("kid") for each in keys}:
            raise ValueError("the key set that services trust lacks the key that signs")
        return cls(issuer, audience, token_endpoint, key, {"keys": keys})

    @property
    def accepted_audiences(self) -> frozenset[str]:
        """The names a client assertion may be addressed to (RFC 7523 section 3)."""
        return frozenset({self.issuer, self.token_endpoint})

    def sign(self, subject: Subject, *, client_id: str, jti: UUID, now: datetime) -> str:
        """The access token of a subject, given to a client: its own, or one that it speaks for."""
        issued_at = int(now.timestamp())
        lifetime = lifetime_of(subject)
        claims = {
            "iss": self.issuer,
            "aud": self.audience + (FOR_DUTIES if subject.is_for_duties else ""),
            "sub": subject.id,
            "client_id": client_id,
            "iat": issued_at,
            "exp": issued_at + int(lifetime.total_seconds()),
            "jti": str(jti),
            "subject_kind": subject.kind,
            "amr": list(subject.means),
            "auth_time": subject.authenticated_at,
            "organisation_id": str(subject.organisation_id),
            "organisation_kind": subject.organisation_kind,
            "grants": [[grant.role, grant.area] for grant in sorted(subject.grants)],
        }
        if subject.bound_to is not None:
            claims |= {"act": {"sub": client_id}, "bound_to": str(subject.bound_to)}
        if subject.kind is SubjectKind.STAFF and not subject.is_for_duties:
            # RFC 8693 section 4.1: who acts here, for the subject above.
            claims |= {"act": {"sub": client_id}, "sid": str(subject.session_id)}
        header = {"alg": ALGORITHM, "kid": self.key.kid, "typ": TOKEN_TYPE}
        return jwt.encode(header, claims, self.key, algorithms=[ALGORITHM])


@dataclass(frozen=True, repr=False)
class IssuedToken:
    """A token and what it grants."""

    value: str
    seconds: int
    scope: str | None
    is_exchanged: bool = False


def parse_token_request(content_type: str, body: bytes) -> TokenRequest:
    """A request as RFC 6749 section 4.4.2 or RFC 8693 section 2.1, and RFC 7523 section 2.2 say."""
    fields = _fields(content_type, body)
    if "grant_type" not in fields:
        raise InvalidRequest
    if fields["grant_type"] not in {GRANT, TOKEN_EXCHANGE}:
        raise UnsupportedGrantType
    assertion = fields.get("client_assertion", "")
    is_asserted = fields.get("client_assertion_type") == CLIENT_ASSERTION
    if not is_asserted or not 0 < len(assertion) <= LONGEST_ASSERTION:
        raise InvalidRequest
    return TokenRequest(
        assertion=assertion,
        client_id=fields.get("client_id"),
        scope=frozenset(fields.get("scope", "").split()),
        session_token=_session_token(fields),
    )


def lifetime_of(subject: Subject) -> timedelta:
    """How long a token of this subject is good for."""
    is_asked_again = subject.kind is SubjectKind.STAFF or subject.is_for_duties
    return STAFF_LIFETIME if is_asked_again else LIFETIME


def _session_token(fields: Mapping[str, str]) -> str | None:
    if fields["grant_type"] != TOKEN_EXCHANGE:
        return None
    token = fields.get("subject_token", "")
    is_session = fields.get("subject_token_type") == SESSION_TOKEN
    if not is_session or not 0 < len(token) <= LONGEST_TOKEN:
        raise InvalidRequest
    if fields.get("requested_token_type", ACCESS_TOKEN) != ACCESS_TOKEN:
        raise InvalidRequest
    return token


def _fields(content_type: str, body: bytes) -> dict[str, str]:
    if content_type.partition(";")[0].strip().lower() != FORM:
        raise InvalidRequest
    try:
        pairs = parse_qsl(body.decode("ascii"), errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError:
        raise InvalidRequest from None
    fields = dict(pairs)
    # RFC 6749 section 3.2: a parameter is sent once.
    if len(fields) != len(pairs):
        raise InvalidRequest
    return fields


def check_same_client(asked: TokenRequest, client_id: str) -> None:
    """Raise when the request names another client than its assertion (RFC 7521 section 4.2)."""
    if asked.client_id not in {None, client_id}:
        raise InvalidClient(reason=AssertionFault.NOT_AUTHENTIC)


def narrow(roles: Iterable[DatedRole], scope: Collection[str]) -> tuple[DatedRole, ...]:
    """The roles asked for, or all of them; raises ``InvalidScope`` for one that is not held."""
    held = tuple(roles)
    if not {role.role for role in held}.issuperset(scope):
        raise InvalidScope
    return tuple(role for role in held if not scope or role.role in scope)


def narrow_grants(grants: frozenset[Grant], scope: Collection[str]) -> frozenset[Grant]:
    """The same of a person's grants."""
    if not {grant.role for grant in grants}.issuperset(scope):
        raise InvalidScope
    return frozenset(grant for grant in grants if not scope or grant.role in scope)
