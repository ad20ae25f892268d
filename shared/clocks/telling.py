"""What is told of a clock, in the shape that is the same of every service."""

from datetime import datetime
from typing import TypeVar

from shared.clocks.clock import Clock
from shared.contracts.base import Message

Told = TypeVar("Told", bound=Message)


def told(kind: type[Told], clock: Clock, now: datetime) -> Told:
    """That a clock was warned of, went on to the next level, or is late; ``kind`` says which."""
    return kind.model_validate(
        {
            "occurred_at": now,
            "case_id": clock.case_id,
            "clock_id": clock.id,
            "object_id": clock.object_id,
            "key": clock.key,
            "due_at": clock.due_at,
            "level": clock.level,
            "organisation_id": clock.level_holder_id,
        }
    )
