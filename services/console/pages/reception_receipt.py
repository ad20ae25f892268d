"""What happens after a case was received, who does it, and how long the law gives them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from shared.contracts.vocabulary import Regime
from shared.kit.clock import local_date
from shared.law import NEW_LAW_FROM, PeriodKey, RuleMissing, rules

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


def next_steps(case: Mapping[str, Any]) -> Iterator[Coming]:
    """What happens to a case, in order, by the law of the day on which it was received."""
    on = local_date(datetime.fromisoformat(case["received_at"]))
    for key in COMING:
        yield _coming(key, on)


def _coming(key: PeriodKey, on: date) -> Coming:
    regime = Regime.LAW_2024 if on >= NEW_LAW_FROM else Regime.LAW_2011
    text = f"coming-{key.value.replace('.', '-')}"
    try:
        rule = rules().find(key, on=on, regime=regime)
    except RuleMissing:
        return Coming(text, None, "")
    return Coming(text, rule.amount, rule.unit)
