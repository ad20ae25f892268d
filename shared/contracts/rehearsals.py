"""What services that act on dated rows answer to a proposal; each under a type of its own."""

from typing import ClassVar
from uuid import UUID

from shared.contracts.base import Part
from shared.contracts.vocabulary import Queue


class Rehearsed(Part):
    """How far a row would reach that somebody proposed, if it had been published then."""

    to: ClassVar[tuple[Queue, ...]] = (Queue.DIRECTORY,)
    aggregate: ClassVar[str] = "rule_id"

    rule_id: UUID
    running: int | None = None
    """Dates of its kind that ran then; unset where nobody counts them."""
    moved: int
    """Of these, those that would end at another moment."""
