"""From which day each law on trafficking is in force, as the rows say, and which one a day has."""

from datetime import date

from shared.contracts.vocabulary import Regime
from shared.law.entitlements import rulebook

FIRST_LAW_FROM = rulebook().bases[Regime.LAW_2011].valid_from
"""Law 66/2011/QH12, the first on trafficking, is in force from this day."""
NEW_LAW_FROM = rulebook().bases[Regime.LAW_2024].valid_from
"""Law 53/2024/QH15 is in force from this day, and Law 66/2011/QH12 until the day before."""


def regime_at(day: date) -> Regime:
    """The law of a day. A case has that of its identification (Law 53/2024 Art. 63).

    Until someone is identified, the case runs on the law of the day it was received. A paper that
    proves identified the person on the day it was issued, whenever it is shown.
    """
    return Regime.LAW_2011 if day < NEW_LAW_FROM else Regime.LAW_2024
