"""The link by which whoever gets an optional mail gets it no more, without logging in (RFC 8058).

Notification seals it into the mail and the directory opens it; nobody stores it. It names ids alone
and does one thing, so it does not expire: a mail that lay for a year is still ended by it.
"""

from dataclasses import dataclass
from struct import Struct
from uuid import UUID

from shared.kit.signed_links import LinkKind

_KIND = LinkKind(b"unsubscribe-link", Struct(">16s16s"))


@dataclass(frozen=True)
class UnsubscribeLink:
    """What a link says: who is to be written to no more, and at which mailbox that was."""

    recipient: UUID
    """The account or the organisation."""
    sent_to: UUID
    """The mailbox that it was sent to, by its id: a mail to a former one ends nothing."""


def seal(master: bytes, link: UnsubscribeLink) -> str:
    """The link as a text of letters, digits, ``-`` and ``_``; the same for the same link."""
    return _KIND.seal(master, link.recipient.bytes, link.sent_to.bytes)


def read(master: bytes, text: str) -> UnsubscribeLink | None:
    """The link that was sealed under this master; none for whatever else it is."""
    said = _KIND.read(master, text)
    return None if said is None else UnsubscribeLink(*(UUID(bytes=each) for each in said))
