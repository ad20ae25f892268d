"""What a person needs that cannot wait, and when each of it was met."""

from datetime import date
from uuid import UUID

from pydantic import AwareDatetime

from services.intake.examples.immediate_needs import (
    IMMEDIATE_NEEDS,
    NEED_END_CREATE,
    NEED_END_READ,
)
from services.intake.policy import Need, NeedOutcome
from shared.kit.shapes import Day, Shape, shown


class NeedEndCreate(Shape):
    """How a need that could not wait ended."""

    model_config = shown(NEED_END_CREATE)

    outcome: NeedOutcome
    """How it ended. That another body sees to it ends it not: that body says when it is met."""
    ended_on: Day
    """The day on which it was met, or was not wanted any more: not before the reception."""


class NeedEndRead(Shape):
    """The end of a need, as it was recorded."""

    model_config = shown(NEED_END_READ)

    id: UUID
    """The id of the record."""
    case_id: UUID
    """The id of the case."""
    need: Need
    """What the person needed."""
    outcome: NeedOutcome
    """How the need ended."""
    ended_on: date
    """The day on which it ended."""
    organisation_id: UUID
    """The organisation that says so."""
    recorded_at: AwareDatetime
    """When it was recorded."""


class ImmediateNeed(Shape):
    """One need that was stated when the person was received."""

    need: Need
    """What the person needs."""
    is_open: bool
    """Whether somebody must see to it still."""
    outcome: NeedOutcome | None
    """How it ended; unset while it is open, and where an earlier release ended all of them as one.
    """
    ended_on: date | None
    """The day on which it ended."""
    organisation_id: UUID | None
    """Who said so; shown to case owners, and to whoever it was."""
    recorded_at: AwareDatetime | None
    """When it was said; shown to the same."""


class ImmediateNeeds(Shape):
    """What could not wait in a case when the person was received, and what became of it."""

    model_config = shown(IMMEDIATE_NEEDS)

    case_id: UUID
    """The id of the case."""
    case_code: str
    """The code by which people name the case."""
    since: AwareDatetime | None
    """Since when it cannot wait: when the person was received; unset where nothing was stated."""
    settled_at: AwareDatetime | None
    """When the last of it ended."""
    must_act: bool
    """Whether you may say how what is open has ended."""
    items: list[ImmediateNeed]
    """Each need that was stated."""
