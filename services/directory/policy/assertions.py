"""Client assertions (RFC 7523 section 3): who claims to ask, and whether the claim holds."""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jws import JWSRegistry

from services.directory.errors.tokens import AssertionFault, InvalidClient
from services.directory.policy.keys import LEGACY_NAME, algorithms_of, is_sound, public_key
from shared.kit.clock import numeric_date

LONGEST = timedelta(minutes=5)
"""How far ahead an assertion may expire: as long as its id must be remembered."""

LEEWAY = timedelta(seconds=30)
"""How much the clocks of a client and of this service may differ."""

CLIENT_ID = re.compile(r"[a-z0-9](?:[a-z0-9._-]{1,62}[a-z0-9])")
JTI = re.compile(r"[\x21-\x7e]{8,100}")


@dataclass(frozen=True)
class Assertion:
    """A checked assertion: its id may be used once, and is remembered until it is over."""

    client_id: str
    jti: str
    forgotten_at: datetime


def claimed_client(assertion: str) -> str:
    """The client an unchecked assertion names, as ``iss`` and ``sub`` alike.

    Raises ``InvalidClient`` for what is not a flat signed JWT: a header of this interface holds
    strings only, so that no key, address of a key or nested document comes with a token.
    """
    header, claims = _peek(assertion)
    client_id = claims.get("iss")
    is_flat = all(isinstance(value, str) for value in header.values())
    is_named = isinstance(client_id, str) and CLIENT_ID.fullmatch(client_id) is not None
    if not is_flat or not is_named or claims.get("sub") != client_id:
        raise InvalidClient(reason=AssertionFault.NOT_AUTHENTIC)
    return str(client_id)


def check_assertion(
    assertion: str,
    *,
    client_id: str,
    key: Mapping[str, str],
    audiences: frozenset[str],
    now: datetime,
) -> Assertion:
    """Check an assertion against the key stored for its client; raises ``InvalidClient``.

    ``audiences`` are the names this service answers to; an assertion may name no other
    (a token meant for someone else as well could be passed on by them).
    """
    claims = _verified(assertion, key)
    if claims.get("iss") != client_id or claims.get("sub") != client_id:
        raise InvalidClient(reason=AssertionFault.NOT_AUTHENTIC)
    fault = _fault(claims, audiences, now.timestamp())
    if fault is not None:
        raise InvalidClient(reason=fault)
    # Only here is it known to lie within any calendar: a few minutes from now.
    expires_at = datetime.fromtimestamp(claims["exp"], UTC)
    return Assertion(client_id, claims["jti"], expires_at + LEEWAY)


def _fault(
    claims: Mapping[str, Any],
    audiences: frozenset[str],
    now: float,
) -> AssertionFault | None:
    """The first thing wrong with what an authentic assertion says."""
    expires_at = numeric_date(claims.get("exp"))
    if expires_at is None or expires_at + LEEWAY.total_seconds() <= now:
        return AssertionFault.EXPIRED
    if expires_at > now + (LONGEST + LEEWAY).total_seconds():
        return AssertionFault.TOO_LONG
    if any(_begins_later(claims, name, now) for name in ("iat", "nbf")):
        return AssertionFault.NOT_YET_VALID
    if not _is_meant_for(claims.get("aud"), audiences):
        return AssertionFault.WRONG_AUDIENCE
    jti = claims.get("jti")
    if not isinstance(jti, str) or JTI.fullmatch(jti) is None:
        return AssertionFault.UNNAMED
    return None


def _begins_later(claims: Mapping[str, Any], name: str, now: float) -> bool:
    if name not in claims:
        return False
    begins_at = numeric_date(claims[name])
    return begins_at is None or begins_at > now + LEEWAY.total_seconds()


def _is_meant_for(named: object, audiences: frozenset[str]) -> bool:
    names = named if isinstance(named, list) else [named]
    return bool(names) and all(isinstance(name, str) and name in audiences for name in names)


class _PinnedAlgorithms(JWSRegistry):
    """The names a key allows.

    The library warns of EdDSA because the name alone does not say which curve; here the key does.
    """

    def get_alg(self, name: str) -> Any:
        """The algorithm of a name; raises ``UnsupportedAlgorithmError`` for any other name."""
        if name == LEGACY_NAME and name in (self.allowed or ()):
            return self.algorithms[name]
        return super().get_alg(name)


def _verified(assertion: str, key: Mapping[str, str]) -> dict[str, Any]:
    # Asked again of a stored key: it may be from before such keys were refused.
    if not is_sound(key):
        raise InvalidClient(reason=AssertionFault.NOT_AUTHENTIC)
    names = _PinnedAlgorithms(algorithms=algorithms_of(key))
    try:
        decoded = jwt.decode(assertion, public_key(key), registry=names)
    except (JoseError, ValueError, RecursionError):
        raise InvalidClient(reason=AssertionFault.NOT_AUTHENTIC) from None
    return decoded.claims


def _peek(assertion: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims as written, not checked yet."""
    try:
        header, claims, _signature = assertion.split(".")
        parts = [orjson.loads(_decoded(part)) for part in (header, claims)]
    except (ValueError, RecursionError):
        raise InvalidClient(reason=AssertionFault.NOT_AUTHENTIC) from None
    if not all(isinstance(part, dict) for part in parts):
        raise InvalidClient(reason=AssertionFault.NOT_AUTHENTIC)
    return parts[0], parts[1]


def _decoded(part: str) -> bytes:
    return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
