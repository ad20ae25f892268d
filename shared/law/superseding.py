"""Rows that administrators published go before those of this release: which holds on which day.

A row is published for what begins from a day on, and from that day it goes before everything that
was published earlier, whatever day that was for. So the order of publishing decides, and two rows
never hold on one day.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from shared.contracts.law import Certainty, PeriodKey, Unit
from shared.contracts.vocabulary import Regime
from shared.law.periods import Period
from shared.law.rows import Rules

_ONE_DAY = timedelta(days=1)


MOVABLE = frozenset(
    {
        PeriodKey.RECEPTION_INITIAL_CHECK,
        PeriodKey.VERIFICATION_NORMAL,
        PeriodKey.VERIFICATION_EXTENDED,
        PeriodKey.REFERRAL_ANSWER,
        PeriodKey.REFERRAL_DELIVERY,
        PeriodKey.REFERRAL_START,
        PeriodKey.REFERRAL_CONFIRMATION,
        PeriodKey.STAY_MAXIMUM,
        PeriodKey.PURGE_CONFIRMATION,
        PeriodKey.DIRECTORY_FRESHNESS,
    }
)
"""The periods whose running dates are moved by a row that says that it applies to them."""


@dataclass(frozen=True)
class Superseding:
    """A row that was published: what it changes of the row it goes before, and from when on."""

    id: UUID
    key: PeriodKey
    regime: Regime | None
    amount: int | None
    unit: Unit
    legal_ref: str
    status: Certainty
    valid_from: date
    """The first day on which a period may begin by it."""


def supersede(shipped: Rules, rows: Iterable[Superseding]) -> Rules:
    """The rows of this release, and those published, in their order; each holds on its own days.

    A row that goes before none is passed over: nobody knows whose the period is.
    """
    found = shipped
    for row in rows:
        found = _with(found, row)
    return found


def _with(rules: Rules, row: Superseding) -> Rules:
    former = rules.last(row.key, row.regime)
    if former is None:
        return rules
    new = replace(
        former,
        amount=row.amount,
        unit=row.unit,
        legal_ref=row.legal_ref,
        status=row.status,
        valid_from=row.valid_from,
        valid_to=None,
        row_id=row.id,
    )
    return replace(rules, periods=(*(_until(each, row) for each in rules.periods), new))


def _until(period: Period, row: Superseding) -> Period:
    """A row until another begins; where that covers all of it, it ends before it begins."""
    if (period.key, period.regime) != (row.key, row.regime):
        return period
    last = row.valid_from - _ONE_DAY
    ends = last if period.valid_to is None else min(period.valid_to, last)
    return replace(period, valid_to=ends)
