"""The correction of a birth date, or of when an act began and ended."""

from typing import Self
from uuid import UUID

from pydantic import AwareDatetime, model_validator
from pydantic_core import PydanticCustomError

from services.intake import examples
from services.intake.policy import Birth, CorrectionReason, Rule
from services.intake.schemas.shape import DayAbout, Year
from shared.contracts.vocabulary import AgeBand
from shared.kit.shapes import Day, Shape, shown


class CorrectionCreate(Shape):
    """What is known now; a field that is left out stays as it was told."""

    model_config = shown(examples.CORRECTION_CREATE)

    birth_date: Day | None = None
    """The date of birth, YYYY-MM-DD. Give either this or the year."""
    birth_year: Year | None = None
    """The year of birth, if the date is not known after all."""
    began: DayAbout | None = None
    """When what was done to the person began: `2019-05-04`, `2019-05` or `2019`."""
    ended: DayAbout | None = None
    """When it ended, in the same form."""
    reason: CorrectionReason
    """Why it is another now, as a code."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.birth_date and self.birth_year:
            raise PydanticCustomError(Rule.EITHER_DATE_OR_YEAR, "either a date or a year of birth")
        if not (self.birth_date or self.birth_year or self.began or self.ended):
            raise PydanticCustomError(Rule.NOTHING_CORRECTED, "nothing is corrected")
        return self

    def birth(self) -> Birth | None:
        """The birth as it is known now; unset if it is not corrected."""
        if self.birth_date:
            return Birth(self.birth_date.year, self.birth_date)
        return Birth(self.birth_year) if self.birth_year else None


class CorrectionRead(Shape):
    """That a case was corrected, and what follows; what was corrected stays sealed."""

    model_config = shown(examples.CORRECTION_READ)

    id: UUID
    """The id of the correction."""
    case_id: UUID
    """The id of the case."""
    reason: CorrectionReason
    """Why something is another now, as a code."""
    at: AwareDatetime
    """When it was corrected."""
    age_band: AgeBand
    """The age band of the person now."""
    was_minor_at_act: bool | None
    """Whether what was done began before the person was 18; unset if that is not known."""
    version: int
    """The number in the ETag of the case after the correction."""
