"""What the time does to a clock: it is warned of, goes on from level to level, and is late.

Pure. One stage at a time, each in its order: whatever was missed in an outage is made up for at
once, except a warning of a day that is over, which would warn nobody.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from shared.clocks.clock import Clock, ended
from shared.contracts.vocabulary import ClockLevel


class ClockStage(StrEnum):
    """What the time has done to a clock."""

    WARNED = "warned"
    ESCALATED = "escalated"
    BREACHED = "breached"
    LAPSED = "lapsed"
    """The time in which the person could do something is over: nobody is late."""


@dataclass(frozen=True)
class Holders:
    """Who holds each level of a clock today; unset where nobody does."""

    officer: UUID | None
    """The organisation that must act, while it may; of a right of the person nobody must."""
    head: UUID | None
    """The same, where somebody leads its people."""
    department: UUID | None
    """Whoever owns the case where it is."""

    def of(self, level: ClockLevel) -> UUID | None:
        """Whoever holds a level."""
        held: UUID | None = getattr(self, level)
        return held


@dataclass(frozen=True)
class Passed:
    """A clock after a stage, and which it was; unset where another day is due now."""

    clock: Clock
    stage: ClockStage | None


def passed(clock: Clock, holders: Holders, now: datetime, *, is_passing: bool = False) -> Passed:
    """A clock whose time has come, at its next stage.

    With ``is_passing`` its end brings something about by itself, and is late for nobody.

    Its end is counted again by the calendar of today, so that nobody is late by a day that has
    been declared off since.
    """
    counted = clock.dated()
    if counted.next_at is None or counted.next_at > now or counted.due_at is None:
        return Passed(counted, None)
    if (counted.is_right or is_passing) and counted.due_at <= now:
        return Passed(ended(counted, counted.due_at), ClockStage.LAPSED)
    stage, level = _stage_of(counted, now)
    at = replace(counted, level=level, level_since=now, level_holder_id=holders.of(level))
    if stage is ClockStage.WARNED:
        at = replace(at, warned_at=now)
    if stage is ClockStage.BREACHED:
        at = replace(at, breached_at=now)
    return Passed(at.scheduled(), stage)


def _stage_of(clock: Clock, now: datetime) -> tuple[ClockStage, ClockLevel]:
    if clock.due_at is not None and clock.due_at <= now:
        return ClockStage.BREACHED, ClockLevel.DEPARTMENT
    if clock.is_right:
        # No office acts on it: whoever owns the case sees to it that the person knows.
        return ClockStage.WARNED, ClockLevel.DEPARTMENT
    if clock.level is None:
        return ClockStage.WARNED, ClockLevel.OFFICER
    return ClockStage.ESCALATED, ClockLevel.HEAD
