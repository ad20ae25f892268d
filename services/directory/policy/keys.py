"""Client keys: public, of two kinds, each pinned to the one algorithm it may be used with."""

from collections.abc import Mapping
from typing import Any

from joserfc.jwk import ECKey, OKPKey

from services.directory.errors import (
    KeyInvalid,
    KeyUnsupported,
    KeyUseContradicted,
    PrivateKeySubmitted,
)
from services.directory.policy.curves import decode_coordinate, is_ed25519_key, is_p256_key

PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
"""The members that hold a secret in a JWK of any type (RFC 7518 section 6)."""

LEGACY_NAME = "EdDSA"
"""What RFC 8037 had called the algorithm of Ed25519 keys, and many libraries still do."""

KINDS: Mapping[tuple[str, str], tuple[tuple[str, ...], tuple[str, ...]]] = {
    ("OKP", "Ed25519"): (("Ed25519", LEGACY_NAME), ("kty", "crv", "x")),
    ("EC", "P-256"): (("ES256",), ("kty", "crv", "x", "y")),
}
"""Type and curve of a key, the names of its one algorithm and the members that make it.

RFC 9864 names the algorithm of an Ed25519 key Ed25519. Its former name means the same where the
curve of the key is fixed.
"""

PublicKey = OKPKey | ECKey


def check_public_jwk(jwk: Mapping[str, Any]) -> dict[str, str]:
    """The members that make a public key, and no other.

    Raises ``PrivateKeySubmitted``, ``KeyUnsupported``, ``KeyUseContradicted`` and ``KeyInvalid``.
    """
    if not PRIVATE.isdisjoint(jwk):
        raise PrivateKeySubmitted
    # Compared as text, so that no submitted value is ever hashed.
    kind = next((kind for kind in KINDS if [*kind] == [jwk.get("kty"), jwk.get("crv")]), None)
    if kind is None:
        raise KeyUnsupported
    algorithms, members = KINDS[kind]
    if not _is_for_signatures(jwk, algorithms):
        raise KeyUseContradicted
    key = {member: jwk.get(member) for member in members}
    if not all(isinstance(value, str) for value in key.values()):
        raise KeyInvalid
    found = {member: str(value) for member, value in key.items()}
    if not is_sound(found):
        raise KeyInvalid
    return found


def _is_for_signatures(jwk: Mapping[str, Any], algorithms: tuple[str, ...]) -> bool:
    """Whether nothing the key says of itself contradicts its use (RFC 7517 sections 4.2 to 4.5)."""
    return (
        jwk.get("use", "sig") == "sig"
        and jwk.get("key_ops", ["verify"]) == ["verify"]
        and any(jwk.get("alg", name) == name for name in algorithms)
        and isinstance(jwk.get("kid", ""), str)
    )


def is_sound(jwk: Mapping[str, str]) -> bool:
    """Whether the members of a key are a point that somebody can hold the private half of."""
    coordinates = [decode_coordinate(jwk[name]) for name in ("x", "y") if name in jwk]
    points = [point for point in coordinates if point is not None]
    if len(points) != len(coordinates):
        return False
    return is_ed25519_key(*points) if jwk["kty"] == "OKP" else is_p256_key(*points)


def public_key(jwk: Mapping[str, str]) -> PublicKey:
    """The key of a stored JWK."""
    members: dict[str, str | list[str]] = {**jwk}
    return OKPKey.import_key(members) if jwk["kty"] == "OKP" else ECKey.import_key(members)


def algorithms_of(jwk: Mapping[str, str]) -> list[str]:
    """The names of the only algorithm a key may be used with, whatever a token says of itself."""
    return [*KINDS[jwk["kty"], jwk["crv"]][0]]


def thumbprint(jwk: Mapping[str, str]) -> str:
    """The name of a key by its content (RFC 7638)."""
    return str(public_key(jwk).thumbprint())
