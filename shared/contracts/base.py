"""What every message is: frozen, versioned by its type, addressed by its class."""

from typing import Any, ClassVar
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict

from shared.contracts.vocabulary import Queue
from shared.forms import Strict


class Part(Strict):
    """A message, or a part of one: every value in the one form in which it is written.

    A field of a later release is passed over.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Message(Part):
    """A fact or an order that crosses a service boundary: ids, codes, dates; never identity.

    A subclass declares its wire ``type`` (``<service>.<event>.v<n>``), the queues it goes ``to``
    and which field is its ``aggregate``: messages of one aggregate reach one queue in order.
    A new optional field keeps the version; any other change is a new class with a new version.
    """

    type: ClassVar[str]
    to: ClassVar[tuple[Queue, ...]]
    formerly_to: ClassVar[tuple[Queue, ...]] = ()
    """Queues it went to in the release before, which still take what that has told."""
    aggregate: ClassVar[str]
    moments: ClassVar[frozenset[str]] = frozenset({"occurred_at"})
    """Fields that only say when it was told or done, and differ if the same work is done again.

    Any other instant is part of what is said: a later one says something else.
    """
    passed_on: ClassVar[frozenset[str]] = frozenset()
    """Fields that repeat what another service told, and are no part of what this one says."""
    source: ClassVar[Queue]
    """The only service that may tell it: the first word of its type."""

    occurred_at: AwareDatetime

    @property
    def aggregate_id(self) -> UUID:
        """The id whose messages keep their order."""
        value: UUID = getattr(self, self.aggregate)
        return value

    @classmethod
    def is_for(cls, queue: str) -> bool:
        """Whether a service takes it."""
        return queue in (*cls.to, *cls.formerly_to)

    @classmethod
    def __pydantic_init_subclass__(cls, **_options: Any) -> None:
        """Know the sender from the type; raises ``ValueError`` for a type of no service."""
        cls.source = Queue(cls.type.partition(".")[0])


__all__ = ["Message", "Part", "Queue"]
