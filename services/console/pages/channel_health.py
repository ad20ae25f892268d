"""How it goes with each way of telling, and what that means."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from services.console.pages.ages import DANGER, GOOD, MUTED, SOON, seconds_between, tone_of
from services.console.pages.visit import Visit
from shared.contracts import Queue

SILENT = 300
"""Seconds without a sender that has a channel, after which it is said to have none, as
notification alerts of it."""


@dataclass(frozen=True)
class Shown:
    """A channel as it is shown: what notification told of it, and what that means."""

    told: Mapping[str, Any]
    at: str
    """When it was asked for."""

    @property
    def age(self) -> int | None:
        """Seconds since the oldest of what should have gone is due."""
        return seconds_between(self.told["oldest_due_at"], self.at)

    @property
    def code(self) -> str:
        """What is to be said of it."""
        if self.told["suspended_at"] is not None:
            return "suspended"
        if self.is_unserved:
            return "unserved" if self.told["states"] else "unused"
        if self.is_resting:
            return "resting"
        return "errors" if self.told["errors"] else "works"

    @property
    def is_unserved(self) -> bool:
        """Whether no sender has it."""
        seen = seconds_between(self.told["served_at"], self.at)
        return seen is None or seen > SILENT

    @property
    def is_resting(self) -> bool:
        """Whether whatever carries it fails, and rests."""
        carriers = self.told["carriers"]
        return bool(carriers) and all(each["resting_since"] for each in carriers)

    @property
    def tone(self) -> str:
        """As the word says that comes with it."""
        tones = {
            "suspended": DANGER,
            "unserved": DANGER,
            "resting": DANGER,
            "unused": MUTED,
            "errors": SOON,
        }
        return tones.get(self.code, GOOD if self.age is None else tone_of(self.age))

    @property
    def is_down(self) -> bool:
        """Whether somebody has to see to it."""
        return self.tone == DANGER


async def channels_of(visit: Visit) -> Sequence[Shown] | None:
    """All of them, for whoever operates; ``None`` where notification does not answer."""
    panel = await visit.panel(Queue.NOTIFICATION, "/channels")
    if panel.told is None:
        return None
    at = datetime.now(UTC).isoformat()
    return [Shown(each, at) for each in panel.told["items"]]
