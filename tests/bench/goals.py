"""The goals: what is compared with what, what must hold, what is aimed at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any


@dataclass(frozen=True)
class Goal:
    """One ratio, or where ``unit`` says so one figure. ``is_floor``: more is better."""

    number: str
    title: str
    must: float
    aim: float
    is_floor: bool = False
    unit: str = ""

    def is_met(self, ratio: float) -> bool:
        """Whether the ratio does what it must."""
        return ratio >= self.must if self.is_floor else ratio <= self.must

    def is_reached(self, ratio: float) -> bool:
        """Whether the ratio does what is aimed at."""
        return ratio >= self.aim if self.is_floor else ratio <= self.aim

    def told(self, value: float) -> str:
        """A value with the side of it that is good."""
        return f"{'>=' if self.is_floor else '<='} {value}{self.unit}"


GOALS = (
    Goal("1", "cases of the exchange, saturated / jobs of N", 2.5, 4, is_floor=True),
    Goal("1b", "the same / jobs of N10", 8, 12, is_floor=True),
    Goal("2", "the same with one message per frame / jobs of N10", 0.7, 1, is_floor=True),
    Goal("3", "messages / messages of the best peer that keeps nothing", 1, 1.5, is_floor=True),
    Goal("3b", "cases / cases of the best peer that does the same work", 2.5, 4, is_floor=True),
    Goal("3c", "processor time of a case, all processes / the same peer's", 0.4, 0.3),
    Goal("4", "HTTP POST to signed webhook, saturated / N", 1.2, 2, is_floor=True),
    Goal("5", "POST to webhook, p50 at 10/s / N's p50", 2.5, 1.8),
    Goal("5b", "POST to webhook, p99 at 10/s / N's p99", 3, 2),
    Goal("5c", "a lone case, p50 / the best same-work peer's", 1.5, 1),
    Goal("6", "processor time of the workers per case / N's", 0.20, 0.12),
    Goal("6b", "processor time of a case, all processes / the floor", 2, 1.4),
    Goal("7", "processor time of a case at 10 M stored rows / at 1 k", 1.10, 1.03),
    Goal("8", "POST with commit / the same route without database", 0.5, 0.7, is_floor=True),
    Goal("9", "memory (USS) of a service's worker / of a bare Celery worker", 1.75, 1.5),
    Goal("10", "completed / accepted at 80 % of saturation", 0.95, 1.0, is_floor=True),
    Goal("11", "sent again / sent with a backlog of 10,000 and no fault", 0.01, 0),
    Goal("12", "processor time of the whole stack at rest", 3, 1, unit=" % of a core"),
    Goal("13", "until work goes on after a worker is killed", 10, 3, unit=" s"),
    Goal("14", "a page for people with ten at work, p95", 300, 100, unit=" ms"),
    Goal("15", "memory (USS) of the console", 90, 70, unit=" MB"),
)
BY_NUMBER: Mapping[str, Goal] = {goal.number: goal for goal in GOALS}


@dataclass(frozen=True)
class Figure:
    """What was measured for a goal: the ratio of each round; their median counts."""

    goal: Goal
    ratios: Sequence[float]

    @property
    def is_measured(self) -> bool:
        """Whether any round told something of it."""
        return bool(self.ratios)

    @property
    def ratio(self) -> float:
        """The median."""
        return median(self.ratios)

    @property
    def verdict(self) -> str:
        """What is reached: the aim, the must, or neither."""
        if not self.is_measured:
            return "not measured"
        if self.goal.is_reached(self.ratio):
            return "aim"
        return "met" if self.goal.is_met(self.ratio) else "no"

    def line(self) -> dict[str, Any]:
        """As the last line tells it."""
        return {
            "ratio": rounded(self.ratio),
            "must": self.goal.must,
            "aim": self.goal.aim,
            "met": self.goal.is_met(self.ratio),
        }


def rounded(value: float) -> float:
    """Three digits are all such figures are worth."""
    return float(f"{value:.3g}")
