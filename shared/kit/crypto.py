"""Field encryption: AES-256-GCM, one data key per person, wrapped by a master key.

The associated data names table, column, row and key version, so a ciphertext moved to another
row or column does not open (NIST SP 800-38D). Destroying the wrapped data key erases the person.
"""

import hashlib
import hmac
import os
import re
from dataclasses import dataclass
from pathlib import Path

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE = 12
KEY_BYTES = 32


class Unreadable(Exception):
    """A ciphertext does not open with this key at this place."""


@dataclass(frozen=True, repr=False)
class DataKey:
    """The key of one person, in the clear only in memory."""

    version: int
    key: bytes

    def seal(self, plain: bytes, *, place: str) -> bytes:
        """Encrypt for one place, ``table|column|row``."""
        nonce = os.urandom(NONCE)
        return nonce + AESGCM(self.key).encrypt(nonce, plain, self._bound(place))

    def open(self, sealed: bytes, *, place: str) -> bytes:
        """Decrypt what was sealed for this very place; raises ``Unreadable``."""
        try:
            return AESGCM(self.key).decrypt(sealed[:NONCE], sealed[NONCE:], self._bound(place))
        except (InvalidTag, ValueError):
            raise Unreadable from None

    def _bound(self, place: str) -> bytes:
        return f"{place}|{self.version}".encode()


@dataclass(frozen=True, repr=False)
class MasterKeys:
    """Master keys by version; the highest version wraps, all of them unwrap."""

    keys: dict[int, bytes]
    index_key: bytes

    @classmethod
    def load(cls, path: Path) -> "MasterKeys":
        """Read ``{"keys": {"1": hex}, "index_key": hex}``; every key has 32 bytes."""
        stored = orjson.loads(path.read_bytes())
        keys = {int(version): bytes.fromhex(key) for version, key in stored["keys"].items()}
        return cls(keys=keys, index_key=bytes.fromhex(stored["index_key"]))

    def new_data_key(self, owner: str) -> tuple[DataKey, bytes, int]:
        """A fresh data key, its wrapped form, and the master version that wrapped it."""
        version = max(self.keys)
        data_key = DataKey(version=1, key=os.urandom(KEY_BYTES))
        wrapped = DataKey(version, self.keys[version]).seal(data_key.key, place=f"key|{owner}")
        return data_key, wrapped, version

    def unwrap(self, wrapped: bytes, *, owner: str, master_version: int) -> DataKey:
        """Recover a person's data key; raises ``Unreadable``."""
        master = DataKey(master_version, self.keys[master_version])
        return DataKey(version=1, key=master.open(wrapped, place=f"key|{owner}"))

    def name_of(self, *parts: str) -> bytes:
        """A keyed digest of what is stated again at a repeat; without the key it is random."""
        return hmac.digest(self.index_key, b"name|" + orjson.dumps(parts), hashlib.sha256)

    def blind_index(self, field: str, value: str) -> bytes:
        """A 64-bit keyed digest for equality search on phone and ID numbers only."""
        digits = re.sub(r"[^0-9A-Za-z+]", "", value)
        return hmac.digest(self.index_key, f"{field}|{digits}".encode(), hashlib.sha256)[:8]
