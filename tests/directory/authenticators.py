"""An authenticator of our own: makes keys and signs as phones do, or wrongly where told."""

import hashlib
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field, replace
from secrets import token_bytes
from typing import Any

import orjson
from cbor2 import dumps
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256

from tests.directory.builders import ISSUER

PRESENT, VERIFIED, WITH_KEY = 0x01, 0x04, 0x40


def b64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def raw(written: str) -> bytes:
    return urlsafe_b64decode(written + "=" * (-len(written) % 4))


@dataclass
class Authenticator:
    """One key for one address."""

    origin: str = ISSUER
    rp_id: str = "nhipcau.test"
    credential_id: bytes = field(default_factory=lambda: token_bytes(16))
    key: EllipticCurvePrivateKey = field(default_factory=lambda: generate_private_key(SECP256R1()))
    count: int = 0
    flags: int = PRESENT | VERIFIED

    def elsewhere(self, **changes: Any) -> "Authenticator":
        """The same key, used otherwise."""
        return replace(self, **changes)

    def create(self, challenge: str) -> dict[str, str]:
        """What the browser hands back for an invitation."""
        numbers = self.key.public_key().public_numbers()
        x, y = (number.to_bytes(32) for number in (numbers.x, numbers.y))
        cose = dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        shown = struct.pack(">H", len(self.credential_id)) + self.credential_id + cose
        data = self._data(WITH_KEY) + bytes(16) + shown
        return {
            "credential_id": b64(self.credential_id),
            "client_data": b64(self._client("webauthn.create", challenge)),
            "attestation": b64(dumps({"fmt": "none", "attStmt": {}, "authData": data})),
        }

    def sign(self, challenge: str) -> dict[str, str]:
        """What the browser hands back for a challenge."""
        self.count += 1
        client, data = self._client("webauthn.get", challenge), self._data()
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ECDSA(SHA256()))
        return {
            "credential_id": b64(self.credential_id),
            "client_data": b64(client),
            "authenticator_data": b64(data),
            "signature": b64(signature),
        }

    def _client(self, kind: str, challenge: str) -> bytes:
        told = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return orjson.dumps(told)

    def _data(self, more: int = 0) -> bytes:
        place = hashlib.sha256(self.rp_id.encode()).digest()
        return place + struct.pack(">BI", self.flags | more, self.count)
