"""Whom the exchange writes to beside offices, and when a person is to be left alone."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from services.directory.errors import QuietHoursUnclear
from shared.contracts.vocabulary import ChannelKind, Digest, MailLanguage

CODE_LASTS = timedelta(days=1)
"""For how long the code that was sent to a mailbox or phone is good: over a night, no longer."""
WAYS = (ChannelKind.EMAIL, ChannelKind.SMS)
"""By which a person can be told what is urgent."""


@dataclass(frozen=True)
class Wishes:
    """How a person wants to be written to; what nobody has said is as it stands here."""

    digest: Digest = Digest.DAY
    """Whoever confirms a mailbox wants to be told; once a day, for what is urgent comes at once."""
    quiet_from: int | None = None
    """Minutes after midnight in Hải Phòng."""
    quiet_to: int | None = None
    language: MailLanguage = MailLanguage.VIETNAMESE
    is_on_call: bool = False
    urgent_first: ChannelKind = ChannelKind.EMAIL
    """Which of the ways is used for what is urgent; the other one only where it cannot be."""

    def in_order(self, usable: Collection[ChannelKind]) -> list[ChannelKind]:
        """Of these ways the one that is used first, then the other."""
        return sorted(usable, key=lambda way: way is not self.urgent_first)


def check_wishes(wishes: Wishes) -> None:
    """Raise ``QuietHoursUnclear`` for quiet hours without a beginning, an end, or a length."""
    is_none = wishes.quiet_from is None and wishes.quiet_to is None
    is_some = wishes.quiet_from is not None and wishes.quiet_to is not None
    if not (is_none or (is_some and wishes.quiet_from != wishes.quiet_to)):
        raise QuietHoursUnclear
