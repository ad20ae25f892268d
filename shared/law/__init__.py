"""Dated rules, one calendar, one function that says when a period ends and why."""

from shared.contracts.law import Certainty, PeriodKey, Unit
from shared.law.calendar import (
    Override,
    Skipped,
    SkipReason,
    WorkCalendar,
    parse_overrides,
    work_calendar,
)
from shared.law.certainty import Basis, Grounded, weakest
from shared.law.ends import End, Moved, Pause, end_of
from shared.law.periods import Counting, CountingKey, OwnerRole, Period
from shared.law.receiving import CHECKED_FIRST
from shared.law.regimes import FIRST_LAW_FROM, NEW_LAW_FROM, regime_at
from shared.law.rows import RuleMissing, Rules, parse_rules, rules
from shared.law.superseding import MOVABLE, Superseding, supersede

__all__ = [
    "CHECKED_FIRST",
    "FIRST_LAW_FROM",
    "MOVABLE",
    "NEW_LAW_FROM",
    "Basis",
    "Certainty",
    "Counting",
    "CountingKey",
    "End",
    "Grounded",
    "Moved",
    "Override",
    "OwnerRole",
    "Pause",
    "Period",
    "PeriodKey",
    "RuleMissing",
    "Rules",
    "SkipReason",
    "Skipped",
    "Superseding",
    "Unit",
    "WorkCalendar",
    "end_of",
    "parse_overrides",
    "parse_rules",
    "regime_at",
    "rules",
    "supersede",
    "weakest",
    "work_calendar",
]
