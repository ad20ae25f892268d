"""From a frame off the queue to effects in the database: each message once, in its turn.

One transaction handles a frame. If it fails, each message is handled alone, so one bad message
never fails its neighbours: a refusal is recorded, what is not possible yet or failed is held and
tried again, what used up its tries is parked. When this returns, every message of the frame has a
committed inbox row; when the database is down it raises, and the senders will send again.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from shared.contracts import Message
from shared.kit import audit, trace
from shared.kit.clock import Clock
from shared.kit.database import Begin, savepoint
from shared.kit.errors import DomainError, NotYet
from shared.kit.logging import describe, logger
from shared.messaging import holding, inbox, outbox, parking, refusals, turns
from shared.messaging.consumer import Consumer
from shared.messaging.deadline import deadline
from shared.messaging.envelope import Envelope, Links, Unacceptable, open_envelope
from shared.messaging.holding import Held
from shared.messaging.inbox import HeldReason, InboxState, Intent
from shared.messaging.parking import ParkedReason

DatabaseDown = (OperationalError, InterfaceError, PoolTimeout)
"""No try is counted against a message for these: nothing could be recorded anyway."""


class Delivery:
    """Handles what a service's queue brings."""

    def __init__(
        self,
        consumer: Consumer,
        begin: Begin,
        links: Links,
        clock: Clock,
        *,
        handler_seconds: float,
    ) -> None:
        self._consumer = consumer
        self._begin = begin
        self._links = links
        self._clock = clock
        self._seconds = handler_seconds

    def deliver(self, frame: Sequence[Any]) -> list[Envelope]:
        """Handle a frame; returns the messages whose senders may forget them."""
        envelopes = self._open(frame)
        if not envelopes:
            return []
        with self._begin() as session:
            intent = inbox.begin_frame(session, envelopes)
        one_by_one = intent.again
        is_done_together = bool(intent.first) and self._together(intent)
        if not is_done_together:
            one_by_one = (*intent.first, *intent.again)
        for envelope in one_by_one:
            self._alone(envelope)
        if not is_done_together:
            with self._begin() as session:
                inbox.end_frame(session, intent.frame_id)
        return envelopes

    def drain_held(self) -> int:
        """Try every held message that is due; returns how many tries were made."""
        tries = 0
        while held := self._next_due():
            self._retry(held)
            tries += 1
        return tries

    def _open(self, frame: Sequence[Any]) -> list[Envelope]:
        accepted: dict[UUID, Envelope] = {}
        for wire in frame:
            try:
                envelope = open_envelope(self._links, wire)
            except Unacceptable as refused:
                self._refuse(wire, refused)
            else:
                accepted[envelope.message_id] = envelope
        return list(accepted.values())

    def _refuse(self, wire: Any, refused: Unacceptable) -> None:
        logger().warning("envelope_refused", reason=refused.reason)
        with self._begin() as session:
            refusals.refuse(session, wire, refused.reason)

    def _together(self, intent: Intent) -> bool:
        """Handle the messages never begun before in one transaction; False if that failed."""
        try:
            self._claim_and_apply(intent.first, self._apply, frame_id=intent.frame_id)
        except DatabaseDown:
            raise
        except Exception as fault:  # noqa: BLE001 - whatever it was, each message meets it alone
            logger().info("frame_split", error=type(fault).__name__, count=len(intent.first))
            return False
        return True

    def _alone(self, envelope: Envelope) -> None:
        with self._begin() as session:
            attempts = inbox.count_attempt(session, envelope)
        if attempts > inbox.MOST_ATTEMPTS:
            self._park(envelope, ParkedReason.ATTEMPTS_EXHAUSTED, attempts)
            return
        try:
            self._claim_and_apply([envelope], self._apply_one)
        except DatabaseDown:
            raise
        except Unacceptable as refused:
            self._park(envelope, ParkedReason(refused.reason), attempts)
        except NotYet:
            self._hold(envelope, HeldReason.NOT_YET, attempts)
        except Exception as fault:  # noqa: BLE001 - recorded, tried again, parked in the end
            self._log(envelope, fault, attempts)
            self._hold(envelope, HeldReason.FAULT, attempts)

    def _claim_and_apply(
        self,
        envelopes: Sequence[Envelope],
        apply: Callable[[Session, Sequence[Envelope]], None],
        *,
        frame_id: UUID | None = None,
    ) -> None:
        with self._begin() as session:
            claim = inbox.claim(session, envelopes, frame_id)
            if frame_id is None:
                inbox.forget_attempts(session, envelopes)
            if claim.out_of_turn:
                turns.settle(session, claim.out_of_turn, self._clock())
            if claim.ready:
                apply(session, claim.ready)
            # A frame with a gap in it is held whole, so its own beginning may be what is next.
            may_wake = claim.has_waiting or bool(claim.out_of_turn)
            if may_wake:
                inbox.wake_successors(session, envelopes)
        if may_wake:
            self.drain_held()

    def _apply(self, session: Session, envelopes: Sequence[Envelope]) -> None:
        """Hand messages to their handlers, by type, never two of one aggregate at a time."""
        now = self._clock()
        _remember_traces(session, envelopes)
        with deadline(self._seconds):
            calls = list(_calls(envelopes))
            self._consumer.take_locks(session, [it for _, messages in calls for it in messages])
            for message_type, messages in calls:
                handler = self._consumer.handlers.get(message_type)
                if handler is None:
                    raise Unacceptable(ParkedReason.NO_HANDLER)
                handler(session, messages, now)
            session.flush()

    def _apply_one(self, session: Session, envelopes: Sequence[Envelope]) -> None:
        """As above for a single message, whose refusal is recorded as its outcome."""
        (envelope,) = envelopes
        try:
            with savepoint(session):
                self._apply(session, envelopes)
        except NotYet:
            raise
        except DomainError as refusal:
            self._record_refusal(session, envelope, refusal)

    def _record_refusal(self, session: Session, envelope: Envelope, refusal: DomainError) -> None:
        inbox.mark(session, envelope.message_id, InboxState.REFUSED, refusal.code())
        audit.record(
            session,
            actor=f"message:{envelope.type}",
            action="handle_message",
            object_id=envelope.aggregate_id,
            now=self._clock(),
            outcome=refusal.code(),
        )

    def _hold(self, envelope: Envelope, reason: HeldReason, attempts: int) -> None:
        with self._begin() as session:
            holding.keep(session, envelope, reason, attempts)

    def _park(self, envelope: Envelope, reason: ParkedReason, attempts: int) -> None:
        logger().error(
            "message_parked",
            reason=reason,
            message_id=str(envelope.message_id),
            message_type=envelope.type,
        )
        with self._begin() as session:
            parking.park_new(session, envelope, reason, attempts)

    def _next_due(self) -> Held | None:
        with self._begin() as session:
            return holding.next_due(session)

    def _retry(self, held: Held) -> None:
        if held.is_hopeless:
            self._park_held(held, ParkedReason.ATTEMPTS_EXHAUSTED)
            return
        try:
            self._apply_held(held)
        except DatabaseDown:
            raise
        except Unacceptable as refused:
            self._park_held(held, ParkedReason(refused.reason))
        except NotYet:
            self._try_again(held, HeldReason.NOT_YET)
        except Exception as fault:  # noqa: BLE001 - recorded, tried again, parked in the end
            self._log(held.envelope, fault, held.attempts)
            self._try_again(held, HeldReason.FAULT)

    def _apply_held(self, held: Held) -> None:
        envelope = held.envelope
        with self._begin() as session:
            if held.reason is not HeldReason.STALE and not inbox.advance(session, envelope):
                self._set_aside(session, envelope)
                return
            if not holding.release(session, envelope):
                return
            inbox.mark(session, envelope.message_id, InboxState.HANDLED)
            self._apply_one(session, [envelope])
            inbox.wake_successors(session, [envelope])

    def _set_aside(self, session: Session, envelope: Envelope) -> None:
        """It is not its turn: it waits for it, unless another message had its number."""
        if turns.is_stale(session, envelope):
            turns.settle_stale(session, [envelope], self._clock())
        else:
            holding.wait_for_turn(session, envelope.message_id)

    def _park_held(self, held: Held, reason: ParkedReason) -> None:
        logger().error(
            "message_parked",
            reason=reason,
            message_id=str(held.envelope.message_id),
            message_type=held.envelope.type,
        )
        with self._begin() as session:
            parking.park_held(session, held.envelope, reason, held.attempts)

    def _try_again(self, held: Held, reason: HeldReason) -> None:
        with self._begin() as session:
            holding.try_again(session, held, reason)

    def _log(self, envelope: Envelope, fault: Exception, attempts: int) -> None:
        logger().warning(
            "handling_failed",
            **describe(fault),
            attempts=attempts,
            message_id=str(envelope.message_id),
            message_type=envelope.type,
        )


def _calls(
    envelopes: Sequence[Envelope],
) -> Iterator[tuple[type[Message], list[Message]]]:
    """Calls to make, in order: first messages of all aggregates by type, then second ones."""
    seen: dict[tuple[str, UUID], int] = defaultdict(int)
    waves: dict[int, dict[type[Message], list[Message]]] = defaultdict(lambda: defaultdict(list))
    for envelope in envelopes:
        message = envelope.message()
        place = (envelope.source, envelope.aggregate_id)
        waves[seen[place]][type(message)].append(message)
        seen[place] += 1
    for wave in sorted(waves):
        yield from waves[wave].items()


def _remember_traces(session: Session, envelopes: Sequence[Envelope]) -> None:
    """What the handlers tell continues the trace of the message about the same aggregate."""
    session.info[outbox.TRACES] = {
        envelope.aggregate_id: trace.step_of(envelope.traceparent) for envelope in envelopes
    }
