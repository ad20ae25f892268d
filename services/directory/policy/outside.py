"""Logging in at an organisation's own identity provider (OpenID Connect Core 1.0, PKCE: RFC 7636).

The code flow of a public client: nothing secret is kept of a provider. What a log-in there must be
answered with lies sealed in the browser in which it was begun.
"""

import hashlib
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import UUID

import orjson
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from services.directory.errors import ProviderAddressRefused, ProviderUnfit
from services.directory.policy.assertions import LEEWAY
from services.directory.policy.sessions import HALF
from services.directory.policy.webhooks import may_be_called
from shared.kit.clock import numeric_date

ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA", "Ed25519")
"""Signatures alone: never ``none``, and no key that both sides know."""
LONGEST_SUBJECT = 255
"""OpenID Connect Core, section 2."""
SECRET_BYTES = 32
_UNREADABLE = (JoseError, ValueError, TypeError, LookupError, AttributeError)


@dataclass(frozen=True)
class Provider:
    """An identity provider that vouches for the people of one organisation."""

    organisation_id: UUID
    issuer: str
    client_id: str
    """As what this exchange is registered there."""


@dataclass(frozen=True)
class Discovered:
    """What a provider says of itself (OpenID Connect Discovery 1.0)."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str


@dataclass(frozen=True, repr=False)
class Pending:
    """A log-in that was begun, and has to come back to the same browser, within ten minutes."""

    provider: Provider
    state: str
    nonce: str
    verifier: str
    begun_at: float
    link: str | None
    """The code of the link that is to let this person in for the first time."""

    @classmethod
    def begin(cls, provider: Provider, *, link: str | None, now: datetime) -> "Pending":
        """With secrets of its own."""
        state, nonce, verifier = (secrets.token_urlsafe(SECRET_BYTES) for _ in range(3))
        return cls(provider, state, nonce, verifier, begun_at=now.timestamp(), link=link)

    @classmethod
    def read(cls, plain: bytes) -> "Pending":
        """What ``written`` wrote."""
        told = orjson.loads(plain)
        organisation_id, issuer, client_id = told.pop("provider")
        return cls(Provider(UUID(organisation_id), issuer, client_id), **told)

    def written(self) -> bytes:
        """All of it, to be sealed."""
        by = self.provider
        told = {name: value for name, value in vars(self).items() if name != "provider"}
        return orjson.dumps(
            {**told, "provider": [str(by.organisation_id), by.issuer, by.client_id]}
        )

    def is_answered_by(self, state: str, now: datetime) -> bool:
        """Whether what came back belongs to it, in time."""
        is_mine = secrets.compare_digest(self.state.encode(), state.encode())
        return is_mine and 0 <= now.timestamp() - self.begun_at < HALF.total_seconds()

    def address(self, found: Discovered, *, redirect_uri: str) -> str:
        """Where the person logs in."""
        challenge = hashlib.sha256(self.verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self.provider.client_id,
            "redirect_uri": redirect_uri,
            "scope": "openid",
            "state": self.state,
            "nonce": self.nonce,
            "code_challenge": urlsafe_b64encode(challenge).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        place = found.authorization_endpoint
        return f"{place}{'&' if urlsplit(place).query else '?'}{urlencode(asked)}"

    def redemption(self, code: str, *, redirect_uri: str) -> dict[str, str]:
        """What the provider is asked with for the identity of whoever came back."""
        return {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "client_id": self.provider.client_id,
            "code_verifier": self.verifier,
        }


def check_issuer(issuer: str, *, allow_loopback: bool) -> None:
    """Raise ``ProviderAddressRefused`` for what must never be called, or is no issuer."""
    if urlsplit(issuer).query or not may_be_called(issuer, allow_loopback=allow_loopback):
        raise ProviderAddressRefused


def discovered(told: Mapping[str, Any], issuer: str, *, allow_loopback: bool) -> Discovered:
    """What a provider says, if it says it of this very issuer; raises ``ProviderUnfit``."""
    names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    found = [str(told.get(name, "")) for name in names]
    is_fit = told.get("issuer") == issuer and all(
        may_be_called(each, allow_loopback=allow_loopback) for each in found
    )
    if not is_fit:
        raise ProviderUnfit
    return Discovered(*found)


def vouched_subject(
    answer: Mapping[str, Any], keys: Mapping[str, Any], pending: Pending, *, now: datetime
) -> str | None:
    """For whom a provider vouches, if its token is its own, for here, of now and of this log-in.

    OpenID Connect Core, section 3.1.3.7: signature, ``iss``, ``aud`` and ``azp``, ``exp``, ``iat``,
    ``nonce``.
    """
    try:
        key_set = KeySet.import_key_set({"keys": list(keys["keys"])})
        token = jwt.decode(str(answer["id_token"]), key_set, algorithms=list(ALGORITHMS))
    except _UNREADABLE:
        return None
    claims = token.claims
    subject = claims.get("sub")
    is_mine = _is_meant(claims, pending) and _is_now(claims, now.timestamp())
    is_named = isinstance(subject, str) and 0 < len(subject) <= LONGEST_SUBJECT
    return subject if is_mine and is_named else None


def _is_meant(claims: Mapping[str, Any], pending: Pending) -> bool:
    here = pending.provider.client_id
    told = claims.get("aud")
    audiences = [told] if isinstance(told, str) else told
    if not isinstance(audiences, list) or here not in audiences:
        return False
    is_for_us = claims.get("azp", here if len(audiences) == 1 else None) == here
    is_answer = secrets.compare_digest(
        str(claims.get("nonce", "")).encode(), pending.nonce.encode()
    )
    return claims.get("iss") == pending.provider.issuer and is_for_us and is_answer


def _is_now(claims: Mapping[str, Any], now: float) -> bool:
    ends, made, tolerated = (
        numeric_date(claims.get("exp")),
        numeric_date(claims.get("iat")),
        LEEWAY.total_seconds(),
    )
    if ends is None or made is None:
        return False
    return ends + tolerated > now and made - tolerated <= now
