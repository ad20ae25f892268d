"""A signed statement that a client asks, by which it shows who it is (RFC 7523 section 3)."""

import time
from uuid import uuid4

from joserfc import jwt
from joserfc.jwk import OKPKey

from shared.kit.auth import ALGORITHM

ASSERTED_FOR = 60
"""Seconds: it is made for one request, and good for one only."""


def assertion_of(client_id: str, key: OKPKey, *, audience: str) -> str:
    """The assertion of a client, made for the token endpoint at this address."""
    now = int(time.time())
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": audience,
        "iat": now,
        "exp": now + ASSERTED_FOR,
        "jti": str(uuid4()),
    }
    header = {"alg": ALGORITHM, "kid": key.kid} if key.kid else {"alg": ALGORITHM}
    return jwt.encode(header, claims, key, algorithms=[ALGORITHM])
