"""What was measured so far, and what could not be."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.bench.goals import GOALS, Figure

Say = Callable[[str], None]


@dataclass
class Measured:
    """Ratios of every round, by goal; figures for people, by name; why something is missing."""

    ratios: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    figures: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    reasons: dict[str, str] = field(default_factory=dict)

    def note(self, name: str, value: float) -> None:
        """A figure that is no ratio."""
        self.figures[name].append(value)

    def ratio(self, goal: str, value: float) -> None:
        """A ratio of this round."""
        self.ratios[goal].append(value)

    def goals(self) -> list[Figure]:
        """A figure for each goal, also for those that were not measured."""
        return [Figure(goal, self.ratios.get(goal.number, ())) for goal in GOALS]
