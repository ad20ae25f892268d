"""Access tokens: RFC 9068 JWTs, algorithm and keys pinned here and never taken from the token."""

import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import orjson
from fastapi import Request
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from shared.kit.claims import subject_in
from shared.kit.clock import numeric_date
from shared.kit.errors import Unauthenticated
from shared.kit.subjects import FOR_DUTIES, Subject

ALGORITHM = "Ed25519"
TOKEN_TYPE = "at+jwt"  # noqa: S105 - the media type of RFC 9068 section 2.1
MOMENTS = ("exp", "iat", "nbf")
LEEWAY = 30
CACHED = 10_000


class TokenVerifier:
    """Checks access tokens against a key set that is re-read when its file changes."""

    def __init__(self, jwks_file: Path, *, issuer: str, audience: str) -> None:
        self._file = jwks_file
        self._claims = jwt.JWTClaimsRegistry(
            leeway=LEEWAY,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "values": [audience, audience + FOR_DUTIES]},
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
        self._checked: dict[str, tuple[float, Subject]] = {}

    def verify(self, token: str) -> Subject:
        """The subject a token speaks for; raises ``Unauthenticated`` for any doubt."""
        keys = self._key_set()
        known = self._checked.get(token)
        if known is not None and known[0] > time.time():
            return known[1]
        claims = self._decode(token, keys)
        subject = subject_in(claims)
        if len(self._checked) >= CACHED:
            self._checked.clear()
        self._checked[token] = (float(claims["exp"]), subject)
        return subject

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


async def subject_of(request: Request) -> Subject:
    """Dependency: any authenticated subject."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated
    verifier: TokenVerifier = request.app.state.verifier
    subject = verifier.verify(token.strip())
    request.state.subject = subject
    return subject


Asking = Callable[[Request], Awaitable[Subject]]
_ASKED: dict[Asking, tuple[str, ...]] = {subject_of: ()}


def note_roles(dependency: Asking, roles: tuple[str, ...]) -> None:
    """Let the reference know that a dependency lets in only who holds one of these roles."""
    _ASKED[dependency] = roles


def roles_asked_by(dependency: Any) -> tuple[str, ...] | None:
    """The roles of which a dependency needs one, for the reference.

    Empty for any authenticated subject, ``None`` for what does not ask who calls.
    """
    return _ASKED.get(dependency)
