"""The relay: sends again what no receipt has closed, closes what receivers have committed.

It leases rows and commits, then sends; it never marks by sending. It sends only while a queue is
short, so a slow receiver causes no storm. It notices when the broker has lost everything and
starts over. It wakes the worker when held messages are due. Domain sweeps (an offer expires)
run here too, each in its own transaction; one that fails stops nothing else and is tried again.
"""

import math
import time
import zlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import text

from shared.kit.database import (
    Begin,
    DatabaseFault,
    database_now,
    is_database_down,
    retry_on_conflict,
)
from shared.kit.identifiers import new_id
from shared.kit.logging import describe, logger
from shared.kit.timepiece import PRESENT, Timepiece
from shared.messaging import alerts, holding, presence, refusals, sweeping
from shared.messaging.alerts import AlertKind
from shared.messaging.broker import Broker, BrokerDown
from shared.messaging.deadline import deadline
from shared.messaging.envelope import (
    Links,
    Unacceptable,
    asks_again,
    open_again,
    open_receipt,
    seal_again,
)
from shared.messaging.outbox import FRAME
from shared.messaging.publisher import SHORT, frames
from shared.messaging.pulse import Beat, unwatched
from shared.messaging.sweeping import Due
from shared.messaging.sweeps import Sweep, settle_unseen

DRAINED = 20
"""With so many frames waiting, nothing is sent a second time: the first may just be waiting."""
RECEIPTS = 200
"""Receipts taken in one round."""
AT_ONCE = 256
"""Parcels leased in one transaction: about ten megabytes, if they are full."""
SHORT_REST = 0.2
"""Seconds between two rounds while receipts come, or rows wait for room in a queue."""
REST = 1.0
"""Seconds between two rounds when for so long there was nothing to do: what leaves at once does not
wait for the relay, and nobody waits for a receipt."""
CALM = 10.0
"""Seconds without anything to do after which a relay rests longer still."""
LONG_REST = 2.0
"""Seconds between two rounds then: who told something meanwhile has published it, and only if it
died before it did, the message waits for the relay."""
RING_EVERY = 1.0
TURNS_EVERY = 1.0
"""Seconds between two looks for held messages whose turn has come and was not noticed."""
KEYS_EVERY = 5.0
"""Seconds between two looks whether all keys of this service are of their types."""
A_TURN = 2.0
"""Seconds a sweep with a backlog goes on before what else is due gets its turn."""
AFTER_FAULT = 1.0
LONGEST_REST = 60.0
"""Seconds until a sweep that goes on failing is tried again, at most."""
NOBODY = UUID(int=0)
"""The object of an alert about a sweep as a whole."""


class Relay:
    """One service's sweeper; a second one beside it does no harm."""

    def __init__(
        self,
        service: str,
        begin: Begin,
        broker: Broker,
        links: Links,
        *,
        lease_seconds: float,
        frame: int = FRAME,
        sweeps: Sequence[Sweep] = (),
        beat: Beat = unwatched,
        timepiece: Timepiece = PRESENT,
    ) -> None:
        self._service = service
        self._timepiece = timepiece
        self._beat = beat
        self._begin = begin
        self._broker = broker
        self._links = links
        self._lease = lease_seconds
        self._frame = frame
        self._sweeps = sweeps
        self._failures: Counter[str] = Counter()
        self._sound: set[str] = set()
        self._next: dict[str, float] = defaultdict(lambda: -math.inf)
        self._epoch: str | None = None
        self._worked_at = 0.0
        self._lost_before: datetime | None = None
        self._is_stopping = False

    def stop(self) -> None:
        """End after this round."""
        self._is_stopping = True

    def run(self) -> None:
        """Work until stopped; a broker or database that is down is waited for."""
        while not self._is_stopping:
            try:
                is_busy = self.round()
            except BrokerDown as fault:
                logger().warning("broker_down", error=type(fault).__name__)
                time.sleep(AFTER_FAULT)
            except DatabaseFault as fault:
                # A lock that was not had in time ends no relay either: the next round tries again.
                if is_database_down(fault):
                    logger().warning("database_down", error=type(fault).__name__)
                else:
                    logger().error("round_failed", **describe(fault))
                time.sleep(AFTER_FAULT)
            else:
                if not is_busy:
                    time.sleep(self._rest())

    def _rest(self) -> float:
        calm = time.monotonic() - self._worked_at
        if calm < REST:
            return SHORT_REST
        return REST if calm < CALM else LONG_REST

    def round(self) -> bool:
        """One round of everything that is due; True when there is probably more."""
        # What time makes due and what was received must not wait for a broker that is down.
        for sweep in self._sweeps:
            self._attempt(sweep)
        self._beat()
        if self._is_due("keys", KEYS_EVERY):
            self._broker.set_right()
        is_behind = self._close_received()
        self._watch_for_loss()
        due = self._look()
        if due.misses_workers:
            self._miss_workers()
        self._ask_again()
        sent = self._send(due.destinations)
        if due.has_held_due:
            self._ring()
        return is_behind or due.misses_workers or sent > 0

    def _look(self) -> Due:
        with self._begin() as session:
            due = sweeping.look(session)
            if due.is_holding and self._is_due("turns", TURNS_EVERY):
                sweeping.wake_missed(session)
                due = sweeping.look(session)
        return due

    def _is_due(self, name: str, every: float) -> bool:
        now = self._timepiece.seconds()
        if now < self._next[name]:
            return False
        self._next[name] = now + every
        return True

    def _close_received(self) -> bool:
        """Close what is receipted; True when more receipts wait than one round takes."""
        received: dict[str, list[str]] = defaultdict(list)
        lost: dict[str, datetime] = {}
        refused: list[tuple[Any, str]] = []
        wires = self._broker.take_receipts(RECEIPTS)
        for wire in wires:
            try:
                if asks_again(wire):
                    destination, before = open_again(self._links, wire)
                    lost[destination] = max(before, lost.get(destination, before))
                else:
                    destination, parcel_ids = open_receipt(self._links, wire)
                    received[destination].extend(parcel_ids)
            except Unacceptable as refusal:
                refused.append((wire, refusal.reason))
        if wires:
            self._worked_at = time.monotonic()
            retry_on_conflict(lambda: self._close(received, lost, refused))
        if refused:
            logger().warning("receipt_refused", count=len(refused))
        return len(wires) == RECEIPTS

    def _close(
        self,
        received: Mapping[str, Sequence[str]],
        lost: Mapping[str, datetime],
        refused: Sequence[tuple[Any, str]],
    ) -> None:
        with self._begin() as session:
            for destination, parcel_ids in sorted(received.items()):
                sweeping.close(session, destination=destination, parcel_ids=parcel_ids)
            for destination, before in sorted(lost.items()):
                sweeping.send_again(
                    session, destination=destination, before=before, lease_seconds=self._lease
                )
            refusals.refuse(session, refused)

    def _miss_workers(self) -> None:
        with self._begin() as session:
            missing = presence.missed(session)
            if missing is None:
                return
            sweeping.send_last_words(session)
            if not missing.is_somebody_left:
                holding.end_tries(session)
        self._lost_before = missing.until
        logger().warning("worker_missed")

    def _ask_again(self) -> None:
        """Ask senders for what a worker had in hand; once more, if the broker was down."""
        if self._lost_before is None:
            return
        asks = [
            (peer, seal_again(self._links, peer, self._lost_before)) for peer in self._links.current
        ]
        self._broker.send_receipts(asks)
        self._lost_before = None

    def _watch_for_loss(self) -> None:
        mark = self._broker.epoch()
        if mark is not None and mark == self._epoch:
            return
        with self._begin() as session:
            self._epoch = sweeping.known_epoch(session, self._service)
            if mark is not None and mark == self._epoch:
                return
            epoch = str(new_id())
            count = sweeping.begin_epoch(session, self._service, epoch)
        # The mark is left after the commit: a crash in between only repeats this.
        self._broker.leave_mark(epoch)
        logger().warning("broker_epoch_began", epoch=epoch, count=count)

    def _send(self, destinations: Sequence[str]) -> int:
        if not destinations:
            return 0
        self._worked_at = time.monotonic()
        backlogs = self._broker.backlogs(destinations)
        return sum(self._send_to(destination, backlogs[destination]) for destination in backlogs)

    def _send_to(self, destination: str, backlog: int) -> int:
        self._beat()
        room = SHORT - backlog
        if room <= 0:
            return 0
        with self._begin() as session:
            parcels, resent = sweeping.lease_due(
                session,
                destination=destination,
                lease_seconds=self._lease,
                may_resend=backlog < DRAINED,
                most=min(room, AT_ONCE),
            )
        self._broker.send_frames(frames(self._links, parcels, self._frame))
        if resent:
            logger().info("sent_again", destination=destination, count=resent)
        return len(parcels)

    def _ring(self) -> None:
        """Let the worker try the held messages that are due."""
        if not self._is_due("held", RING_EVERY):
            return
        # A worker that is away would find a canary for every second of its absence.
        if self._broker.backlogs([self._service])[self._service] < DRAINED:
            self._broker.send_beat(self._service)

    def _attempt(self, sweep: Sweep) -> None:
        """Sweep if it is time; a sweep that fails rests longer and longer, and nothing else does.

        Not even a timeout of the database ends the round: what follows finds out if it is down.
        """
        if not self._is_due(sweep.name, sweep.every):
            return
        try:
            self._take_turn(sweep)
            self._succeeded(sweep)
        except Exception as fault:  # noqa: BLE001 - told, and tried again; the others go on
            self._sound.discard(sweep.name)
            self._failures[sweep.name] += 1
            rest = min(2.0 ** min(self._failures[sweep.name], 10), LONGEST_REST)
            self._next[sweep.name] = self._timepiece.seconds() + rest
            logger().error("sweep_failed", code=sweep.name, seconds=rest, **describe(fault))
            self._alert(sweep, fault)

    def _take_turn(self, sweep: Sweep) -> None:
        """Run a sweep until it finds nothing, or its turn is over: then it is due in the next."""
        ends_at = time.monotonic() + A_TURN
        while retry_on_conflict(partial(self._run_alone, sweep)):
            if time.monotonic() >= ends_at:
                self._next[sweep.name] = -math.inf
                return

    def _run_alone(self, sweep: Sweep) -> int:
        """Run a sweep unless another relay of this service is running it."""
        self._beat()
        with self._begin() as session, deadline(sweep.deadline):
            asked = session.execute(_LOCK, {"key": _key(self._service, sweep)}).one()
            if not asked.is_ours:
                return 0
            now = self._timepiece.at(asked.now)
            moved = sweep.run(session, now)
            if not moved:
                settle_unseen(session, sweep.name, now)
            return moved

    def _alert(self, sweep: Sweep, fault: Exception) -> None:
        """Tell the operator, unless it is the database itself that is away."""
        try:
            with self._begin() as session:
                alerts.raise_alert(
                    session,
                    AlertKind.SWEEP_FAILED,
                    subject=sweep.name,
                    object_id=NOBODY,
                    now=database_now(session),
                    **describe(fault),
                )
        except DatabaseFault as down:
            logger().warning("database_down", error=type(down).__name__)

    def _succeeded(self, sweep: Sweep) -> None:
        """Settle the alert, also one that a relay before this one has raised."""
        if sweep.name in self._sound:
            return
        with self._begin() as session:
            alerts.settle(
                session,
                AlertKind.SWEEP_FAILED,
                subject=sweep.name,
                object_ids=[NOBODY],
                now=database_now(session),
            )
        self._sound.add(sweep.name)
        del self._failures[sweep.name]


def _key(service: str, sweep: Sweep) -> int:
    return zlib.crc32(f"{service}.{sweep.name}".encode())


# A relay has no clock: what time makes due, and what is forgotten, the database's clock decides, so
# that a machine whose clock is wrong ends nothing early.
_LOCK = text("SELECT pg_try_advisory_xact_lock(:key) AS is_ours, now() AS now")
