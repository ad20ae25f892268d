"""What is shown beside the journeys: how people learn what they must, and nobody else does."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from deploy.demo.digested import Digested
from deploy.demo.mended import Mended
from deploy.demo.silenced import Silenced
from deploy.demo.unread import Unread


class Step(Protocol):
    """Something that must happen while the story is told."""

    def look(self) -> None:
        """Do what it is time for; again and again, until it is shown."""

    @property
    def is_shown(self) -> bool:
        """Whether all of it has happened."""


@dataclass(frozen=True)
class Steps:
    """All of them."""

    silenced: Silenced
    unread: Unread
    mended: Mended
    digested: Digested

    @property
    def left(self) -> Sequence[Step]:
        """Those that have not happened yet."""
        every_one: tuple[Step, ...] = (self.silenced, self.unread, self.mended, self.digested)
        return [step for step in every_one if not step.is_shown]
