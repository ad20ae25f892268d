"""From which day each law on trafficking is in force, as the rows say."""

from shared.contracts.vocabulary import Regime
from shared.law.entitlements import rulebook

FIRST_LAW_FROM = rulebook().bases[Regime.LAW_2011].valid_from
"""Law 66/2011/QH12, the first on trafficking, is in force from this day."""
NEW_LAW_FROM = rulebook().bases[Regime.LAW_2024].valid_from
"""Law 53/2024/QH15 is in force from this day, and Law 66/2011/QH12 until the day before."""
