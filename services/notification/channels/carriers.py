"""What carries a channel: several servers or gateways, each with a channel of its own.

Which of them a message goes by is chosen where it is claimed; here it is only looked up.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from services.notification.channels.channel import Channel
from services.notification.domain import Claimed
from services.notification.policy import Answer, AttemptOutcome

Rendered = TypeVar("Rendered")


class Closing(Protocol):
    """Whatever has connections."""

    def close(self) -> None:
        """Drop them."""


Carrying = TypeVar("Carrying", bound=Closing)


class Carriers(Generic[Carrying]):
    """Whatever sends, once for each carrier; one at least."""

    def __init__(self, by_name: Mapping[str, tuple[int, Carrying]]) -> None:
        """Each has a weight: how much of what is sent goes by it."""
        self._by_name = by_name

    @property
    def weights(self) -> Mapping[str, int]:
        """By name."""
        return {name: weight for name, (weight, _) in self._by_name.items()}

    def named(self, name: str | None) -> Carrying:
        """The one of this name; what was given to none goes by the first."""
        return self._by_name[name or next(iter(self._by_name))][1]

    def close(self) -> None:
        """Drop the connections of all."""
        for _, each in self._by_name.values():
            each.close()


@dataclass(frozen=True, repr=False)
class Given(Generic[Rendered]):
    """What is sent, and by whom."""

    by: Channel[Rendered]
    rendered: Rendered


class CarriedChannel(Generic[Rendered]):
    """A channel that several carry. Safe to use from many threads."""

    def __init__(self, carriers: Carriers[Channel[Rendered]]) -> None:
        self._carriers = carriers

    @property
    def weights(self) -> Mapping[str, int]:
        """Of its carriers, by name."""
        return self._carriers.weights

    def render(self, claimed: Claimed) -> Given[Rendered]:
        """As the one renders it that it was given to: signed with its secret, say."""
        channel = self._carriers.named(claimed.carrier)
        return Given(channel, channel.render(claimed))

    def send(self, rendered: Given[Rendered]) -> Answer:
        """Hand it to that one, once."""
        return rendered.by.send(rendered.rendered)

    def read_receipt(self, answer: Answer) -> AttemptOutcome:
        """As all of them read it."""
        return self._carriers.named(None).read_receipt(answer)

    def close(self) -> None:
        """Drop the connections of all."""
        self._carriers.close()
