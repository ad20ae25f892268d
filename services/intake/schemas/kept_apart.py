"""HTTP shapes of people who are kept apart: that it is so, and why for the few who may open it."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, Field, model_validator
from pydantic_core import PydanticCustomError

from services.intake.examples import advance_notices as examples
from services.intake.policy import MOST_EXPECTED, ApartEnd, Rule
from services.intake.schemas.shape import Distinct, Lines
from shared.kit.shapes import Shape, shown

Number = Annotated[int, Field(ge=1, le=MOST_EXPECTED)]


class KeptApartCreate(Shape):
    """Two people who are to be kept apart: of one notice by number, or two cases."""

    model_config = shown(examples.APART_CREATE)

    notice_id: UUID | None = None
    """The notice that both are announced in; with `numbers`."""
    numbers: Annotated[tuple[Number, Number], Distinct] | None = None
    """Their numbers in it."""
    case_ids: Annotated[tuple[UUID, UUID], Distinct] | None = None
    """The two cases, in place of notice and numbers."""
    reason: Lines
    """Why, in words; sealed, and opened only by whoever told it, whoever owns both cases, and a
    facility that has a part in both.
    """

    @model_validator(mode="after")
    def _names_two(self) -> Self:
        is_numbered = self.notice_id is not None and self.numbers is not None
        has_part = self.notice_id is not None or self.numbers is not None
        if is_numbered is not has_part or is_numbered is (self.case_ids is not None):
            raise PydanticCustomError(Rule.EITHER_NUMBERS_OR_CASES, "numbers or cases")
        return self


class KeptApartTold(Shape):
    """That two people are kept apart; neither who they are nor why."""

    model_config = shown(examples.APART_TOLD)

    id: UUID
    """The id of the flag."""
    told_at: AwareDatetime
    """When it was told, and since when the two are kept apart."""
    ended_at: AwareDatetime | None
    """When it ended; unset while it holds."""


class KeptApartEnd(Shape):
    """Why two people need to be kept apart no more."""

    model_config = shown(examples.APART_END)

    reason: ApartEnd
    """Why, as a code. What was told before is destroyed."""


class KeptApartOpened(Shape):
    """Why two people are kept apart."""

    model_config = shown(examples.APART_OPENED)

    id: UUID
    """The id of the flag."""
    reason: str
    """Why, as it was told."""


class KeptApartRead(Shape):
    """A flag as you may see it."""

    id: UUID
    """The id of the flag."""
    told_at: AwareDatetime
    """When it was told, and since when the two are kept apart."""
    numbers: tuple[int, int] | None
    """The two by their numbers in the notice; unset where it is read of a case."""
    other_case_id: UUID | None
    """The other case, where you may know of both."""
    other_case_code: str | None
    """Its code, where you may know of both."""
    is_same_house: bool
    """Whether the two are in one house, or are expected there."""
    may_open: bool
    """Whether you may open why."""
    may_end: bool
    """Whether you may end it."""


class KeptApartList(Shape):
    """From whom somebody is kept apart, as far as you may see it."""

    model_config = shown(examples.APART_LIST)

    items: list[KeptApartRead]
    """The flags that hold, the first that was told first."""
