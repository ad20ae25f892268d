"""The first look at what a person reports, which the owner of the case takes within days.

Whoever reports themselves is looked at first: the office that owns the case checks what was told,
under the law of 2024 it leads and the provincial police take part (Joint Circular 01/2014; Law
53/2024 Art. 27, replaced by Law 86/2025). It decides nothing: verification begins with the
reception, and whatever is found here, an authority decides. No text was seen that asks for it on
the other routes, where a body of the state has met the person already.
"""

from datetime import date
from enum import StrEnum

from services.intake.policy.progress import CaseStatus
from shared.contracts.vocabulary import Regime
from shared.law import regime_at


class InitialCheckOutcome(StrEnum):
    """What the first look has found; none of it ends the verification."""

    SIGNS_FOUND = "signs_found"
    """What was told has signs of trafficking."""
    PROVED_BY_PAPER = "proved_by_paper"
    """A paper is there that proves by law."""
    NO_SIGNS_FOUND = "no_signs_found"
    """No signs were found yet; never that the person said something false."""


CHECKED_WHILE = (CaseStatus.RECEIVED, CaseStatus.IN_VERIFICATION)
"""Until verification has an answer somebody waits for the first look; after it nobody does."""


def is_company_needed(received_on: date) -> bool:
    """Whether the first look counts only where an authority that verifies took part."""
    return regime_at(received_on) is Regime.LAW_2024


def is_day_fit(checked_on: date, *, received_on: date, today: date) -> bool:
    """Whether the first look can have been taken on this day."""
    return received_on <= checked_on <= today
