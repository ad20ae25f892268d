"""What a relay does with clocks: warn, escalate, mark what is late; count all of them again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from shared.clocks.clock import Clock
from shared.clocks.keeping import keep, read_all
from shared.clocks.stages import ClockStage, Holders, Passed, passed
from shared.clocks.tables import CLOCKS
from shared.kit import audit
from shared.kit.arrays import among
from shared.messaging.sweeps import each_alone, resting

WATCH = "watch_clocks"
RECOUNT = "recount_clocks"
BATCH = 64
PAGE = 500


class Keeper(Protocol):
    """What a service says of the clocks it keeps."""

    def holders(
        self, session: Session, clocks: Sequence[Clock], now: datetime
    ) -> Mapping[UUID, Holders]:
        """Who holds the levels of each of these today, by the id of the clock."""

    def tell(self, session: Session, clock: Clock, stage: ClockStage, now: datetime) -> None:
        """Have the case's journey know that a clock was warned of, escalated or late."""


@dataclass(frozen=True)
class Watch:
    """The sweeps of a service that keeps clocks."""

    keeper: Keeper
    passing: frozenset[str] = frozenset()
    """The facts of clocks whose end something else acts on: when it is over, such a clock ends."""

    def watch(self, session: Session, now: datetime) -> int:
        """Bring a batch of clocks to their next stage, the longest due first; returns how many."""
        c = CLOCKS.c
        due = session.scalars(
            select(c.id)
            .where(c.next_at.is_not(None), c.next_at <= now, c.id.not_in(resting(WATCH)))
            .order_by(c.next_at, c.id)
            .limit(BATCH)
            .with_for_update(skip_locked=True)
        ).all()

        def act(some: Sequence[UUID]) -> None:
            self._pass(session, some, now)

        return each_alone(session, WATCH, due, act, key=lambda each: each, now=now) if due else 0

    def _pass(self, session: Session, clock_ids: Sequence[UUID], now: datetime) -> None:
        clocks = _clocks(session, among(CLOCKS.c.id, clock_ids))
        holders = self.keeper.holders(session, clocks, now)
        steps = [
            passed(each, holders[each.id], now, is_passing=each.fact in self.passing)
            for each in clocks
        ]
        for step in steps:
            keep(session, step.clock)
            self._tell(session, step, now)

    def _tell(self, session: Session, step: Passed, now: datetime) -> None:
        clock, stage = step.clock, step.stage
        if stage is None:
            return
        # A right that lapsed asks nobody to act; that it did is in the audit.
        if stage is not ClockStage.LAPSED:
            self.keeper.tell(session, clock, stage, now)
        audit.record(
            session,
            actor=f"sweep:{WATCH}",
            action=f"clock.{stage}",
            object_id=clock.object_id,
            now=now,
            case_id=str(clock.case_id) if clock.case_id else None,
            key=clock.key,
            level=clock.level,
            clock_id=str(clock.id),
        )

    def recount(self, session: Session, _now: datetime) -> int:
        """Count what runs again, by the calendar of today: a day may have become a working day.

        Locks what it changes and passes over what somebody holds, until the next round.
        """
        after: UUID | None = None
        while page := _running(session, after):
            for clock in page:
                if (counted := clock.dated()) != clock and _is_free(session, clock):
                    keep(session, counted)
            after = page[-1].id
        return 0


def _clocks(session: Session, which: ColumnElement[bool]) -> list[Clock]:
    c = CLOCKS.c
    return read_all(session, select(CLOCKS).where(which).order_by(c.next_at, c.id))


def _running(session: Session, after: UUID | None) -> list[Clock]:
    c = CLOCKS.c
    runs = select(CLOCKS).where(c.next_at.is_not(None)).order_by(c.id).limit(PAGE)
    return read_all(session, runs if after is None else runs.where(c.id > after))


def _is_free(session: Session, clock: Clock) -> bool:
    """Whether it is ours now, and still as it was read."""
    locked = select(CLOCKS).where(CLOCKS.c.id == clock.id).with_for_update(skip_locked=True)
    return read_all(session, locked) == [clock]
