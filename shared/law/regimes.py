"""From which day each law on trafficking is in force."""

from datetime import date

FIRST_LAW_FROM = date(2012, 1, 1)
"""Law 66/2011/QH12, the first on trafficking, is in force from this day."""
NEW_LAW_FROM = date(2025, 7, 1)
"""Law 53/2024/QH15 is in force from this day, and Law 66/2011/QH12 until the day before."""
