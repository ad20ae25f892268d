"""A case of the demonstration and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from deploy.demo.cases import DemoCase
from deploy.demo.journey import CORRECTED, SUBMISSION, Leg, legs


@dataclass
class Submission:
    """A case and what became of it."""

    case: DemoCase
    code: str = ""
    case_id: str = ""
    refused_for: str = ""
    refused_first: str = ""
    """The field and the rule for which it was refused before it was corrected."""
    submitted_at: float = 0.0
    is_reopened: bool = False
    """Whether the case owner has had a negative decision opened again."""
    told: Mapping[str, Any] | None = None
    """What followed from the fact that a need waited for, as the case owner was answered."""
    added: Mapping[str, Any] | None = None
    """The need that the case owner has added, once the same had been met."""
    undelivered: Mapping[str, Any] | None = None
    """The alert of an offer that did not arrive, as the case owner read it."""
    steps: list[dict[str, Any]] = field(default_factory=list)
    alerts: list[dict[str, Any]] = field(default_factory=list)

    @property
    def is_answered(self) -> bool:
        """Whether intake has said yes or no."""
        return bool(self.case_id or self.refused_for)

    @property
    def legs(self) -> list[Leg]:
        """Its journey, as far as it was read, with a correction before it."""
        first = [Leg(SUBMISSION, CORRECTED)] if self.refused_first and self.case_id else []
        return first + (legs(self.steps, self.alerts) if self.case_id else [])

    @property
    def is_as_expected(self) -> bool:
        """Whether it was refused for what it must be, and every leg ended as it must."""
        ends = sorted((leg.of, leg.end) for leg in self.legs)
        refusals = (self.refused_first, self.refused_for)
        must = (self.case.refused_first, self.case.refused)
        return refusals == must and ends == sorted(self.case.must)

    @property
    def is_acted(self) -> bool:
        """Whether the case owner has done what falls to them in it."""
        done = (
            (self.case.reopens, self.is_reopened),
            (self.case.tells, self.told),
            (self.case.needs_again, self.added),
            (self.case.undelivered, self.undelivered),
        )
        return all(is_done for is_due, is_done in done if is_due)
