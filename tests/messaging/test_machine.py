"""Any history of losses, repeats, crashes and retries ends with every message done once, in order.

Hypothesis drives a sender, its relay, a receiver and a broker in memory that drops, repeats and
shuffles, forgets everything, and loses receipts; both ends keep their rows in a real database.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import ClassVar
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy.orm import Session

from shared.contracts import Message
from shared.kit.database import Database
from shared.messaging import outbox
from shared.messaging.broker import Broker
from shared.messaging.envelope import OpenedParcel, Wire, seal_receipt
from shared.messaging.publisher import DirectPublisher, publishing
from shared.messaging.relay import Relay
from tests.messaging.parts import (
    RECEIVER,
    SENDER,
    Receiver,
    Undone,
    case_received,
    deliver,
    links_of,
    never_committed,
)

NEVER = "redis+socket:///never/opened.sock"


class ForgetfulBroker(Broker):
    """A broker in memory, all of whose promises a test may break."""

    def __init__(self) -> None:
        super().__init__(SENDER, NEVER)
        self.frames: list[list[Wire]] = []
        self.receipts: list[Wire] = []
        self.mark: str | None = None
        self.is_down = False

    def send_frames(self, frames: Iterable[tuple[str, Sequence[Wire]]]) -> None:
        self._answer()
        self.frames += [list(frame) for queue, frame in frames if queue == RECEIVER]

    def take_receipts(self, most: int) -> list[Wire]:
        self._answer()
        taken, self.receipts = self.receipts[:most], self.receipts[most:]
        return taken

    def backlogs(self, queues: Sequence[str]) -> dict[str, int]:
        self._answer()
        return {queue: len(self.frames) if queue == RECEIVER else 0 for queue in queues}

    def set_right(self) -> list[str]:
        self._answer()
        return []

    def epoch(self) -> str | None:
        self._answer()
        return self.mark

    def leave_mark(self, epoch: str) -> None:
        self.mark = epoch

    def send_beat(self, queue: str) -> None:
        assert queue == SENDER
        self._answer()

    def _answer(self) -> None:
        if self.is_down:
            raise ConnectionError


class Exchange(RuleBasedStateMachine):
    """Steps that may happen to two services in any order."""

    database: ClassVar[Database]

    cases = st.integers(0, 2)

    @initialize()
    def open(self) -> None:
        self.receiver = Receiver(self.database)
        self.broker = ForgetfulBroker()
        self.cases_told = [uuid4() for _ in range(3)]
        self.told: dict[UUID, list[str]] = defaultdict(list)
        self.publisher = DirectPublisher(links_of(SENDER), self.broker, 30.0)
        self.receiver.run("TRUNCATE outbox, outbox_sequences, outbox_totals, broker_epochs")
        self.start_relay()

    def start_relay(self) -> None:
        begin = self.database.begin
        links = links_of(SENDER)
        self.relay = Relay(SENDER, begin, self.broker, links, lease_seconds=30.0)

    @rule(case=cases, count=st.integers(1, 4), is_published=st.booleans())
    def tell(self, case: int, count: int, is_published: bool) -> None:
        begin = self.database.begin
        with (publishing(begin, self.publisher) if is_published else begin)() as session:
            self._tell(session, case, count)
            self.told[self.cases_told[case]] += self._words(case, count)

    @rule(case=cases)
    def tell_in_a_transaction_that_fails(self, case: int) -> None:
        with never_committed(publishing(self.database.begin, self.publisher)) as session:
            self._tell(session, case, 2)

    def _tell(self, session: Session, case: int, count: int) -> None:
        for word in self._words(case, count):
            outbox.add(session, case_received(self.cases_told[case], word))

    def _words(self, case: int, count: int) -> list[str]:
        first = len(self.told[self.cases_told[case]]) + 1
        return [str(number) for number in range(first, first + count)]

    @rule()
    def relay_works(self) -> None:
        try:
            self.relay.round()
        except ConnectionError:
            assert self.broker.is_down

    @rule()
    def relay_starts_again(self) -> None:
        self.start_relay()

    @rule()
    def leases_end(self) -> None:
        self.receiver.run("UPDATE outbox SET next_at = now() - interval '1 hour'")

    @rule()
    def held_messages_are_due(self) -> None:
        self.receiver.later()

    @precondition(lambda self: self.broker.frames)
    @rule(data=st.data(), is_receipted=st.booleans())
    def a_frame_arrives(self, data: st.DataObject, is_receipted: bool) -> None:
        frame = self.broker.frames.pop(self._any(data))
        self._receipt(deliver(self.receiver.delivery, frame), is_sent=is_receipted)

    @precondition(lambda self: self.broker.frames)
    @rule(data=st.data())
    def a_frame_arrives_twice(self, data: st.DataObject) -> None:
        frame = self.broker.frames[self._any(data)]
        self._receipt(deliver(self.receiver.delivery, frame), is_sent=True)

    @precondition(lambda self: self.broker.frames)
    @rule(data=st.data())
    def a_frame_is_lost(self, data: st.DataObject) -> None:
        self.broker.frames.pop(self._any(data))

    @precondition(lambda self: self.broker.frames)
    @rule(data=st.data())
    def a_frame_comes_apart(self, data: st.DataObject) -> None:
        frame = self.broker.frames.pop(self._any(data))
        shuffled = data.draw(st.permutations(frame))
        cut = data.draw(st.integers(0, len(shuffled)))
        self.broker.frames += [part for part in (shuffled[cut:], shuffled[:cut]) if part]

    @precondition(lambda self: self.broker.frames)
    @rule(data=st.data(), word=st.integers(1, 8))
    def the_worker_dies_over_a_message(self, data: st.DataObject, word: int) -> None:
        frame = self.broker.frames.pop(self._any(data))
        self.receiver.deeds = {str(word): die}
        try:
            deliver(self.receiver.delivery, frame)
        except Death:
            pass  # what it had not committed is gone, and so is the frame
        finally:
            self.receiver.deeds = {}

    @precondition(lambda self: self.broker.frames)
    @rule(data=st.data(), word=st.integers(1, 8))
    def handling_fails_once(self, data: st.DataObject, word: int) -> None:
        frame = self.broker.frames.pop(self._any(data))
        self.receiver.deeds = {str(word): fail}
        try:
            self._receipt(deliver(self.receiver.delivery, frame), is_sent=True)
        finally:
            self.receiver.deeds = {}

    @rule()
    def the_broker_forgets_everything(self) -> None:
        self.broker.frames.clear()
        self.broker.receipts.clear()
        self.broker.mark = None

    @rule()
    def the_broker_goes_down(self) -> None:
        self.broker.is_down = True

    @rule()
    def the_broker_comes_back(self) -> None:
        self.broker.is_down = False

    def _any(self, data: st.DataObject) -> int:
        return data.draw(st.integers(0, len(self.broker.frames) - 1))

    def _receipt(self, parcels: Sequence[OpenedParcel], *, is_sent: bool) -> None:
        if is_sent and parcels:
            ids = [parcel.parcel_id for parcel in parcels]
            self.broker.receipts.append(seal_receipt(links_of(RECEIVER), SENDER, ids))

    def teardown(self) -> None:
        if not hasattr(self, "broker"):
            return
        self.settle()
        for case_id, words in self.told.items():
            assert self.receiver.words(case_id) == words, "each once, in order (I4)"
        (row,) = self.receiver.rows(
            "SELECT count(*) AS taken, count(*) FILTER (WHERE state = 'handled') AS handled"
            "  FROM inbox WHERE aggregate_id = ANY(:cases)",
            cases=self.cases_told,
        )
        total = sum(map(len, self.told.values()))
        assert (row["taken"], row["handled"]) == (total, total), "nothing open, nothing parked (I3)"
        closed = self.receiver.rows(
            "SELECT closed FROM outbox_totals WHERE destination = :queue", queue=RECEIVER
        )
        assert sum(found["closed"] for found in closed) == total

    def settle(self) -> None:
        """Everything works from now on, and time passes until nothing is on its way."""
        self.broker.is_down = False
        for _ in range(60):
            if not self.receiver.rows(OPEN, queue=RECEIVER):
                return
            self.leases_end()
            self.relay.round()
            frames, self.broker.frames = self.broker.frames, []
            for frame in frames:
                self._receipt(deliver(self.receiver.delivery, frame), is_sent=True)
            self.receiver.later()
        pytest.fail("it does not settle")


OPEN = """
    SELECT parcel_id FROM outbox WHERE destination = :queue
    UNION ALL SELECT message_id FROM held_messages
"""


class Death(BaseException):
    """The process ends, in the middle of whatever it did."""


def die(_session: Session, _message: Message) -> None:
    raise Death


def fail(_session: Session, _message: Message) -> None:
    raise Undone


def test_every_history_ends_with_every_message_done_once_in_order(database: Database) -> None:
    Exchange.database = database
    run_state_machine_as_test(
        Exchange,
        settings=settings(
            max_examples=30,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
