"""What happens after a case was received, who does it, and how long the law gives them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.kit.clock import local_date
from shared.law import CHECKED_FIRST, PeriodKey, RuleMissing, end_of, regime_at, rules

RECEIVED = "case.received"
"""The event with which a period begins that can be told from a receipt."""
COMING = (
    PeriodKey.RECEPTION_INITIAL_CHECK,
    PeriodKey.VERIFICATION_NORMAL,
    PeriodKey.SUPPORT_CASE_OWNER_DECIDES,
)


@dataclass(frozen=True)
class Coming:
    """What comes next."""

    text: str
    """The code of its text."""
    amount: int | None
    """Unset where the law gives no period."""
    unit: str
    last_day: str | None = None
    """Where the period begins with the reception itself, the day on which it ends."""


def next_steps(case: Mapping[str, Any]) -> Iterator[Coming]:
    """What happens to a case, in order, by the law of the day on which it was received."""
    received_at = datetime.fromisoformat(case["received_at"])
    for key in COMING:
        if key is PeriodKey.RECEPTION_INITIAL_CHECK and case["route"] not in CHECKED_FIRST:
            continue
        yield _coming(key, received_at)


def _coming(key: PeriodKey, received_at: datetime) -> Coming:
    on = local_date(received_at)
    text = f"coming-{key.value.replace('.', '-')}"
    try:
        rule = rules().find(key, on=on, regime=regime_at(on))
    except RuleMissing:
        return Coming(text, None, "")
    end = end_of(rule, received_at) if rule.starts_with == RECEIVED else None
    return Coming(text, rule.amount, rule.unit, end.last_day.isoformat() if end else None)
