"""When a delivery is tried again: one policy for each channel, in Temporal's words."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from shared.contracts.vocabulary import ChannelKind

MINUTE, HOUR = 60, 3600
DAY = 24 * HOUR

SLOWLY = 10 * MINUTE
"""Seconds until the first further try where only a change at the receiver can help."""


@dataclass(frozen=True)
class RetryPolicy:
    """How long to wait after each failed try, and when to leave it to a person."""

    initial_interval: int
    """Units (a second each, unless set otherwise) to wait after the first failed try."""
    backoff: int
    """How many times longer each wait is than the one before."""
    maximum_interval: int
    """Units that no wait is longer than."""
    give_up_after: int
    """Units that all waits together are no longer than: the one that would exceed it is not begun,
    and the delivery is parked instead.
    """
    is_unknown_repeated: bool = True
    """Whether what may have arrived is sent again by itself: never where a second copy harms."""

    @cached_property
    def waits(self) -> tuple[int, ...]:
        """Units to wait after the first, second... failed try; after as many tries it is over."""
        found: list[int] = []
        wait = self.initial_interval
        while sum(found) + wait <= self.give_up_after:
            found.append(wait)
            wait = min(wait * self.backoff, self.maximum_interval)
        return tuple(found)

    @cached_property
    def slowly(self) -> "RetryPolicy":
        """The same for what nothing but a change at the receiver can mend."""
        return replace(self, initial_interval=max(self.initial_interval, SLOWLY))


WEBHOOK = RetryPolicy(initial_interval=5, backoff=5, maximum_interval=DAY, give_up_after=4 * DAY)
"""Soon at first, for a receiver that is being restarted; then ever more seldom."""
EMAIL = RetryPolicy(
    initial_interval=5 * MINUTE, backoff=2, maximum_interval=4 * HOUR, give_up_after=5 * DAY
)
"""As mail servers do (RFC 5321 section 4.5.4.1); greylisting lets in what comes again after minutes
(RFC 6647 section 2).
"""

SMS = RetryPolicy(
    initial_interval=30,
    backoff=2,
    maximum_interval=HOUR,
    give_up_after=DAY,
    is_unknown_repeated=False,
)
"""For what the gateway has certainly not sent. A day later the phone is another officer's."""

RETRIES: Mapping[ChannelKind, RetryPolicy] = {
    ChannelKind.WEBHOOK: WEBHOOK,
    ChannelKind.EMAIL: EMAIL,
    ChannelKind.SMS: SMS,
}
"""How each channel tries again."""
