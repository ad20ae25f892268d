"""HTTP shapes of what facilities have ready."""

from datetime import date
from uuid import UUID

from pydantic import AwareDatetime, Field

from services.livelihood_support.examples import stays as examples
from services.livelihood_support.policy import Equipment, Lack
from shared.kit.languages import Language
from shared.kit.shapes import Shape, shown

MOST = 1000
"""More rooms, places or people who work there than any facility has."""


class ReadinessSheetCreate(Shape):
    """What your facility has, from a day on."""

    model_config = shown(examples.SHEET_CREATE)

    valid_from: date
    """The first day on which that is so."""
    rooms: int = Field(ge=0, le=MOST)
    """How many rooms people sleep in."""
    places: int = Field(ge=0, le=MOST)
    """How many people can sleep there."""
    staff: int = Field(ge=0, le=MOST)
    """How many people work there with whoever stays."""
    interpreters: tuple[Language, ...] = Field(default=(), max_length=30)
    """The languages that somebody there interprets, as BCP 47 tags."""
    equipment: frozenset[Equipment] = frozenset()
    """What of the list there is."""


class ReadinessSheetRead(Shape):
    """A sheet as it was written; the newest one that holds today counts."""

    model_config = shown(examples.SHEET_READ)

    id: UUID
    """The id of this sheet."""
    facility_id: UUID
    """The id of the facility."""
    valid_from: date
    """The first day on which that is so."""
    rooms: int
    """How many rooms people sleep in."""
    places: int
    """How many people can sleep there."""
    staff: int
    """How many people work there with whoever stays."""
    interpreters: list[str]
    """The languages that somebody there interprets, as BCP 47 tags."""
    equipment: list[Equipment]
    """What of the list there is."""
    written_by: str
    """Who wrote it: `client:` or `staff:` and an id."""
    written_at: AwareDatetime
    """When it was written."""


class AttestationRead(Shape):
    """Who has said that a sheet is true, which somebody else wrote."""

    model_config = shown(examples.ATTESTATION_READ)

    sheet_id: UUID
    """The id of the sheet."""
    attested_by: str
    """Who attested it: `client:` or `staff:` and an id."""
    attested_at: AwareDatetime
    """When it was attested."""


class ReadinessRead(Shape):
    """One facility tonight, in numbers; nothing of a person."""

    facility_id: UUID
    """The id of the facility."""
    sheet: ReadinessSheetRead | None
    """The sheet that counts today; unset while there is none."""
    attestation: AttestationRead | None
    """Who attested that sheet; unset while nobody has."""
    staying: int
    """How many people stay there."""
    announced: int
    """How many people are expected."""
    held: int
    """How many people of announced handovers are to come, who are no cases yet."""
    free: int | None
    """How many more could come if everybody came who is expected; below 0 if they are too many,
    unset while there is no sheet.
    """
    lacking: list[Lack]
    """What is to be seen to, most pressing first."""
    missing_equipment: list[Equipment]
    """What of the list there is not."""


class ReadinessList(Shape):
    """Every facility that you may read of."""

    model_config = shown(examples.READINESS_LIST)

    items: list[ReadinessRead]
    """The facilities that take people in today."""
