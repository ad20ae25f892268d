"""Where a person is kept safe: told once, and shown in the file alone."""

from uuid import UUID

from pydantic import AwareDatetime

from services.intake.examples import refuges as examples
from services.intake.schemas.shape import Lines
from shared.kit.shapes import Shape, shown


class RefugeCreate(Shape):
    """Where the person is kept safe from now on."""

    model_config = shown(examples.REFUGE_CREATE)

    place: Lines
    """The place, in words; sealed, and read in the file by the assigned protector and facility."""


class RefugeRead(Shape):
    """That it is known where the person is kept safe; never where."""

    model_config = shown(examples.REFUGE_READ)

    id: UUID
    """The id of this record."""
    case_id: UUID
    """The id of the case."""
    recorded_at: AwareDatetime
    """When it was recorded."""
    ended_at: AwareDatetime | None
    """When the person was there no more, and the place was destroyed; unset while it holds."""
