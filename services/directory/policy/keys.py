"""Client keys: public, of two kinds, each pinned to the one algorithm it may be used with."""

from collections.abc import Mapping
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey

from services.directory.errors import KeyUnsupported, PrivateKeySubmitted

PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
"""The members that hold a secret in a JWK of any type (RFC 7518 section 6)."""

KINDS: Mapping[tuple[str, str], tuple[str, tuple[str, ...]]] = {
    ("OKP", "Ed25519"): ("Ed25519", ("kty", "crv", "x")),
    ("EC", "P-256"): ("ES256", ("kty", "crv", "x", "y")),
}
"""Type and curve of a key, its algorithm (RFC 9864, RFC 7518) and the members that make it."""

PublicKey = OKPKey | ECKey


def check_public_jwk(jwk: Mapping[str, Any]) -> dict[str, str]:
    """The members that make a public key, and no other.

    Raises ``PrivateKeySubmitted`` and ``KeyUnsupported``.
    """
    if not PRIVATE.isdisjoint(jwk):
        raise PrivateKeySubmitted
    # Compared as text, so that no submitted value is ever hashed.
    kind = next((kind for kind in KINDS if [*kind] == [jwk.get("kty"), jwk.get("crv")]), None)
    if kind is None:
        raise KeyUnsupported
    _algorithm, members = KINDS[kind]
    try:
        made = public_key({member: jwk[member] for member in members}).as_dict(private=False)
    except (JoseError, KeyError, ValueError):
        raise KeyUnsupported from None
    return {member: str(made[member]) for member in members}


def public_key(jwk: Mapping[str, str]) -> PublicKey:
    """The key of a stored JWK."""
    members: dict[str, str | list[str]] = {**jwk}
    return OKPKey.import_key(members) if jwk["kty"] == "OKP" else ECKey.import_key(members)


def algorithm_of(jwk: Mapping[str, str]) -> str:
    """The only algorithm a key may be used with, whatever a token says of itself."""
    return KINDS[jwk["kty"], jwk["crv"]][0]


def thumbprint(jwk: Mapping[str, str]) -> str:
    """The name of a key by its content (RFC 7638)."""
    return str(public_key(jwk).thumbprint())
