"""HTTP shapes of places that are held for people whose handover was announced."""

from datetime import date
from uuid import UUID

from pydantic import AwareDatetime, Field

from services.livelihood_support.examples import stays as examples
from services.livelihood_support.policy import HeldStatus, Lack
from services.livelihood_support.schemas.readiness import MOST
from shared.contracts.vocabulary import AgeBand, Sex
from shared.kit.shapes import Cursor, Shape, shown


class HandoverAnswer(Shape):
    """How many people of your facility go with whoever is escorted."""

    model_config = shown(examples.HANDOVER_ANSWER)

    escorts: int = Field(ge=0, le=MOST)
    """How many; 0 if nobody can."""


class HeldPlaceRead(Shape):
    """A place that is held for somebody, and what the house prepares for."""

    number: int
    """Their number in the notice."""
    age_band: AgeBand
    """How old the person is said to be."""
    sex: Sex
    """The sex of the person, as it was announced."""
    languages: list[str]
    """Languages the person speaks (BCP 47)."""
    needs_interpreter: bool
    """Whether the person needs an interpreter."""
    needs_escort: bool
    """Whether somebody goes with the person."""
    status: HeldStatus
    """Whether the place is held, was taken, or was released."""


class HandoverRead(Shape):
    """A handover for which places are held."""

    model_config = shown(examples.HANDOVER_READ)

    notice_id: UUID
    """The id of the notice, with intake."""
    expected_on: date
    """The day of the handover."""
    area_code: str
    """The commune in which the people are received."""
    area_on: date
    """The day by which that code is read."""
    is_cancelled: bool
    """Whether it was cancelled."""
    facility_id: UUID | None
    """The facility that holds the places; unset where none takes people in there."""
    asked_at: AwareDatetime
    """Since when it holds them for that day, or nobody does."""
    escorts: int | None
    """How many people of the facility go along; unset before it has said so."""
    answered_at: AwareDatetime | None
    """When it said so."""
    people: list[HeldPlaceRead]
    """Everybody who was announced, by number."""
    escorts_needed: int
    """How many of those who are to come must be escorted."""
    lacking: list[Lack]
    """What is to be seen to before they come, most pressing first."""


OF_HANDOVER = HandoverRead.model_fields.keys() - {"people", "escorts_needed", "lacking"}
"""What a handover says of itself."""


class HandoverList(Shape):
    """A page of handovers for which places are held."""

    model_config = shown(examples.HANDOVER_LIST)

    items: list[HandoverRead]
    """The handovers of this page."""
    next_cursor: Cursor = None
