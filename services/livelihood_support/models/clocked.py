"""When something of an offer is due: its clock says so, and no column beside it."""

from datetime import datetime
from typing import Any

from sqlalchemy import ScalarSelect, select

from shared.clocks import CLOCKS


def due_at_of(object_id: Any, fact: str, began: Any) -> ScalarSelect[datetime | None]:
    """The end of what began at that moment, whether it is over or not.

    Unset where nothing has begun, or nobody knows how long it is.
    """
    clock = CLOCKS.c
    return (
        select(clock.due_at)
        .where(clock.object_id == object_id, clock.fact == fact, clock.started_at == began)
        .limit(1)
        .correlate_except(CLOCKS)
        .scalar_subquery()
    )
