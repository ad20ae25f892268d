"""The link of a mail by which an office answers one thing: a signed statement that expires.

Notification seals it into the mail and the directory opens it; nobody stores it. It names ids
alone, and lets nobody in without the code that was agreed with the office (ADR 0053).
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from struct import Struct
from uuid import UUID

from shared.kit.signed_links import LinkKind

LASTS = timedelta(days=30)
"""After it was asked for. The exchange's own clocks end what is unanswered long before; this is how
long a forgotten mail can be of any use.
"""

_KIND = LinkKind(b"answer-link", Struct(">16s16sQ"))


@dataclass(frozen=True)
class AnswerLink:
    """What a link says: whose office may answer about what, and until when."""

    sent_to: UUID
    """The mailbox that it was sent to, by its id, and so the office."""
    about: UUID
    """The one thing that it answers."""
    expires_at: datetime
    """In whole seconds."""

    @classmethod
    def of(cls, *, sent_to: UUID, about: UUID, asked_at: datetime) -> "AnswerLink":
        """The link for what was asked then: the same one whenever the mail is made."""
        expires_at = (asked_at.astimezone(UTC) + LASTS).replace(microsecond=0)
        return cls(sent_to, about, expires_at)


def seal(master: bytes, link: AnswerLink) -> str:
    """The link as a text of letters, digits, ``-`` and ``_``; the same for the same link."""
    ends = int(link.expires_at.timestamp())
    return _KIND.seal(master, link.sent_to.bytes, link.about.bytes, ends)


def read(master: bytes, text: str) -> AnswerLink | None:
    """The link that was sealed under this master; none for whatever else it is."""
    said = _KIND.read(master, text)
    if said is None:
        return None
    sent_to, about, ends = said
    return AnswerLink(UUID(bytes=sent_to), UUID(bytes=about), datetime.fromtimestamp(ends, UTC))
