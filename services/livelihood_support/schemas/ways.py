"""HTTP shapes of what stays open to somebody who was not identified."""

from uuid import UUID

from pydantic import AwareDatetime

from services.livelihood_support import examples
from services.livelihood_support.policy import WayMove, WayOn
from shared.kit.shapes import Shape, shown


class WayMoveCreate(Shape):
    """What the person said to a way on."""

    model_config = shown(examples.WAY_MOVE_CREATE)

    move: WayMove
    """Whether they take it."""


class WayRead(Shape):
    """Help that does not depend on being a victim, and what the person said to it."""

    model_config = shown(examples.WAY_READ)

    id: UUID
    """The id under which it is offered."""
    case_id: UUID
    """The id of the case."""
    way: WayOn
    """What is offered, as a code."""
    offered_at: AwareDatetime
    """Since when it is to be offered."""
    outcome: WayMove | None
    """What the person said; unset until they were asked."""
    settled_at: AwareDatetime | None
    """When that was recorded."""
    settled_by: str | None
    """Who recorded it: `client:` or `staff:` and an id."""
    version: int
    """The number in the ETag, which a move sends back as If-Match."""


class WayList(Shape):
    """What stays open to the person; the list is empty unless they were not identified."""

    model_config = shown(examples.WAY_LIST)

    items: list[WayRead]
    """What is offered, and what was."""
    may_change: bool
    """Whether your organisation owns the case today, and so offers it."""
