"""Ages. Only the band leaves the vault."""

from dataclasses import dataclass
from datetime import date

from shared.contracts.vocabulary import AgeBand

LAST_DAY = (12, 31)
YOUTH = 16
"""From this age on a person is no child any more (Law on Children 2016)."""
ADULTHOOD = 18
MONTHS = 12
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

    def reaches(self, age: int) -> date:
        """The first day on which the person is of an age."""
        year = self.year + age
        month, day = (self.day.month, self.day.day) if self.day else LAST_DAY
        try:
            return date(year, month, day)
        except ValueError:  # 29 February
            return date(year, 3, 1)

    def is_before(self, day: date) -> bool:
        """Whether this had happened by a day; of a year alone, whether it can have."""
        return self.day <= day if self.day else self.year <= day.year


def age_band(birth: Birth, today: date) -> AgeBand:
    """A child is under 16 (Law on Children 2016), a minor under 18 (Law 53/2024)."""
    age = birth.age_on(today)
    if age < YOUTH:
        return AgeBand.UNDER_16
    return AgeBand.UNDER_18 if age < ADULTHOOD else AgeBand.ADULT


AFTER = {AgeBand.UNDER_16: AgeBand.UNDER_18, AgeBand.UNDER_18: AgeBand.ADULT}
"""The band that follows on each; on the last one none does."""
YEARS_OF_YOUTH = ADULTHOOD - YOUTH


def band_ends_on(birth: Birth, today: date) -> date | None:
    """From when the next band counts: the first day of a month, on the birthday or after it.

    Kept in the clear, and told of when it comes, the birthday itself would be the birth date. So
    all whose birthdays lie in one month change together, at its end, and count as younger until
    then: as with a year of birth alone, that withholds nothing from anybody.
    """
    band = age_band(birth, today)
    if band is AgeBand.ADULT:
        return None
    birthday = birth.reaches(YOUTH if band is AgeBand.UNDER_16 else ADULTHOOD)
    if birthday.day == 1:
        return birthday
    return next_month(birthday)


def next_month(day: date) -> date:
    """The first day of the month after that of a day."""
    year, month = divmod(day.month, MONTHS)
    return date(day.year + year, month + 1, 1)


def next_band_ends_on(band: AgeBand, ended_on: date) -> date | None:
    """The same for the band that began on such a day: known without the birth date."""
    if band is AgeBand.ADULT:
        return None
    return ended_on.replace(year=ended_on.year + YEARS_OF_YOUTH)
