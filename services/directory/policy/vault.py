"""How what concerns a member of staff is kept: sealed, or as a keyed digest, and never plainly."""

import hashlib
import hmac
from dataclasses import dataclass
from uuid import UUID

import orjson

from services.directory.policy import codes
from shared.kit.crypto import KEY_BYTES, DataKey

STAFF_MASTER = "staff_master"
"""Under which name the key is recognised."""


@dataclass(frozen=True)
class Named:
    """Who an account belongs to: for their own organisation's eyes."""

    user_name: str
    """What the person types to log in."""
    display_name: str


@dataclass(frozen=True, repr=False)
class StaffVault:
    """The key of the accounts of people, and what is derived from it, each for one use."""

    master: bytes

    @classmethod
    def of(cls, master_hex: str) -> "StaffVault":
        """From the content of the key file; raises ``ValueError`` unless it is 32 bytes in hex."""
        master = bytes.fromhex(master_hex.strip())
        if len(master) != KEY_BYTES:
            raise ValueError("the master key of staff accounts is 32 bytes in hex")
        return cls(master)

    def seal(self, named: Named, *, staff_id: UUID) -> bytes:
        """Seal a person's names for their own row and no other."""
        plain = orjson.dumps([named.user_name, named.display_name])
        return self._key.seal(plain, place=_place("identity", staff_id))

    def open(self, sealed: bytes, *, staff_id: UUID) -> Named:
        """What was sealed for this row; raises ``Unreadable``."""
        return Named(*orjson.loads(self._key.open(sealed, place=_place("identity", staff_id))))

    def seal_authenticator(self, secret: bytes, *, staff_id: UUID) -> bytes:
        """Seal the secret of a person's authenticator app."""
        return self._key.seal(secret, place=_place("authenticator", staff_id))

    def open_authenticator(self, sealed: bytes, *, staff_id: UUID) -> bytes:
        """The secret that was sealed for this row; raises ``Unreadable``."""
        return self._key.open(sealed, place=_place("authenticator", staff_id))

    def seal_label(self, label: str, *, passkey_id: UUID) -> bytes:
        """Seal what a person calls a passkey of theirs: people write names there."""
        return self._key.seal(label.encode(), place=_place("passkey", passkey_id))

    def open_label(self, sealed: bytes, *, passkey_id: UUID) -> str:
        """What was sealed for this row; raises ``Unreadable``."""
        return self._key.open(sealed, place=_place("passkey", passkey_id)).decode()

    def seal_mailbox(self, mailbox: str, *, staff_id: UUID) -> bytes:
        """Seal where a person is written to."""
        return self._key.seal(mailbox.encode(), place=_place("mailbox", staff_id))

    def open_mailbox(self, sealed: bytes, *, staff_id: UUID) -> str:
        """The mailbox that was sealed for this row; raises ``Unreadable``."""
        return self._key.open(sealed, place=_place("mailbox", staff_id)).decode()

    def mailbox_code(self, mailbox_id: UUID) -> str:
        """The code that is sent to a mailbox, to see that its owner reads it: stored nowhere."""
        secret = hmac.digest(self._derived("mailbox"), mailbox_id.bytes, hashlib.sha256)
        return codes.written(secret[: codes.ANSWER_BYTES])

    def seal_number(self, number: str, *, staff_id: UUID) -> bytes:
        """Seal the phone at which a person is told what is urgent."""
        return self._key.seal(number.encode(), place=_place("number", staff_id))

    def open_number(self, sealed: bytes, *, staff_id: UUID) -> str:
        """The number that was sealed for this row; raises ``Unreadable``."""
        return self._key.open(sealed, place=_place("number", staff_id)).decode()

    def phone_code(self, number_id: UUID) -> str:
        """The code that is sent to a phone, to see that its owner reads it: stored nowhere."""
        secret = hmac.digest(self._derived("phone"), number_id.bytes, hashlib.sha256)
        return codes.written(secret[: codes.ANSWER_BYTES])

    def seal_pending(self, plain: bytes) -> bytes:
        """Seal a log-in elsewhere that has to come back: it is kept in the browser alone."""
        return self._key.seal(plain, place="pending")

    def open_pending(self, sealed: bytes) -> bytes:
        """What was sealed so; raises ``Unreadable``."""
        return self._key.open(sealed, place="pending")

    def digest(self, use: str, *values: str) -> bytes:
        """What something is found by that could be guessed: without the key it tells nothing."""
        return hmac.digest(self._derived(use), "|".join(values).encode(), hashlib.sha256)

    def link_code(self, staff_id: UUID, number: int) -> str:
        """The code of a person's link of this number: shown again at a repeat, stored nowhere."""
        secret = hmac.digest(self._derived("link"), f"{staff_id}|{number}".encode(), hashlib.sha256)
        return codes.written(secret[: codes.LINK_BYTES])

    def answer_code(self, contact_point_id: UUID, number: int) -> str:
        """The code of this number that is agreed with an office: told once, stored nowhere."""
        said = f"{contact_point_id}|{number}".encode()
        secret = hmac.digest(self._derived("answer"), said, hashlib.sha256)
        return codes.written(secret[: codes.ANSWER_BYTES])

    @property
    def _key(self) -> DataKey:
        return DataKey(version=1, key=self._derived("seal"))

    def _derived(self, use: str) -> bytes:
        return hmac.digest(self.master, f"staff|{use}".encode(), hashlib.sha256)


def _place(column: str, row_id: UUID) -> str:
    return f"staff|{column}|{row_id}"
