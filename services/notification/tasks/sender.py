"""Sends what is due: claim (transaction), call (none), record (transaction).

One thread decides, a pool of threads calls. The deciding thread sleeps until something that was
committed in this process is due, a call ended, or the time of a further try has come; results are
written down together with the next claim, so that a busy sender commits once for many calls. A kill
at any point leaves either a due row or a claim whose lease ends: it is sent again, under the same
id.
"""

import heapq
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.orm import Session

from services.notification import domain
from services.notification.channels import Channels
from services.notification.domain import Claimed, Pacing, Result
from services.notification.policy import Answer, AttemptOutcome, Trouble, Weights
from shared.kit.database import (
    Begin,
    DatabaseFault,
    database_now,
    is_database_down,
    retry_on_conflict,
)
from shared.kit.logging import describe, logger
from shared.messaging.beside import Beside
from shared.messaging.pulse import Beat, unwatched

LOOK = 2.0
"""Seconds after which it looks without a reason: for what another process has made due (a sweep, an
operator who has something sent again), and for what a sender before it has left."""
LINGER = 0.02
"""Seconds the result of a call may wait for others, to be written down with them."""
PART = 6
"""No endpoint is given more than this part of the calls that could begin now. So of several that
hang each takes less than the one before, and twenty of them leave room for all others.
"""
DATABASE_AWAY = 1.0
"""Seconds until the database is asked again after it failed."""


@dataclass(frozen=True)
class Limits:
    """How much is under way at once, and for how long."""

    connections: int
    per_endpoint: int
    lease_seconds: float
    segments: int = domain.MOST_SEGMENTS
    """Of one text to a phone."""


@dataclass(frozen=True)
class Ended:
    """A call that has ended, and since when by this machine's stopwatch.

    What this machine believes the hour to be is written nowhere: the try began by the database's
    clock, so it ends by it too.
    """

    claimed: Claimed
    answer: Answer
    outcome: AttemptOutcome
    since: float

    def by(self, now: datetime, asked: float) -> Result:
        """What is written down; the database's clock showed ``now`` to who asked then."""
        ended_at = now - timedelta(seconds=asked - self.since)
        return Result(self.claimed, self.answer, self.outcome, ended_at)


class Every:
    """What is done again after so many seconds, by this machine's stopwatch."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._next = 0.0

    def has_come(self, now: float) -> bool:
        """Whether it is to be done again; if so, it is taken for done."""
        if now < self._next:
            return False
        self._next = now + self._seconds
        return True


class Sender:
    """Sends what is due, by the channels it has, until stopped."""

    def __init__(
        self,
        begin: Begin,
        channels: Channels,
        *,
        limits: Limits,
        pacing: Pacing,
        on_death: Callable[[], None],
        recording: Channels | None = None,
        weights: Weights | None = None,
        beat: Beat = unwatched,
    ) -> None:
        """``recording``: the channels of what never leaves, if this sender records.

        ``weights``: of the channels that several may carry, their carriers.
        """
        self._beat = beat
        self._weights = weights or {}
        self._begin = begin
        self._channels = channels
        self._recording = recording or {}
        self._limits = limits
        self._pacing = pacing
        self._changed = threading.Condition()
        self._is_open = True
        self._has_news = True
        self._finished: list[Ended] = []
        # Calls whose results are not written down yet; touched by the deciding thread only.
        self._flying = 0
        # When what this sender has put off is due, by this machine's stopwatch, the first in front.
        self._put_off_until: list[float] = []
        self._is_served_said = Every(domain.SERVED_EVERY)
        self._is_paced = Every(domain.PACED_EVERY)
        self._pool = ThreadPoolExecutor(limits.connections, thread_name_prefix="sending")
        self._beside = Beside("sender", self._go_on, on_death=on_death)

    def start(self) -> None:
        """Begin to send."""
        self._beside.start()

    def committed(self, session: Session) -> None:
        """A frame was committed: look at once if it has made something due."""
        if domain.has_made_due(session):
            self.wake()

    def wake(self) -> None:
        """Something is due: look at once."""
        with self._changed:
            self._has_news = True
            self._changed.notify()

    def stop(self) -> None:
        """Claim nothing more, write down the calls under way, stop."""
        with self._changed:
            self._is_open = False
            self._changed.notify()
        self._beside.join()
        for channel in (*self._channels.values(), *self._recording.values()):
            channel.close()

    def _go_on(self) -> None:
        while self._is_open:
            self._turn()
        self._pool.shutdown(wait=True)
        self._exchange(self._await_results(), capacity=0)

    def _turn(self) -> None:
        self._beat()
        finished = self._await_results()
        capacity = self._limits.connections - self._flying + len(finished)
        if not finished and not capacity:
            return
        try:
            claimed = retry_on_conflict(lambda: self._exchange(finished, capacity=capacity))
        except Exception as fault:
            # What fails without a result to blame is not one delivery's fault: the sender ends.
            if not finished and not isinstance(fault, DatabaseFault):
                raise
            self._put_off(finished, fault)
            return
        self._flying += len(claimed) - len(finished)
        for each in claimed:
            self._pool.submit(self._call, each)

    def _await_results(self) -> list[Ended]:
        """Sleep until there is something to do; returns the results to write down."""
        with self._changed:
            self._changed.wait_for(self._has_work, self._patience())
            if self._finished:
                self._changed.wait_for(self._is_batch, LINGER)
            self._has_news = False
            finished, self._finished = self._finished, []
        return finished

    def _patience(self) -> float:
        """Seconds until something is to be tried again, and not longer than it goes unlooked."""
        now = time.monotonic()
        while self._put_off_until and self._put_off_until[0] <= now:
            heapq.heappop(self._put_off_until)
            self._has_news = True
        return min([LOOK, *(until - now for until in self._put_off_until[:1])])

    def _has_work(self) -> bool:
        return self._has_news or bool(self._finished) or not self._is_open

    def _is_batch(self) -> bool:
        """Whether to stop waiting: most calls have ended, or something was committed."""
        is_most = 2 * len(self._finished) >= self._flying
        return self._has_news or is_most or not self._is_open

    def _exchange(self, finished: Sequence[Ended], *, capacity: int) -> list[Claimed]:
        """Write down results and claim what is due, in one transaction, by the database's clock."""
        with self._begin() as session:
            asked, now, told = time.monotonic(), database_now(session), time.monotonic()
            results = [each.by(now, asked) for each in finished]
            again = domain.record_results(session, results=results, pacing=self._pacing, now=now)
            for moment in again:
                heapq.heappush(self._put_off_until, told + (moment - now).total_seconds())
            if not capacity:
                return []
            if self._is_paced.has_come(asked):
                domain.pace_replays(session, now=now)
            claimed = self._claim(session, capacity, now)
            # Last, for whoever holds the rows of channels waits for nobody.
            if self._is_served_said.has_come(asked):
                domain.note_carriers(session, self._weights)
                domain.note_served(session, self._channels.keys())
            return claimed

    def _claim(self, session: Session, capacity: int, now: datetime) -> list[Claimed]:
        """Take what is due, and choose by whom it goes."""
        claimed = domain.claim_deliveries(
            session,
            most=capacity,
            per_endpoint=min(self._limits.per_endpoint, max(1, capacity // PART)),
            lease_seconds=self._limits.lease_seconds,
            channels=self._channels.keys(),
            recorded=self._recording.keys(),
            now=now,
            most_segments=self._limits.segments,
        )
        return domain.assign_carriers(
            session,
            claimed,
            weights=self._weights,
            rng=self._pacing.rng,
            lease_seconds=self._limits.lease_seconds,
            now=now,
        )

    def _put_off(self, finished: list[Ended], fault: Exception) -> None:
        """Storing results has failed: later, if the database is away; otherwise each alone."""
        if is_database_down(fault):
            logger().warning("database_unavailable", error=type(fault).__name__)
            self._keep(finished)
            return
        logger().error("exchange_failed", count=len(finished), **describe(fault))
        for place, each in enumerate(finished):
            try:
                retry_on_conflict(partial(self._exchange, [each], capacity=0))
            except Exception as alone:  # noqa: BLE001 - an operator is told
                if is_database_down(alone) or not self._lose(each, alone):
                    self._keep(finished[place:])
                    return
            self._flying -= 1
        self._keep([])

    def _lose(self, ended: Ended, fault: Exception) -> bool:
        """Tell the operator. The lease ends as after a kill, and it is sent again under its id."""
        told = describe(fault)
        logger().error("result_lost", delivery_id=str(ended.claimed.delivery_id), **told)
        try:
            with self._begin() as session:
                asked, now = time.monotonic(), database_now(session)
                domain.tell_lost(session, ended.by(now, asked), now=now, **told)
        except DatabaseFault as away:
            logger().warning("database_unavailable", error=type(away).__name__)
            return False
        return True

    def _keep(self, finished: list[Ended]) -> None:
        """What is known now is written down when the database can; until then it is left alone."""
        with self._changed:
            self._finished = finished + self._finished
            self._has_news = True
            self._changed.wait_for(lambda: not self._is_open, DATABASE_AWAY)

    def _call(self, claimed: Claimed) -> None:
        # The one place where it is decided whether something leaves.
        channel = (self._recording if claimed.is_recorded else self._channels)[claimed.channel]
        try:
            answer = channel.send(channel.render(claimed))
        except Exception as fault:  # noqa: BLE001 - written down, tried again, parked in the end
            logger().error(
                "call_failed", error=type(fault).__name__, delivery_id=str(claimed.delivery_id)
            )
            answer = Answer(trouble=Trouble.FAULT)
        ended = Ended(claimed, answer, channel.read_receipt(answer), time.monotonic())
        with self._changed:
            self._finished.append(ended)
            self._changed.notify()
