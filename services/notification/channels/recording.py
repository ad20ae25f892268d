"""Channels of a sandbox: what they would send is written down and leaves for nowhere.

Each renders as the channel whose place it takes, and answers as the address says that it would be
answered; whatever follows (tries, pauses, states, alerts) is the sender's, as of what leaves.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from email import message_from_bytes, policy
from threading import Event
from typing import Generic, Protocol, TypeVar

import orjson

from services.notification.channels.channel import Channel
from services.notification.channels.mail import Mail
from services.notification.channels.sms import Sms
from services.notification.channels.webhook import Post
from services.notification.domain import Claimed, Recorded
from services.notification.policy import (
    Answer,
    AttemptOutcome,
    answer_of,
    outcome_at,
    report_of,
)
from shared.contracts.simulator import SimulatedOutcome

Rendered = TypeVar("Rendered", bound=Post | Mail | Sms)
NOT_KEPT = frozenset({"From", "To", "MIME-Version", "Content-Type"})
"""Headers of a mail that say who writes to whom, or how its parts are put together."""


class Recorder(Protocol):
    """Whatever writes down what would have been sent."""

    def keep(self, recorded: Recorded) -> None:
        """Keep it before anything is answered, as whoever takes a message does."""


@dataclass(frozen=True, repr=False)
class ToRecord(Generic[Rendered]):
    """What would be sent, and the try that it is."""

    claimed: Claimed
    rendered: Rendered


class RecordingChannel(Generic[Rendered]):
    """In the place of a channel that sends. Safe to use from many threads."""

    def __init__(
        self, channel: Channel[Rendered], recorder: Recorder, *, slow_seconds: float
    ) -> None:
        """``slow_seconds`` are how long a slow recipient takes, within the time of a call."""
        self._channel = channel
        self._recorder = recorder
        self._slow_seconds = slow_seconds
        self._closed = Event()

    def render(self, claimed: Claimed) -> ToRecord[Rendered]:
        """What the other would send."""
        return ToRecord(claimed, self._channel.render(claimed))

    def send(self, rendered: ToRecord[Rendered]) -> Answer:
        """Write it down, and answer as its recipient would."""
        claimed = rendered.claimed
        outcome = outcome_at(claimed.channel, claimed.url)
        if outcome is SimulatedOutcome.SLOW:
            self._closed.wait(self._slow_seconds)
        answer = answer_of(outcome, claimed.channel, claimed.tries)
        headers, content = _as_read(rendered.rendered)
        self._recorder.keep(
            Recorded(
                claimed=claimed,
                headers=headers,
                content=content,
                outcome=self.read_receipt(answer),
                report=report_of(outcome, claimed.channel, answer),
            )
        )
        return answer

    def read_receipt(self, answer: Answer) -> AttemptOutcome:
        """As the other reads it."""
        return self._channel.read_receipt(answer)

    def close(self) -> None:
        """Wait for no slow recipient any more."""
        self._closed.set()
        self._channel.close()


def _as_read(rendered: Post | Mail | Sms) -> tuple[Mapping[str, str], str]:
    """What its receiver would read: what stands above it, and the text."""
    if isinstance(rendered, Post):
        return rendered.headers, rendered.body.decode()
    if isinstance(rendered, Sms):
        return {}, orjson.loads(rendered.body)["text"]
    mail = message_from_bytes(rendered.message, policy=policy.default)
    kept = {name: str(value) for name, value in mail.items() if name not in NOT_KEPT}
    plain = mail.get_body(("plain",))
    return kept, plain.get_content() if plain else ""
