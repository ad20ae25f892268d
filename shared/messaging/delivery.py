"""From a frame off the queue to effects in the database: each message once, in its turn.

One transaction handles the parcels of a frame. If it fails, each message is handled alone, so one
bad message never fails its neighbours: a refusal is recorded, what is not possible yet or failed is
held and tried again, what used up its tries is parked. When this returns, every message has a
committed inbox row; when the database is down it raises, and the senders will send again.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from shared.kit.clock import Clock
from shared.kit.database import (
    Begin,
    DatabaseFault,
    is_database_down,
    may_have_crashed,
    retry_on_conflict,
)
from shared.kit.errors import NotYet
from shared.kit.identifiers import new_id
from shared.kit.logging import logger
from shared.messaging import attempts, holding, inbox, parking, refusals, turns
from shared.messaging.attempts import Intent, Pardons
from shared.messaging.consumer import Consumer
from shared.messaging.draining import Drain
from shared.messaging.envelope import Envelope, Links, OpenedParcel, Unacceptable, open_parcel
from shared.messaging.handling import Handling, Progress, log_failure, unwatched
from shared.messaging.inbox import BegunBefore, Claim, HeldReason
from shared.messaging.parking import ParkedReason

Claiming = Callable[[Session, Sequence[Envelope]], Claim]
"""Takes messages over, in a transaction that somebody else has opened."""


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
        progress: Progress = unwatched,
    ) -> None:
        self._begin = begin
        self._links = links
        self._clock = clock
        self._progress = progress
        self._pardons = Pardons()
        self._handling = Handling(consumer, clock, seconds=handler_seconds, progress=progress)
        self._drain = Drain(self._handling, begin, clock, self._pardons, progress=progress)
        self._may_wake = False

    @property
    def has_more_due(self) -> bool:
        """Whether held messages are due that the last drain left to the next."""
        return self._drain.has_more

    def open(self, frame: Sequence[Any]) -> list[OpenedParcel]:
        """The parcels of a frame, each once; what is not acceptable is recorded and left out."""
        accepted: dict[tuple[str, str], OpenedParcel] = {}
        refused: list[tuple[Any, str]] = []
        for wire in frame:
            try:
                parcel = open_parcel(self._links, wire)
            except Unacceptable as refusal:
                refused.append((wire, refusal.reason))
            else:
                accepted[parcel.source, parcel.parcel_id] = parcel
        if refused:
            self._refuse(refused)
        return list(accepted.values())

    def deliver(self, parcels: Sequence[OpenedParcel]) -> None:
        """Handle parcels together; afterwards their senders may forget them."""
        self._pardons.grant(self._begin)
        frame_id = new_id()
        try:
            self._handle(frame_id, parcels)
        except DatabaseFault as fault:
            if not may_have_crashed(fault):
                self._pardons.frame(frame_id)
            raise
        if self._may_wake and not self._drain.has_more:
            self._may_wake = False
            self._drain.run()

    def drain_held(self) -> int:
        """Try held messages that are due, within bounds; returns how many tries were made."""
        return self._drain.run()

    def _refuse(self, refused: Sequence[tuple[Any, str]]) -> None:
        for reason, count in Counter(reason for _, reason in refused).items():
            logger().warning("envelope_refused", reason=reason, count=count)
        with self._begin() as session:
            refusals.refuse(session, refused)

    def _handle(self, frame_id: UUID, parcels: Sequence[OpenedParcel]) -> None:
        """Together what was never begun; alone what was, and what cannot be handled together."""
        self._progress()
        intent = Intent(first=tuple(it for each in parcels for it in each.envelopes), again=())
        try:
            is_done_together = self._together(
                intent.first, partial(_begin_and_claim, frame_id, parcels)
            )
        except BegunBefore:
            intent = self._look_back(frame_id, parcels)
            is_done_together = bool(intent.first) and self._together(
                intent.first, partial(_claim_frame, frame_id)
            )
        one_by_one = intent.again if is_done_together else (*intent.first, *intent.again)
        for envelope in one_by_one:
            self._progress()
            self._alone(envelope)
        if not is_done_together:
            with self._begin() as session:
                attempts.end_frame(session, frame_id)

    def _look_back(self, frame_id: UUID, parcels: Sequence[OpenedParcel]) -> Intent:
        with self._begin() as session:
            return attempts.look_back(session, frame_id, parcels)

    def _together(self, envelopes: Sequence[Envelope], claim: Claiming) -> bool:
        """Handle messages in one transaction; False if that failed."""
        try:
            retry_on_conflict(
                lambda: self._claim_and_apply(envelopes, claim, self._handling.together)
            )
        except BegunBefore:
            raise
        except Exception as fault:
            if is_database_down(fault):
                raise
            logger().info("frame_split", error=type(fault).__name__, count=len(envelopes))
            return False
        return True

    def _alone(self, envelope: Envelope) -> None:
        count = self._count_attempt(envelope)
        if count > attempts.MOST_ATTEMPTS:
            self._park(envelope, ParkedReason.NEVER_ENDED, count)
            return
        try:
            retry_on_conflict(
                lambda: self._claim_and_apply([envelope], _claim_alone, self._handling.alone)
            )
        except Unacceptable as refused:
            self._park(envelope, ParkedReason(refused.reason), count)
        except NotYet:
            self._hold(envelope, HeldReason.NOT_YET, count)
        except Exception as fault:  # noqa: BLE001 - recorded, tried again, parked in the end
            self._failed(envelope, fault, count)

    def _failed(self, envelope: Envelope, fault: Exception, count: int) -> None:
        if is_database_down(fault):
            if not may_have_crashed(fault):
                self._pardons.message(envelope.message_id)
            raise fault
        log_failure(envelope, fault, count)
        self._hold(envelope, HeldReason.FAULT, count, fault)

    def _count_attempt(self, envelope: Envelope) -> int:
        with self._begin() as session:
            return attempts.count_attempt(session, envelope)

    def _claim_and_apply(
        self,
        envelopes: Sequence[Envelope],
        claim_in: Claiming,
        apply: Callable[[Session, Sequence[Envelope]], None],
    ) -> None:
        with self._begin() as session:
            claim = claim_in(session, envelopes)
            if claim.out_of_turn:
                turns.settle(session, claim.out_of_turn, self._clock())
            if claim.ready:
                apply(session, claim.ready)
            # A frame with a gap in it is held whole, so its own beginning may be what is next.
            may_wake = claim.has_waiting or bool(claim.out_of_turn)
            if may_wake:
                holding.wake(session, envelopes)
        self._may_wake = self._may_wake or may_wake

    def _hold(
        self, envelope: Envelope, reason: HeldReason, count: int, fault: Exception | None = None
    ) -> None:
        with self._begin() as session:
            holding.keep(session, envelope, reason, count, fault)

    def _park(self, envelope: Envelope, reason: ParkedReason, count: int) -> None:
        with self._begin() as session:
            parking.park_new(session, envelope, reason, count, now=self._clock())


def _begin_and_claim(
    frame_id: UUID, parcels: Sequence[OpenedParcel], session: Session, envelopes: Sequence[Envelope]
) -> Claim:
    """Note that parcels are begun, and claim their messages: two transactions, one round trip."""
    attempts.note_begun(session, frame_id, parcels)
    return inbox.claim(session, envelopes, frame_id, unless_begun=parcels)


def _claim_frame(frame_id: UUID, session: Session, envelopes: Sequence[Envelope]) -> Claim:
    """Claim what is left of a frame that was looked at."""
    return inbox.claim(session, envelopes, frame_id)


def _claim_alone(session: Session, envelopes: Sequence[Envelope]) -> Claim:
    """Claim a message of which each attempt is counted: it is decided now."""
    claim = inbox.claim(session, envelopes)
    attempts.forget(session, envelopes)
    return claim
