"""Mails that come back: to which address, which mail it was, and what its report says.

The envelope of a mail names an address of ours that is sealed for this mail (RFC 5321 section
4.4 has reports sent there, and nothing else). Who has not seen that envelope can make none.
"""

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.utils import getaddresses
from enum import StrEnum
from struct import Struct
from uuid import UUID

from shared.kit.signed_links import LinkKind

LONGEST_LOCAL_PART = 64
"""RFC 5321 section 4.5.3.1.1."""
_KIND = LinkKind(b"return-address", Struct(">16sI"), tag_bytes=10)
"""With a tag of 80 bits (RFC 2104 section 5): all that fits, and more than can be tried out by
mail. In base32, for a server on the way may change capital letters into small ones.
"""
_SEALED_LETTERS = -(-_KIND.size * 8 // 5)
LONGEST_NAME = LONGEST_LOCAL_PART - _SEALED_LETTERS - 1
"""Letters before the ``+`` of the address that reports come to."""

_DELIVERED_TO = ("Delivered-To", "X-Original-To", "Envelope-To", "To")
"""Where the address stands that a report came to: written by who delivered it, or who sent it."""


class Bounce(StrEnum):
    """What the report of a mail server says of a mail that it took."""

    FAILED = "failed"
    """It will not arrive."""
    DELAYED = "delayed"
    """It has not arrived yet, and is still tried."""


@dataclass(frozen=True)
class Bounced:
    """Which mail came back, and what is said of it."""

    mail_id: UUID
    tries_before: int
    """Tries of the mail before its schedule last began: what is said of before that is no news."""
    bounce: Bounce


class ReturnAddress:
    """The address that reports of our mails come to, sealed for each of them."""

    def __init__(self, master: bytes, mailbox: str) -> None:
        """``mailbox`` takes whatever stands after a ``+`` in its name (RFC 5233).

        Raises ``ValueError`` for one that no seal fits beside.
        """
        self._master = master
        self._name, _, self._domain = mailbox.lower().rpartition("@")
        if not (self._domain and 0 < len(self._name) <= LONGEST_NAME):
            raise ValueError(f"a return address has a name of {LONGEST_NAME} letters at most")

    def of(self, mail_id: UUID, tries_before: int = 0) -> str:
        """The sender in the envelope of a mail, the same at every try of one schedule.

        A server that defers whom it does not know yet remembers this address, too.
        """
        sealed = _KIND.seal_bytes(self._master, mail_id.bytes, tries_before)
        letters = base64.b32encode(sealed).decode().rstrip("=").lower()
        return f"{self._name}+{letters}@{self._domain}"

    def read(self, address: str) -> tuple[UUID, int] | None:
        """The mail that an address was sealed for; none for whatever else it is.

        In capital letters it is the same one: servers on the way may have changed them.
        """
        local_part, _, domain = address.lower().rpartition("@")
        name, _, letters = local_part.partition("+")
        if (name, domain) != (self._name, self._domain):
            return None
        try:
            sealed = base64.b32decode(letters.upper() + "=" * (-len(letters) % 8))
        except (binascii.Error, ValueError):
            return None
        said = _KIND.read_bytes(self._master, sealed)
        if said is None:
            return None
        mail_id, tries_before = said
        return UUID(bytes=mail_id), tries_before


def read_bounce(address: ReturnAddress, raw: bytes) -> Bounced | None:
    """What a mail to our return address says; none for what is no report about a mail of ours.

    A report is one of RFC 3464, and came to an address that was sealed. Of whom it speaks is not
    read: a mail has one recipient. Where the mail itself comes back with it, its Message-ID has to
    be that of the mail for which the address was sealed.
    """
    report = message_from_bytes(raw)
    mail = next(_sealed_for(report, address), None)
    bounce = _said(report)
    if mail is None or bounce is None:
        return None
    mail_id, tries_before = mail
    returned = _returned_id(report)
    if returned is not None and not returned.startswith(f"<{mail_id}@"):
        return None
    return Bounced(mail_id, tries_before, bounce)


def _sealed_for(report: Message, address: ReturnAddress) -> Iterator[tuple[UUID, int]]:
    named = [str(each) for name in _DELIVERED_TO for each in report.get_all(name, [])]
    for _, each in getaddresses(named):
        found = address.read(each)
        if found is not None:
            yield found


def _said(report: Message) -> Bounce | None:
    """The worst that is said; what arrived, or was handed on, is no news."""
    if report.get_content_type() != "multipart/report":
        return None
    actions = {
        str(fields.get("Action", "")).strip().lower()
        for part in report.walk()
        if part.get_content_type() == "message/delivery-status"
        for fields in part.walk()
    }
    return next((each for each in Bounce if each in actions), None)


def _returned_id(report: Message) -> str | None:
    """The Message-ID of the mail that comes back with its report, or of its headers."""
    for part in report.walk():
        inner = None
        if part.get_content_type() == "text/rfc822-headers":
            headers = part.get_payload(decode=True)
            inner = message_from_bytes(headers if isinstance(headers, bytes) else b"")
        elif part.get_content_type() == "message/rfc822":
            inner = next(iter(part.get_payload()), None)
        if isinstance(inner, Message):
            return str(inner.get("Message-ID", "")).strip()
    return None
