"""Mailboxes that refuse what is written there: how often is too often."""

from datetime import datetime, timedelta

MOST_REFUSALS = 3
"""After so many a mailbox is written to no more until it is confirmed again. Once may be a fault of
one mail; whoever goes on writing where nobody is, is soon taken for somebody to be blocked."""
REMEMBERED_FOR = timedelta(days=30)
"""A refusal that comes later than this after the one before is the first again."""


def refusals_after(before: int, last_at: datetime | None, now: datetime) -> int:
    """How many there are with the one that was told now."""
    is_remembered = last_at is not None and now - last_at <= REMEMBERED_FOR
    return before + 1 if is_remembered else 1
