"""Whether an encoded point is a public key at all.

A library takes any 32 bytes for an Ed25519 key. Some of them are points of order 1, 2, 4 or 8: for
these, signatures of anything can be made without a private key. So a point is taken only in its one
encoding, on its curve, and in the group to which all genuine keys belong.
"""

import base64
import binascii
from functools import lru_cache

COORDINATE = 32
"""Bytes of one coordinate, of either curve."""


def decode_coordinate(text: str) -> bytes | None:
    """The bytes of a base64url member in its one spelling (RFC 7515 section 2), or ``None``."""
    try:
        found = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        return None
    spelled = base64.urlsafe_b64encode(found).rstrip(b"=").decode()
    return found if len(found) == COORDINATE and spelled == text else None


# --- edwards25519 (RFC 8032 section 5.1) ---------------------------------------------------------

_P = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _P) % _P
_ROOT_OF_MINUS_ONE = pow(2, (_P - 1) // 4, _P)

_Point = tuple[int, int, int, int]
"""X, Y, Z, T with x = X/Z, y = Y/Z, x·y = T/Z."""
_NEUTRAL: _Point = (0, 1, 1, 0)


@lru_cache(maxsize=1024)
def is_ed25519_key(encoded: bytes) -> bool:
    """Whether it encodes a point of prime order; the neutral element is none."""
    point = _edwards_point(encoded)
    return point is not None and not _is_neutral(point) and _is_neutral(_times(_ORDER, point))


def _edwards_point(encoded: bytes) -> _Point | None:
    """The point of an encoding, if it is the only one of that point (RFC 8032 section 5.1.3)."""
    number = int.from_bytes(encoded, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    if y >= _P:
        return None
    x = _edwards_x(y)
    if x is None or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = _P - x
    return x, y, 1, x * y % _P


def _edwards_x(y: int) -> int | None:
    """A root of (y² - 1) / (d·y² + 1), if there is one."""
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    root = pow(square, (_P + 3) // 8, _P)
    for candidate in (root, root * _ROOT_OF_MINUS_ONE % _P):
        if candidate * candidate % _P == square:
            return candidate
    return None


def _is_neutral(point: _Point) -> bool:
    x, y, z, _t = point
    return x % _P == 0 and (y - z) % _P == 0


def _add(one: _Point, other: _Point) -> _Point:
    """Complete addition (RFC 8032 section 5.1.4)."""
    x1, y1, z1, t1 = one
    x2, y2, z2, t2 = other
    a = (y1 - x1) * (y2 - x2) % _P
    b = (y1 + x1) * (y2 + x2) % _P
    c = 2 * t1 * t2 * _D % _P
    d = 2 * z1 * z2 % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _times(scalar: int, point: _Point) -> _Point:
    found = _NEUTRAL
    while scalar:
        if scalar & 1:
            found = _add(found, point)
        point = _add(point, point)
        scalar >>= 1
    return found


# --- P-256 (FIPS 186-5, SP 800-186 section 3.2.1.3) ----------------------------------------------

_P256 = 2**256 - 2**224 + 2**192 + 2**96 - 1
_B256 = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B


def is_p256_key(x: bytes, y: bytes) -> bool:
    """Whether it is a point of the curve; its order is prime, and infinity has no coordinates."""
    abscissa, ordinate = int.from_bytes(x, "big"), int.from_bytes(y, "big")
    if not (abscissa < _P256 and ordinate < _P256):
        return False
    return (ordinate * ordinate - (pow(abscissa, 3, _P256) - 3 * abscissa + _B256)) % _P256 == 0
