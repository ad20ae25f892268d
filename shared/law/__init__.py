"""Dated rules, one calendar, one function that says when a period ends and why."""

from shared.law.calendar import (
    Override,
    Skipped,
    SkipReason,
    WorkCalendar,
    parse_overrides,
    work_calendar,
)
from shared.law.certainty import Basis, Certainty, Grounded, weakest
from shared.law.ends import End, Moved, Pause, end_of
from shared.law.periods import Counting, CountingKey, OwnerRole, Period, PeriodKey, Unit
from shared.law.regimes import FIRST_LAW_FROM, NEW_LAW_FROM
from shared.law.rows import RuleMissing, Rules, parse_rules, rules

__all__ = [
    "FIRST_LAW_FROM",
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
    "Unit",
    "WorkCalendar",
    "end_of",
    "parse_overrides",
    "parse_rules",
    "rules",
    "weakest",
    "work_calendar",
]
