"""HTTP shapes of the places in programmes."""

from uuid import UUID

from services.livelihood_support import examples
from services.livelihood_support.policy import Exclusion
from shared.kit.shapes import Cursor, Shape, shown
from shared.law.shapes import EndRead


class PlacesRead(Shape):
    """The places of one programme, and whether anybody can be referred to it now."""

    id: UUID
    """The id of the programme, the same in every service."""
    capacity: int
    """How many places it has."""
    held: int
    """How many are held by whoever was asked for, or is served."""
    free: int
    """How many nobody holds."""
    assured_until: EndRead | None
    """Until when somebody answers for the programme, and why until then; unset if nobody does, and
    while no period is set.
    """
    closed_by: Exclusion | None
    """Why nobody at all is referred to it now: `inactive`, `not_assured` or `no_free_place`."""


class PlacesList(Shape):
    """A page of programmes with their places."""

    model_config = shown(examples.PLACES_LIST)

    items: list[PlacesRead]
    """The programmes of this page, in the order of their ids."""
    next_cursor: Cursor = None
