"""Hands messages to the handlers of their types, and records what a handler refuses."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from shared.contracts import BY_TYPE, Message
from shared.kit import audit, trace
from shared.kit.clock import Clock
from shared.kit.database import savepoint
from shared.kit.errors import DomainError, NotYet
from shared.kit.logging import describe, logger
from shared.messaging import inbox, outbox
from shared.messaging.consumer import Consumer, actor_of
from shared.messaging.deadline import deadline
from shared.messaging.envelope import Envelope, Unacceptable
from shared.messaging.inbox import InboxState
from shared.messaging.parking import ParkedReason

Told = tuple[Envelope, Message]
"""What arrived, and what it says."""

Progress = Callable[[], None]
"""Called after each step that has ended, so that a watchdog can tell work from standing still."""


def unwatched() -> None:
    """Progress that nobody watches."""


class Handling:
    """What a service does with messages, within a transaction that somebody else has opened."""

    def __init__(
        self, consumer: Consumer, clock: Clock, *, seconds: float, progress: Progress
    ) -> None:
        self._consumer = consumer
        self._order = {each: place for place, each in enumerate(consumer.handlers)}
        self._clock = clock
        self._seconds = seconds
        self._progress = progress

    def together(self, session: Session, envelopes: Sequence[Envelope]) -> None:
        """Call the handlers by type, never with two messages of one aggregate at a time."""
        now = self._clock()
        self._progress()
        with deadline(self._seconds):
            told = [(envelope, envelope.message()) for envelope in envelopes]
            _remember_traces(session, told)
            calls = _calls(told, self._order)
            self._consumer.take_locks(session, [it for _, messages in calls for it in messages])
            for message_type, messages in calls:
                handler = self._consumer.handlers.get(message_type)
                if handler is None:
                    raise Unacceptable(ParkedReason.NO_HANDLER)
                handler(session, messages, now)
            session.flush()
        self._progress()

    def alone(self, session: Session, envelopes: Sequence[Envelope]) -> None:
        """As above for a single message, whose refusal is recorded as its outcome."""
        (envelope,) = envelopes
        try:
            with savepoint(session):
                self.together(session, envelopes)
        except NotYet:
            raise
        except DomainError as refusal:
            self._record_refusal(session, envelope, refusal)

    def _record_refusal(self, session: Session, envelope: Envelope, refusal: DomainError) -> None:
        inbox.mark(session, envelope.message_id, InboxState.REFUSED, refusal.code())
        audit.record(
            session,
            actor=actor_of(BY_TYPE[envelope.type]),
            action="handle_message",
            object_id=UUID(envelope.aggregate_id),
            now=self._clock(),
            outcome=refusal.code(),
        )


def log_failure(envelope: Envelope, fault: Exception, attempts: int) -> None:
    """What failed and where, never what it said."""
    logger().warning(
        "handling_failed",
        **describe(fault),
        attempts=attempts,
        message_id=envelope.message_id,
        message_type=envelope.type,
    )


def _calls(
    told: Sequence[Told], order: Mapping[type[Message], int]
) -> list[tuple[type[Message], list[Message]]]:
    """The calls to make, in order: the first message of each aggregate, then the second.

    Of messages whose order nobody has fixed, the types come as the service has registered them:
    causes first. As they arrived, a conclusion of one frame would call for all conclusions, also
    for that of a case which another frame brings.
    """
    seen: dict[tuple[str, str], int] = defaultdict(int)
    waves: dict[int, dict[type[Message], list[Message]]] = defaultdict(lambda: defaultdict(list))
    for envelope, message in told:
        place = (envelope.source, envelope.aggregate_id)
        waves[seen[place]][type(message)].append(message)
        seen[place] += 1
    return [
        (each, waves[wave][each])
        for wave in sorted(waves)
        for each in sorted(waves[wave], key=lambda it: order.get(it, len(order)))
    ]


def _remember_traces(session: Session, told: Sequence[Told]) -> None:
    """What the handlers tell continues the trace of the message about the same aggregate."""
    session.info[outbox.TRACES] = {
        message.aggregate_id: trace.step_of(envelope.traceparent) for envelope, message in told
    }
