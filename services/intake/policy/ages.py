"""Ages. Only the band leaves the vault."""

from dataclasses import dataclass
from datetime import date

from shared.contracts.vocabulary import AgeBand

LAST_DAY = (12, 31)
ADULTHOOD = 18
LONGEST_LIFE = 122
"""Years of the oldest person whose age is proven."""


@dataclass(frozen=True, repr=False)
class Birth:
    """A date of birth, or only its year."""

    year: int
    day: date | None = None

    def age_on(self, today: date) -> int:
        """Full years on a day.

        Where only the year is known, the last day of that year is taken: the younger reading,
        because treating a child as an adult withholds protection and the opposite costs little.
        """
        month_and_day = (self.day.month, self.day.day) if self.day else LAST_DAY
        is_before = (today.month, today.day) < month_and_day
        return today.year - self.year - int(is_before)

    def is_before(self, day: date) -> bool:
        """Whether this had happened by a day; of a year alone, whether it can have."""
        return self.day <= day if self.day else self.year <= day.year

    def is_after(self, today: date) -> bool:
        """Whether this cannot have happened yet."""
        return self.day > today if self.day else self.year > today.year


def age_band(birth: Birth, today: date) -> AgeBand:
    """A child is under 16 (Law on Children 2016), a minor under 18 (Law 53/2024)."""
    age = birth.age_on(today)
    if age < 16:
        return AgeBand.UNDER_16
    return AgeBand.UNDER_18 if age < ADULTHOOD else AgeBand.ADULT
