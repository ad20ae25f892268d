"""Access tokens: RFC 9068 JWTs, algorithm and keys pinned here and never taken from the token."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from fastapi import Request
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from shared.kit.clock import numeric_date
from shared.kit.errors import Forbidden
from shared.kit.problems import Unauthenticated
from shared.kit.readers import Reader

ALGORITHM = "Ed25519"
TOKEN_TYPE = "at+jwt"  # noqa: S105 - the media type of RFC 9068 section 2.1
MOMENTS = ("exp", "iat", "nbf")
LEEWAY = 30
CACHED = 10_000


class RoleMissing(Forbidden):
    """The organisation does not hold the role that this requires."""


@dataclass(frozen=True)
class Caller:
    """Who calls: a client of one organisation and the roles that organisation held when asked."""

    client_id: str
    organisation_id: UUID
    organisation_kind: str
    roles: frozenset[str]
    area_codes: frozenset[str]

    @property
    def actor(self) -> str:
        """How the audit names the caller."""
        return f"client:{self.client_id}"

    @property
    def reader(self) -> Reader:
        """What decides which things exist for the caller."""
        return Reader(self.organisation_id, self.roles)


class TokenVerifier:
    """Checks access tokens against a key set that is re-read when its file changes."""

    def __init__(self, jwks_file: Path, *, issuer: str, audience: str) -> None:
        self._file = jwks_file
        self._claims = jwt.JWTClaimsRegistry(
            leeway=LEEWAY,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
            jti={"essential": True},
            client_id={"essential": True},
        )
        self._read_at = 0.0
        self._keys = KeySet([])
        # A checked token stays checked until it expires or the keys change: to check a signature is
        # expensive.
        self._checked: dict[str, tuple[float, Caller]] = {}

    def verify(self, token: str) -> Caller:
        """The caller a token speaks for; raises ``Unauthenticated`` for any doubt."""
        keys = self._key_set()
        known = self._checked.get(token)
        if known is not None and known[0] > time.time():
            return known[1]
        claims = self._decode(token, keys)
        caller = _caller(claims)
        if len(self._checked) >= CACHED:
            self._checked.clear()
        self._checked[token] = (float(claims["exp"]), caller)
        return caller

    def _decode(self, token: str, keys: KeySet) -> dict[str, Any]:
        try:
            decoded = jwt.decode(token, keys, algorithms=[ALGORITHM])
            if decoded.header.get("typ") != TOKEN_TYPE:
                raise Unauthenticated
            if any(numeric_date(decoded.claims.get(name, 0)) is None for name in MOMENTS):
                raise Unauthenticated
            self._claims.validate(decoded.claims)
        except (JoseError, ValueError, TypeError, RecursionError):
            raise Unauthenticated from None
        return decoded.claims

    def _key_set(self) -> KeySet:
        changed_at = self._file.stat().st_mtime
        if changed_at != self._read_at:
            self._keys = KeySet.import_key_set(orjson.loads(self._file.read_bytes()))
            self._read_at = changed_at
            self._checked.clear()
        return self._keys


def _caller(claims: dict[str, Any]) -> Caller:
    names = [claims.get(name) for name in ("client_id", "sub", "jti", "organisation_kind")]
    lists = [claims.get(name) for name in ("roles", "area_codes")]
    if not all(isinstance(name, str) for name in names) or not all(map(_are_texts, lists)):
        raise Unauthenticated
    try:
        return Caller(
            client_id=claims["client_id"],
            organisation_id=UUID(claims["organisation_id"]),
            organisation_kind=claims["organisation_kind"],
            roles=frozenset(claims["roles"]),
            area_codes=frozenset(claims["area_codes"]),
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        raise Unauthenticated from None


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


async def caller_of(request: Request) -> Caller:
    """Dependency: any authenticated caller."""
    return _authenticated(request)


def caller_with(*roles: str) -> Callable[[Request], Awaitable[Caller]]:
    """Dependency: a caller whose organisation holds one of these roles."""

    async def allowed(request: Request) -> Caller:
        caller = _authenticated(request)
        if caller.roles.isdisjoint(roles):
            raise RoleMissing(needs=sorted(roles))
        return caller

    _ASKED[allowed] = tuple(map(str, roles))
    return allowed


def _authenticated(request: Request) -> Caller:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated
    verifier: TokenVerifier = request.app.state.verifier
    caller = verifier.verify(token.strip())
    request.state.caller = caller
    return caller


_ASKED: dict[Callable[[Request], Awaitable[Caller]], tuple[str, ...]] = {caller_of: ()}


def roles_asked_by(dependency: Any) -> tuple[str, ...] | None:
    """The roles of which a dependency needs one, for the reference.

    Empty for any authenticated caller, ``None`` for what does not ask who calls.
    """
    return _ASKED.get(dependency)
