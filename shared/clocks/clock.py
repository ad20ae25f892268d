"""A clock as a value: one period of the law, of one thing, and what has moved its end so far."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from shared.clocks.timing import Running, next_of
from shared.contracts.vocabulary import ClockLevel, Regime
from shared.kit.identifiers import id_of
from shared.law import End, OwnerRole, Pause, Period, PeriodKey, RuleMissing, Rules, end_of
from shared.places.holders import Place


@dataclass(frozen=True)
class Beginning:
    """What starts a clock: a fact, of a thing, for which the law has a period."""

    subject: str
    object_id: UUID
    fact_id: UUID
    """What the period runs from, at its owner: a move, an offer, an answer."""
    at: datetime
    case_id: UUID | None = None
    place: Place | None = None


@dataclass(frozen=True)
class Clock:
    """One row. Without ``due_at`` the law's amount is unset: it runs, and nothing is ever late."""

    id: UUID
    subject: str
    object_id: UUID
    case_id: UUID | None
    area_code: str | None
    area_on: date | None
    key: PeriodKey
    regime: Regime | None
    row_from: date | None
    row_id: UUID | None
    """The row that an administrator published; unset for one of the release."""
    fact: str
    fact_id: UUID
    started_at: datetime
    extended_at: datetime | None
    pauses: tuple[Pause, ...]
    paused_at: datetime | None
    paused_for: str | None
    due_at: datetime | None
    next_at: datetime | None
    warned_at: datetime | None
    breached_at: datetime | None
    level: ClockLevel | None
    level_since: datetime | None
    level_holder_id: UUID | None
    ended_at: datetime | None
    rules: Rules = field(compare=False, repr=False)
    """All rows, as they were read with it: by them its stages are counted."""

    @property
    def place(self) -> Place | None:
        """Where its case is; unset where it is of none."""
        if self.area_code is None or self.area_on is None:
            return None
        return Place(self.area_code, self.area_on)

    @property
    def period(self) -> Period:
        """The row of law it runs on, whatever superseded it since; ``RuleMissing`` without it."""
        named = (self.key, self.regime, self.row_from, self.row_id)
        for each in self.rules.periods:
            if (each.key, each.regime, each.valid_from, each.row_id) == named:
                return each
        raise RuleMissing(*named)

    @property
    def is_right(self) -> bool:
        """Whether it is a time in which the person may do something, and nobody has to."""
        return self.period.owner_role is OwnerRole.PERSON

    @property
    def end(self) -> End | None:
        """When its period ends and why, by the calendar of today; unset while its amount is."""
        return end_of(self.period, self.started_at, pauses=self.pauses)

    def dated(self) -> "Clock":
        """The same, due by its row, its pauses and the calendar.

        Another day to be due by begins anew: it is warned of again, and what was late is not, as
        far as the new day is still to come.
        """
        end = self.end
        due_at = end.at if end else None
        if due_at == self.due_at:
            return self.scheduled()
        return replace(
            self,
            due_at=due_at,
            warned_at=None,
            breached_at=None,
            level=None,
            level_since=None,
            level_holder_id=None,
        ).scheduled()

    def scheduled(self) -> "Clock":
        """The same, to be seen to when the next of its stages is due."""
        is_still = self.ended_at is not None or self.paused_at is not None
        if is_still or self.due_at is None or self.breached_at is not None:
            return replace(self, next_at=None)
        running = Running(self.started_at, self.end, self.due_at, self.level, self.level_since)
        return replace(self, next_at=next_of(running, self.rules))

    def on_row(self, period: Period) -> "Clock":
        """The same on another row of law, from the same start."""
        named = replace(
            self,
            key=period.key,
            regime=period.regime,
            row_from=period.valid_from,
            row_id=period.row_id,
        )
        return named.dated()


def begun(rules: Rules, period: Period, beginning: Beginning) -> Clock:
    """A clock that starts with a fact, on the row of law that holds on that day."""
    place = beginning.place
    return Clock(
        # Started again after a restore, it is the same one.
        id=id_of(beginning.fact_id, f"clock {period.starts_with}"),
        subject=beginning.subject,
        object_id=beginning.object_id,
        case_id=beginning.case_id,
        area_code=place.code if place else None,
        area_on=place.told_on if place else None,
        key=period.key,
        regime=period.regime,
        row_from=period.valid_from,
        row_id=period.row_id,
        fact=period.starts_with,
        fact_id=beginning.fact_id,
        started_at=beginning.at,
        extended_at=None,
        pauses=(),
        paused_at=None,
        paused_for=None,
        due_at=None,
        next_at=None,
        warned_at=None,
        breached_at=None,
        level=None,
        level_since=None,
        level_holder_id=None,
        ended_at=None,
        rules=rules,
    ).dated()


def paused(clock: Clock, reason: str, at: datetime) -> Clock:
    """A clock that stands still from a moment on, and why."""
    return replace(clock, paused_at=at, paused_for=reason).scheduled()


def resumed(clock: Clock, at: datetime) -> Clock:
    """A clock that goes on, due later by its pause; one that is not paused goes on as it does."""
    if clock.paused_at is None:
        return clock
    pause = Pause(clock.paused_at, at, clock.paused_for)
    going_on = replace(clock, pauses=(*clock.pauses, pause), paused_at=None, paused_for=None)
    return going_on.dated()


def extended(clock: Clock, period: Period, at: datetime) -> Clock:
    """A clock on the longer row from the same start; ``ValueError`` where it was extended once."""
    if clock.extended_at is not None:
        raise ValueError("a clock is extended once")
    return replace(clock, extended_at=at).on_row(period)


def ended(clock: Clock, at: datetime) -> Clock:
    """A clock of which nothing is to be done any more; a pause ends with it, and moves nothing."""
    pauses = clock.pauses
    if clock.paused_at is not None:
        pauses = (*pauses, Pause(clock.paused_at, at, clock.paused_for))
    over = replace(clock, pauses=pauses, paused_at=None, paused_for=None, ended_at=at)
    return over.scheduled()


def written(clock: Clock) -> dict[str, Any]:
    """A clock as its row."""
    pauses = [
        {"since": it.since.isoformat(), "until": it.until.isoformat(), "reason": it.reason}
        for it in clock.pauses
    ]
    row = {**vars(clock), "pauses": pauses}
    del row["rules"]
    return row


def read(row: RowMapping, rules: Rules) -> Clock:
    """A clock from its row, by the rows of law that hold in this transaction."""
    pauses = tuple(map(_pause, row["pauses"]))
    kinds: Mapping[str, Any] = {"key": PeriodKey, "regime": Regime, "level": ClockLevel}
    known = {name: kinds[name](row[name]) for name in kinds if row[name] is not None}
    return Clock(**{**row, **known, "pauses": pauses, "rules": rules})


def _pause(kept: Mapping[str, str]) -> Pause:
    since, until = (datetime.fromisoformat(kept[name]) for name in ("since", "until"))
    return Pause(since, until, kept["reason"])
