"""What every service tells of an alert that it raises; each under a type of its own."""

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import AwareDatetime, Field

from shared.contracts.base import Part
from shared.contracts.vocabulary import Queue, Role


class Alerted(Part):
    """Something that does not settle by itself, and who must act; told each time it is raised."""

    to: ClassVar[tuple[Queue, ...]] = (Queue.NOTIFICATION,)
    aggregate: ClassVar[str] = "case_id"
    moments: ClassVar[frozenset[str]] = frozenset({"occurred_at", "raised_at"})

    case_id: UUID
    alert_id: UUID
    """Another one each time it is raised."""
    kind: Annotated[str, Field(pattern="^[a-z]+(_[a-z]+)*$", max_length=40)]
    """A code of the sender's list of alerts; a later release may have more of them."""
    must_act: Role
    raised_at: AwareDatetime
