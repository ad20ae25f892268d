"""A sender at work in a test, and the hands that give it messages."""

import ssl
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

from sqlalchemy import text

from services.notification.channels import Channels, WebhookChannel
from services.notification.domain import Pacing
from services.notification.gateways import HttpGateway
from services.notification.tasks.sender import Limits, Sender
from services.notification.worker import weights_of
from shared.contracts.vocabulary import ChannelKind
from shared.kit.clock import Clock, utc_now
from shared.kit.database import Begin
from shared.outbound import AddressRules
from tests.conftest import wait_until
from tests.notification.builders import MASTER, Post

FAST = 0.002
"""What a second of the schedule lasts here."""


class Office:
    """A sender at work, and hands that give it messages."""

    def __init__(
        self,
        begin: Begin,
        *,
        gateway: Any = None,
        clock: Clock = utc_now,
        more: Channels | None = None,
        recording: Channels | None = None,
        unit: float = FAST,
        **limits: Any,
    ) -> None:
        self.begin = begin
        self.deaths = 0
        self.gateway = gateway or HttpGateway(
            AddressRules(allow_loopback=True),
            seconds=limits.pop("seconds", 5.0),
            context=ssl.create_default_context(),
        )
        webhooks = WebhookChannel(self.gateway, master=MASTER, clock=clock)
        self.sender = Sender(
            begin,
            {ChannelKind.WEBHOOK: webhooks, **(more or {})},
            limits=Limits(**{"connections": 32, "per_endpoint": 8, "lease_seconds": 30.0} | limits),
            pacing=Pacing(Random(5), unit),
            on_death=self._died,
            recording=recording,
            weights=weights_of(more or {}),
        )

    def _died(self) -> None:
        self.deaths += 1

    @contextmanager
    def at(self) -> Iterator[Post]:
        """Hand messages in one transaction; the sender is told of its commit."""
        with self.begin() as session:
            yield Post(session, utc_now())
        self.sender.committed(session)

    def states(self) -> Counter[str]:
        """How many deliveries stand where."""
        with self.begin() as session:
            rows = session.execute(text("SELECT state, count(*) FROM deliveries GROUP BY 1"))
            return Counter({state: count for state, count in rows})  # noqa: C416 - rows, not pairs

    def settled(self, **states: int) -> None:
        """Wait until deliveries stand so."""
        wait_until(lambda: self.states() == Counter(states), seconds=20, what=str(states))


MakeOffice = Callable[..., Office]
