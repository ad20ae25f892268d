"""Links that state something for themselves: sealed into a mail, opened by another service.

Nobody stores them. Each kind has a key of its own under the same master, so what one kind states is
nothing to another, and what signs webhooks signs no link. The address that a mail comes back to is
one of them, written in fewer letters.
"""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from struct import Struct
from typing import Any

_TAG_BYTES = 16
"""Half of HMAC-SHA256: 128 bits, as RFC 2104 section 5 allows."""


@dataclass(frozen=True)
class LinkKind:
    """What links of one kind state, and the name of their key."""

    name: bytes
    stated: Struct
    tag_bytes: int = _TAG_BYTES

    @property
    def size(self) -> int:
        """Bytes of what is sealed."""
        return self.stated.size + self.tag_bytes

    def seal(self, master: bytes, *said: Any) -> str:
        """A text of letters, digits, ``-`` and ``_``; the same for the same statement."""
        sealed = self.seal_bytes(master, *said)
        return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()

    def seal_bytes(self, master: bytes, *said: Any) -> bytes:
        """What a text of other letters is made of, where these are not all allowed."""
        stated = self.stated.pack(*said)
        return stated + self._tag(master, stated)

    def read(self, master: bytes, text: str) -> tuple[Any, ...] | None:
        """What was sealed under this master; none for whatever else it is."""
        try:
            sealed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        return self.read_bytes(master, sealed)

    def read_bytes(self, master: bytes, sealed: bytes) -> tuple[Any, ...] | None:
        """What was sealed under this master; none for whatever else it is."""
        if len(sealed) != self.size:
            return None
        stated, tag = sealed[: -self.tag_bytes], sealed[-self.tag_bytes :]
        if not hmac.compare_digest(tag, self._tag(master, stated)):
            return None
        return self.stated.unpack(stated)

    def _tag(self, master: bytes, stated: bytes) -> bytes:
        key = hmac.digest(master, self.name, hashlib.sha256)
        return hmac.digest(key, stated, hashlib.sha256)[: self.tag_bytes]
