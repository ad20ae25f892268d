"""What every channel can do; the sender knows no more of any."""

from collections.abc import Mapping
from typing import Any, Protocol, TypeVar

from services.notification.domain import Claimed
from services.notification.policy import Answer, AttemptOutcome
from shared.contracts.vocabulary import ChannelKind

Rendered = TypeVar("Rendered")


class Channel(Protocol[Rendered]):
    """A way of sending. Safe to use from many threads."""

    def render(self, claimed: Claimed) -> Rendered:
        """What is sent of a delivery: under the same id at every try."""

    def send(self, rendered: Rendered) -> Answer:
        """Send it once; never raises for what the other side does."""

    def read_receipt(self, answer: Answer) -> AttemptOutcome:
        """How a try with this answer ended."""

    def close(self) -> None:
        """Drop its connections."""


Channels = Mapping[ChannelKind, Channel[Any]]
"""Those that a sender has; what goes by another is left to one who has it."""
