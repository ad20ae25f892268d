"""Collects the handlers of a service, as a router collects routes."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from shared.contracts.base import Message, Queue

M = TypeVar("M", bound=Message)

FrameHandler = Callable[[Session, Sequence[Any], datetime], None]
"""Handles messages of one type, at most one of each aggregate, in one transaction: as many as a
worker takes at once (``gathering.MOST``)."""

FrameLock = Callable[[Session, Sequence[Message]], None]
"""Takes every lock that the handlers of these messages need, in the one order of the service."""


def actor_of(message_type: type[Message]) -> str:
    """How the audit names a change that a message brought about: by the type of the message."""
    return f"message:{message_type.type}"


class Consumer:
    """The messages a service understands and what it does with each."""

    def __init__(self, queue: Queue) -> None:
        self.queue = queue
        self.handlers: dict[type[Message], FrameHandler] = {}
        """In the order in which they are called for what was told at once: causes first."""
        self._lock: FrameLock | None = None

    def lock_first(self, lock: FrameLock) -> FrameLock:
        """Call this with all messages of a frame before any handler is called with some of them.

        A frame is one transaction, so its handlers together take locks in the order in which its
        messages happen to stand. Two such transactions could wait for each other.
        """
        if self._lock is not None:
            raise ValueError(f"{self.queue} has its order of locks already")
        self._lock = lock
        return lock

    def take_locks(self, session: Session, messages: Sequence[Message]) -> None:
        """Lock what the handlers of these messages will change; nothing where none is needed."""
        if self._lock is not None:
            self._lock(session, messages)

    def on(
        self,
        message_type: type[M],
    ) -> Callable[[Callable[[Session, M, datetime], None]], Callable[[Session, M, datetime], None]]:
        """Handle one message at a time."""

        def register(
            handler: Callable[[Session, M, datetime], None],
        ) -> Callable[[Session, M, datetime], None]:
            def each(session: Session, messages: Sequence[M], now: datetime) -> None:
                for message in messages:
                    handler(session, message, now)

            self._register(message_type, each)
            return handler

        return register

    def on_many(
        self,
        message_type: type[M],
    ) -> Callable[
        [Callable[[Session, Sequence[M], datetime], None]],
        Callable[[Session, Sequence[M], datetime], None],
    ]:
        """Handle all messages of this type in a frame together, where that is much cheaper."""

        def register(
            handler: Callable[[Session, Sequence[M], datetime], None],
        ) -> Callable[[Session, Sequence[M], datetime], None]:
            self._register(message_type, handler)
            return handler

        return register

    def _register(self, message_type: type[Message], handler: FrameHandler) -> None:
        if not message_type.is_for(self.queue):
            raise ValueError(f"{message_type.type} is not addressed to {self.queue}")
        if message_type in self.handlers:
            raise ValueError(f"{message_type.type} has a handler already")
        self.handlers[message_type] = handler
