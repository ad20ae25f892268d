"""How a dated row is superseded: what may be proposed, and what its day must be."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.directory.errors import (
    RuleReachesBack,
    RuleUnknown,
    RunningKept,
    StatusTooStrong,
)
from shared.contracts import RuleChanged
from shared.contracts.directory import CitedLaw
from shared.contracts.law import Certainty, PeriodKey, Unit
from shared.contracts.vocabulary import Queue, Regime
from shared.law import MOVABLE, Rules

_FOLLOWERS = frozenset({Queue.DIRECTORY, *RuleChanged.to})
"""Who goes by rows that are published: nobody else's row is superseded, for it would not be."""


class ProposalState(StrEnum):
    """How it stands with a row that somebody proposed."""

    PROPOSED = "proposed"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
    """Nobody follows it, and nobody ever did."""


class RuleReason(StrEnum):
    """Why another row takes the place of one."""

    LAW_CHANGED = "law_changed"
    """A text was passed or amended."""
    TEXT_READ = "text_read"
    """A text was read that nobody had at hand before."""
    AGREED = "agreed"
    """Those who work together agreed on it, or an authority ordered it."""
    CORRECTED = "corrected"
    """The row before it was wrong."""


@dataclass(frozen=True)
class RuleFacts:
    """A row as somebody proposes it; whose the period is stays as in the row before it."""

    key: PeriodKey
    regime: Regime | None
    amount: int | None
    unit: Unit
    law: CitedLaw | None
    status: Certainty
    valid_from: date
    applies_to_running: bool
    reason: RuleReason
    reference: str
    """The number of the paper by which it is changed."""


def can_be_superseded(rules: Rules, key: PeriodKey, regime: Regime | None) -> bool:
    """Whether there is one row to go before, and all who act on it would follow."""
    former = rules.last(key, regime)
    return former is not None and _FOLLOWERS.issuperset(former.services)


def check_rule(rules: Rules, facts: RuleFacts, *, today: date) -> None:
    """Raise ``RuleUnknown``, ``RunningKept``, ``StatusTooStrong`` or ``RuleReachesBack``."""
    if not can_be_superseded(rules, facts.key, facts.regime):
        raise RuleUnknown
    if facts.applies_to_running and facts.key not in MOVABLE:
        raise RunningKept
    is_grounded = facts.law is not None and facts.amount is not None
    if not is_grounded and facts.status is not Certainty.ASSUMED:
        raise StatusTooStrong
    check_day(facts.valid_from, applies_to_running=facts.applies_to_running, today=today)


def check_day(valid_from: date, *, applies_to_running: bool, today: date) -> None:
    """Raise ``RuleReachesBack`` where what runs would be moved, and nobody said that it shall."""
    if valid_from <= today and not applies_to_running:
        raise RuleReachesBack
