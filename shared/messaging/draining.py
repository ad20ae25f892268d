"""The tries of held messages: a few at a time, so that new frames get their turns between them.

When what they waited for has come, there may be thousands. As many as go well are tried together
in one transaction; when one of these fails, each is tried alone, and so is the next.
"""

import time
from collections.abc import Callable, Sequence
from typing import Protocol

from sqlalchemy.orm import Session

from shared.kit.clock import Clock
from shared.kit.database import Begin, is_database_down, may_have_crashed, retry_on_conflict
from shared.kit.errors import NotYet
from shared.kit.logging import describe, logger
from shared.messaging import holding, inbox, parking, turns
from shared.messaging.attempts import Pardons
from shared.messaging.envelope import Envelope, Unacceptable
from shared.messaging.handling import Handling, Progress, log_failure
from shared.messaging.holding import Held
from shared.messaging.inbox import HeldReason, InboxState
from shared.messaging.parking import ParkedReason

MOST_AT_ONCE = 64
"""Tries in one drain: as many as a frame has messages at most."""
QUICK = 0.25
"""Seconds in which tries have gone well: then twice as many are tried together, else half."""
LONGEST = 2.0
"""Seconds after which a drain begins no other try. New frames wait no longer than that, and one
try."""


class Drains(Protocol):
    """What has held messages."""

    def drain_held(self) -> int:
        """Try some of them; returns how many."""

    @property
    def has_more_due(self) -> bool:
        """Whether others are due already."""


class Drain:
    """Tries what is due among a service's held messages."""

    def __init__(
        self,
        handling: Handling,
        begin: Begin,
        clock: Clock,
        pardons: Pardons,
        *,
        progress: Progress,
    ) -> None:
        self._handling = handling
        self._begin = begin
        self._clock = clock
        self._pardons = pardons
        self._progress = progress
        self._at_once = 1
        self.has_more = False
        """Whether the last drain ended before everything due was tried."""

    def run(self) -> int:
        """Try what is due, within bounds; returns how many tries were made."""
        self._pardons.grant(self._begin)
        until = time.monotonic() + LONGEST
        tries = 0
        while tries < MOST_AT_ONCE and not (tries and time.monotonic() > until):
            due = self._next_due(min(self._at_once, MOST_AT_ONCE - tries))
            if not due:
                self.has_more = False
                return tries
            tries += self._try_all(due, until)
        self.has_more = True
        return tries

    def _next_due(self, most: int) -> list[Held]:
        def lease() -> list[Held]:
            with self._begin() as session:
                return holding.next_due(session, most)

        return retry_on_conflict(lease)

    def _try_all(self, due: Sequence[Held], until: float) -> int:
        """Try these together if that can be, else one after the other; returns how many."""
        if len(due) > 1 and self._together(due):
            return len(due)
        for place, held in enumerate(due):
            if place and time.monotonic() > until:
                self._give_back(due[place:])
                return place
            self._try(held)
            self._progress()
        return len(due)

    def _give_back(self, due: Sequence[Held]) -> None:
        """These were leased and not begun."""
        for held in due:
            self._pardons.held(held.envelope.message_id)
        self._pardons.grant(self._begin)

    def _together(self, due: Sequence[Held]) -> bool:
        """Try all in one transaction; False if that failed, and nothing has changed."""
        began = time.monotonic()
        try:
            retry_on_conflict(lambda: self._apply_together(due))
        except Exception as fault:  # noqa: BLE001 - whatever it was, each message meets it alone
            self._at_once = 1
            self._split(due, fault)
            return False
        finally:
            self._progress()
        self._went_well(len(due), time.monotonic() - began)
        return True

    def _split(self, due: Sequence[Held], fault: Exception) -> None:
        if is_database_down(fault):
            if not may_have_crashed(fault):
                for held in due:
                    self._pardons.held(held.envelope.message_id)
            raise fault
        logger().info("held_split", error=type(fault).__name__, count=len(due))

    def _went_well(self, count: int, seconds: float) -> None:
        """So many tries took so long: the more, the more at once."""
        if seconds > QUICK:
            self._at_once = max(count // 2, 1)
        elif count == self._at_once:
            self._at_once = min(count * 2, MOST_AT_ONCE)

    def _apply_together(self, due: Sequence[Held]) -> None:
        envelopes = [held.envelope for held in due]
        with self._begin() as session:
            in_turn = inbox.take_turns(session, envelopes)
            taken = {it.message_id for it in in_turn}
            for envelope in envelopes:
                if envelope.message_id not in taken:
                    self._set_aside(session, envelope)
            if in_turn:
                self._handling.together(session, in_turn)
                holding.wake(session, in_turn)

    def _try(self, held: Held) -> None:
        if held.is_deadly:
            self._park(held, ParkedReason.NEVER_ENDED)
            return
        began = time.monotonic()
        try:
            retry_on_conflict(lambda: self._apply(held))
        except Unacceptable as refused:
            self._park(held, ParkedReason(refused.reason))
        except NotYet:
            self._at_once = 1
            self._again(held, HeldReason.NOT_YET)
        except Exception as fault:  # noqa: BLE001 - recorded, tried again, parked in the end
            self._at_once = 1
            self._failed(held, fault)
        else:
            self._went_well(1, time.monotonic() - began)

    def _apply(self, held: Held) -> None:
        envelope = held.envelope
        with self._begin() as session:
            if held.reason is not HeldReason.STALE and not inbox.advance(session, envelope):
                self._set_aside(session, envelope)
                return
            if not holding.release(session, envelope):
                return
            inbox.mark(session, envelope.message_id, InboxState.HANDLED)
            self._handling.alone(session, [envelope])
            holding.wake(session, [envelope])

    def _set_aside(self, session: Session, envelope: Envelope) -> None:
        """It is not its turn: it waits for it, unless another message had its number."""
        if turns.is_stale(session, envelope):
            holding.release(session, envelope)
            turns.settle_stale(session, [envelope], self._clock())
        else:
            holding.wait_for_turn(session, envelope.message_id)

    def _failed(self, held: Held, fault: Exception) -> None:
        if is_database_down(fault):
            if not may_have_crashed(fault):
                self._pardons.held(held.envelope.message_id)
            raise fault
        log_failure(held.envelope, fault, held.attempts)
        if held.is_last_fault:
            self._park(held, ParkedReason.ATTEMPTS_EXHAUSTED, fault)
        else:
            self._again(held, HeldReason.FAULT, fault)

    def _again(self, held: Held, reason: HeldReason, fault: Exception | None = None) -> None:
        with self._begin() as session:
            holding.try_again(session, held, reason, fault)

    def _park(self, held: Held, reason: ParkedReason, fault: Exception | None = None) -> None:
        first = held.first_fault or (None if fault is None else describe(fault))
        with self._begin() as session:
            parking.park_held(
                session,
                held.envelope,
                reason,
                held.attempts,
                first_fault=first,
                now=self._clock(),
            )


class Shift:
    """When held messages are tried: as long as nothing waits for this worker, else half the time.

    There may be thousands of them at once, when what they waited for has come. New frames are told
    from the queue, which is asked between two drains.
    """

    def __init__(self, delivery: Drains, is_waited_for: Callable[[], bool]) -> None:
        self._delivery = delivery
        self._is_waited_for = is_waited_for
        self._rests_until = 0.0

    def take(self) -> None:
        """Try what is due, if it is the held messages' turn."""
        if time.monotonic() < self._rests_until and self._is_waited_for():
            return
        while self._drain() and not self._is_waited_for():
            pass

    def _drain(self) -> bool:
        """Drain once, then rest as long as that took; True when more is due."""
        began = time.monotonic()
        self._delivery.drain_held()
        ended = time.monotonic()
        self._rests_until = ended + (ended - began)
        return self._delivery.has_more_due
