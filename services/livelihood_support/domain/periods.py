"""How long the periods of support are, and when each ends, by the rows that are handed in.

Which rows those are is found once in a transaction, by ``rules_of``.
"""

from collections.abc import Iterable
from datetime import date, datetime
from functools import cache, lru_cache

from shared.contracts.vocabulary import EntitlementCode, Regime
from shared.kit.clock import local_date, minute_of
from shared.law import End, Period, PeriodKey, RuleMissing, Rules, end_of
from shared.law.entitlements import Fact, rulebook


def answer_period(rules: Rules, reached_at: datetime) -> Period:
    """How long an organisation that an offer has reached at a moment has to answer."""
    return rules.find(PeriodKey.REFERRAL_ANSWER, on=local_date(reached_at))


def end_of_answer(rules: Rules, reached_at: datetime) -> End | None:
    """When the answer of an organisation that has an offer is due and why; ``None`` while unset."""
    return end_of(answer_period(rules, reached_at), reached_at)


def answer_not_due_before(rules: Rules, asked_at: datetime) -> datetime | None:
    """The moment before which an answer is in time, whenever the offer arrives; to the minute.

    ``None`` while no period is set.
    """
    end = end_of_answer(rules, asked_at)
    return minute_of(end.at) if end else None


def why_it_expires(
    rules: Rules, reached_at: Iterable[datetime | None], due: datetime | None
) -> End | None:
    """Why an offer ends when it does; ``None`` if the rows of today give another moment.

    ``reached_at`` are when it was delivered and when it was seen: the one that was told first began
    the period.
    """
    ends = [end_of_answer(rules, moment) for moment in reached_at if moment is not None]
    return next((end for end in ends if end is not None and end.at == due), None)


def delivery_period(rules: Rules, asked_at: datetime) -> Period:
    """How long an offer made at a moment may be on its way."""
    return rules.find(PeriodKey.REFERRAL_DELIVERY, on=local_date(asked_at))


def end_of_delivery(rules: Rules, asked_at: datetime) -> End | None:
    """Until when an offer must have reached its organisation; ``None`` while no period is set."""
    return end_of(delivery_period(rules, asked_at), asked_at)


def why_delivery_is_due(rules: Rules, asked_at: datetime, due: datetime | None) -> End | None:
    """Why an offer is given up when it is; ``None`` if the rows of today give another moment."""
    end = end_of_delivery(rules, asked_at)
    return end if end is not None and end.at == due else None


@cache
def windowed(regime: Regime) -> frozenset[EntitlementCode]:
    """The codes that have to be applied for in time under a law."""
    return frozenset(
        code
        for (law, code), conditions in rulebook().conditions.items()
        if law is regime and any(it.requires is Fact.APPLIED_IN_TIME for it in conditions)
    )


def end_of_window(rules: Rules, regime: Regime, identified_on: date) -> End | None:
    """Until when somebody may apply under a law; ``None`` where it names no such period."""
    try:
        period = rules.find(PeriodKey.SUPPORT_APPLICATION_WINDOW, on=identified_on, regime=regime)
    except RuleMissing:
        return None
    return end_of(period, identified_on)


def end_of_assurance(rules: Rules, assured_on: date) -> End | None:
    """Until when an assurance of the directory holds and why; ``None`` while no period is set."""
    return _end_of_day(rules.find(PeriodKey.DIRECTORY_FRESHNESS, on=assured_on), assured_on)


@lru_cache(maxsize=4096)
def _end_of_day(period: Period, began_on: date) -> End | None:
    """Every search asks this of every programme, and there are as many answers as days."""
    return end_of(period, began_on)


def assured_until(rules: Rules, assured_on: date) -> datetime | None:
    """The moment at which an assurance of the directory ends."""
    end = end_of_assurance(rules, assured_on)
    return end.at if end else None
