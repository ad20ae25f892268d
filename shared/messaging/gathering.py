"""What waits in a service's own queue is handled with what was taken before it, all at once.

A frame has a fixed price: its transactions, its receipt, the round trips of each. A queue that has
grown is paid for once, however small the frames in it are.
"""

import time
from dataclasses import dataclass, field
from typing import Any

from shared.kit.logging import logger
from shared.messaging import door
from shared.messaging.broker import Broker, BrokerDown
from shared.messaging.envelope import MOST_MESSAGES

MOST_FRAMES = 32
"""Frames that are taken at once at most: handled well before the leases of full ones end."""
RESTED = 0.01
"""Seconds without work after which nothing waits: whatever came was taken at once."""


@dataclass
class Gathered:
    """What was taken, by what it asks for."""

    parcels: list[Any] = field(default_factory=list)
    canaries: int = 0
    refused: list[str] = field(default_factory=list)
    """Digests of what no sender of ours has written."""


class Gathering:
    """Takes what waits behind a frame, unless the worker has rested before it came.

    A lone message is not kept waiting by a question whose answer is known. What is taken is in no
    queue any more: as for every frame in hand, its sender is asked for it if this process dies.
    """

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._worked_at = 0.0

    def behind(self, messages: int) -> Gathered:
        """What waits behind a frame of so many messages.

        If the others are as long, it makes up with them what is handled in one transaction.
        """
        gathered = Gathered()
        if time.monotonic() - self._worked_at < RESTED:
            for item in self._take(MOST_MESSAGES // max(messages, 1) - 1):
                _sort(door.read(item), gathered)
        return gathered

    def has_worked(self) -> None:
        """What was taken has been handled."""
        self._worked_at = time.monotonic()

    def _take(self, most: int) -> list[bytes]:
        try:
            return self._broker.take_waiting(min(most, MOST_FRAMES)) if most > 0 else []
        except BrokerDown as fault:
            logger().warning("broker_down", error=type(fault).__name__)
            return []


def _sort(task: door.Task, gathered: Gathered) -> None:
    if task.name == door.DELIVER:
        gathered.parcels.extend(task.argument)
    elif task.name == door.BEAT:
        gathered.canaries += 1
    else:
        gathered.refused.append(task.argument)
