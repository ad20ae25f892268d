"""Which rows of the law a verification runs on."""

from datetime import date

from shared.contracts.vocabulary import Regime, VerificationOutcome
from shared.law import Period, PeriodKey, Rules

ASKED = "verification.requested"
"""What the period of a decision begins with: an authority was asked for the first time."""
DECIDED = "verification.concluded"
"""What the window to complain begins with: a decision that did not identify."""
COMPLAINED = "complaint.received"
"""What the period of an answer begins with."""


DECISIONS = frozenset({PeriodKey.VERIFICATION_NORMAL, PeriodKey.VERIFICATION_EXTENDED})
"""The periods by which a decision is due."""


def period_of(rules: Rules, regime: Regime, *, is_extended: bool, on: date) -> Period:
    """How long a verification may take that was requested of its authority on a day."""
    key = PeriodKey.VERIFICATION_EXTENDED if is_extended else PeriodKey.VERIFICATION_NORMAL
    return rules.find(key, on=on, regime=regime)


def complaint_period(
    rules: Rules, outcome: VerificationOutcome | None, *, on: date
) -> Period | None:
    """The window to complain in, which only a negative decision opens.

    It runs from the day the person learns of the decision, which is not before it was taken.
    """
    if outcome is not VerificationOutcome.NOT_IDENTIFIED:
        return None
    return rules.find(PeriodKey.COMPLAINT_WINDOW, on=on)


def answer_period(rules: Rules, on: date) -> Period:
    """How long a complaint that came on a day may wait for its answer."""
    return rules.find(PeriodKey.COMPLAINT_ANSWER, on=on)


PROTECTION_ASKED = "protection.requested"
"""What the period of a decision about protection begins with."""


def protection_period(rules: Rules, regime: Regime, *, on: date) -> Period:
    """How long a decision about protection may take that was asked for on a day."""
    return rules.find(PeriodKey.PROTECTION_DECISION, on=on, regime=regime)
