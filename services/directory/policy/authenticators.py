"""Codes of an authenticator app (RFC 6238), each of which is used once."""

import hmac
import os
import re
from datetime import datetime

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.hotp import HOTP
from cryptography.hazmat.primitives.twofactor.totp import TOTP

SECRET_BYTES = 20
DIGITS = 6
PERIOD = 30
"""Six digits, 30 seconds and SHA-1 are what every authenticator app knows; RFC 6238 rests on HMAC,
for which SHA-1 is still sound."""
ISSUER = "Nhịp Cầu"
_HASH = SHA1()  # noqa: S303 - what RFC 6238 says, and apps know
_CODE = re.compile(rf"[0-9]{{{DIGITS}}}")


def new_secret() -> bytes:
    """A secret for an app."""
    return os.urandom(SECRET_BYTES)


def address_of(secret: bytes, *, user_name: str) -> str:
    """What an app reads, mostly as a picture (``otpauth``)."""
    return TOTP(secret, DIGITS, _HASH, PERIOD).get_provisioning_uri(user_name, ISSUER)


def period_of(code: str, secret: bytes, *, at: datetime, used: int | None) -> int | None:
    """The period whose code this is: the present one or a neighbour, and later than the used one.

    A neighbour, because the clocks of phones are not exact and people are slow.
    """
    typed = code.replace(" ", "")
    if not is_code(typed):
        return None
    present = int(at.timestamp()) // PERIOD
    app = HOTP(secret, DIGITS, _HASH)
    # All three are compared, so that the time it takes tells nothing of the clock.
    matching = [
        period
        for period in (present - 1, present, present + 1)
        if hmac.compare_digest(app.generate(period), typed.encode())
    ]
    return next((period for period in matching if used is None or period > used), None)


def is_code(typed: str) -> bool:
    """Whether it looks like a code of an app, and not like a recovery code."""
    return _CODE.fullmatch(typed.replace(" ", "")) is not None
