"""What was given to a person directly, and how much of a ceiling it leaves.

A text names the most that is given of some entitlements, or a sum that is given once. What was
given by hand and what a referral brought count against it alike.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from shared.law.entitlements import Amount, AmountKind

LIMITING = frozenset({AmountKind.ONCE, AmountKind.MOST})
"""The kinds of sum that are a ceiling. What is given for each day is counted by days instead."""


class ProvisionPaper(StrEnum):
    """What a person signs, or an office issues, when something is given."""

    RECEIPT = "receipt"
    HANDOVER_RECORD = "handover_record"
    DECISION = "decision"
    PAYMENT_ORDER = "payment_order"


class ProvisionMove(StrEnum):
    """What is done with a provision that was recorded."""

    ENTERED_IN_ERROR = "entered_in_error"


class ProvisionError(StrEnum):
    """What was wrong about a record."""

    NOT_GIVEN = "not_given"
    WRONG_PERSON = "wrong_person"
    WRONG_AMOUNT = "wrong_amount"
    WRONG_CODE = "wrong_code"
    WRONG_DAY = "wrong_day"
    RECORDED_TWICE = "recorded_twice"


@dataclass(frozen=True)
class Given:
    """What a person has had of one code so far."""

    times: int = 0
    """How often something was given directly."""
    vnd: int = 0
    """The sums that were recorded, in đồng."""
    days: int = 0
    """For how many days."""
    referrals: int = 0
    """How many referrals have brought it."""
    unstated: int = 0
    """Of these, those of which no sum was recorded."""


def ceiling_of(amounts: Iterable[Amount]) -> Amount | None:
    """The row that limits what is given, set or not; none where no text names one."""
    return next((each for each in amounts if each.kind in LIMITING), None)


def remaining(ceiling: Amount | None, given: Given) -> int | None:
    """What may still be given, in đồng; unset where no ceiling is known.

    What is given once was given whole where a referral brought it and nobody recorded a sum.
    """
    if ceiling is None or ceiling.vnd is None:
        return None
    if ceiling.kind is AmountKind.ONCE and given.unstated:
        return 0
    return max(0, ceiling.vnd - given.vnd)
