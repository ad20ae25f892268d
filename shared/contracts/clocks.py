"""What every service tells of the periods it keeps; each under types of its own."""

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import AwareDatetime, Field

from shared.contracts.base import Part
from shared.contracts.vocabulary import ClockLevel, Queue


class Clocked(Part):
    """A period of a thing in a case nears its end, or is over; and to whom that has come."""

    to: ClassVar[tuple[Queue, ...]] = (Queue.INTAKE,)
    aggregate: ClassVar[str] = "case_id"

    case_id: UUID
    clock_id: UUID
    object_id: UUID
    """The thing of which the period is, at the sender."""
    key: Annotated[str, Field(pattern="^[a-z_]+\\.[a-z_]+$", max_length=60)]
    """The name of the row of law; a later release may have more of them."""
    due_at: AwareDatetime
    """The first moment after the period."""
    level: ClockLevel
    organisation_id: UUID | None = None
    """Whoever holds that level today; unset where nobody does."""
