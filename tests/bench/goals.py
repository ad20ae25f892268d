"""The goals: what is compared with what, what must hold, what is aimed at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any


@dataclass(frozen=True)
class Goal:
    """One ratio. ``is_floor``: more is better."""

    number: str
    title: str
    must: float
    aim: float
    is_floor: bool = True

    def is_met(self, ratio: float) -> bool:
        """Whether the ratio does what it must."""
        return ratio >= self.must if self.is_floor else ratio <= self.must

    def is_reached(self, ratio: float) -> bool:
        """Whether the ratio does what is aimed at."""
        return ratio >= self.aim if self.is_floor else ratio <= self.aim


GOALS = (
    Goal("1", "durable four-service pipeline, saturated / N", 3, 6),
    Goal("2", "the same with one message per frame / N", 0.5, 0.7),
    Goal("3", "durable pipeline / the best of the peers that keep nothing", 1, 2),
    Goal("4", "HTTP POST to signed webhook, saturated / N", 2, 4),
    Goal("5", "POST to webhook, p50 at 10/s / N's p50", 2, 1.5, is_floor=False),
    Goal("5b", "POST to webhook, p99 at 10/s / N's p99", 3, 2, is_floor=False),
    Goal("6", "worker CPU per referral / N's", 0.20, 0.12, is_floor=False),
    Goal("7", "cost per referral at 1 M stored rows / at 1 k", 1.10, 1.03, is_floor=False),
    Goal("8", "POST with commit / the same route without database, 16 clients", 0.20, 0.50),
    Goal("9", "memory (USS) of a service's worker / of a bare Celery worker", 1.7, 1.2, False),
    Goal("10", "completed / accepted during 60 s at 80 % of saturation", 0.9, 1.0),
    Goal("11", "sent again / sent with a backlog of 10,000 and no fault", 0.01, 0, is_floor=False),
)
BY_NUMBER: Mapping[str, Goal] = {goal.number: goal for goal in GOALS}


@dataclass(frozen=True)
class Figure:
    """What was measured for a goal: the ratio of each round; their median counts."""

    goal: Goal
    ratios: Sequence[float]

    @property
    def ratio(self) -> float:
        """The median."""
        return median(self.ratios)

    @property
    def is_met(self) -> bool:
        """Whether the median does what it must."""
        return self.goal.is_met(self.ratio)

    def line(self) -> dict[str, Any]:
        """As the last line tells it."""
        return {
            "ratio": rounded(self.ratio),
            "must": self.goal.must,
            "aim": self.goal.aim,
            "met": self.is_met,
        }


def rounded(value: float) -> float:
    """Three digits are all such figures are worth."""
    return float(f"{value:.3g}")
