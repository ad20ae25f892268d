"""The relay sends again what no receipt has closed, without storms, whatever the broker forgets."""

import threading
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from deploy.local.redis import Redis
from shared.contracts import CaseReceived
from shared.kit.database import Database
from shared.kit.timepiece import Timepiece
from shared.messaging import outbox
from shared.messaging import relay as relay_module
from shared.messaging.broker import Broker, BrokerDown
from shared.messaging.envelope import Wire
from shared.messaging.publisher import SHORT
from shared.messaging.relay import DRAINED, LONGEST_REST, REST, Relay
from shared.messaging.sweeping import OVERDUE
from shared.messaging.sweeps import Sweep
from tests.conftest import wait_until
from tests.messaging.desk import COPIES, Desk
from tests.messaging.parts import RECEIVER, SENDER, case_received


class Watching(Broker):
    """A real broker that notes what the database holds at the moment of sending."""

    def __init__(self, url: str, database: Database) -> None:
        super().__init__(SENDER, url)
        self.database = database
        self.seen: list[tuple[int, bool]] = []

    def send_frames(self, frames: Iterable[tuple[str, Sequence[Wire]]]) -> None:
        query = text("SELECT DISTINCT sends, next_at > now() AS is_leased FROM outbox")
        with self.database.read() as session:
            self.seen += [(row.sends, row.is_leased) for row in session.execute(query)]
        super().send_frames(frames)


def test_what_is_due_is_sent_to_each_of_its_destinations(desk: Desk) -> None:
    desk.tell(3)
    desk.relay().round()
    assert {queue: desk.count(queue) for queue in CaseReceived.to} == dict.fromkeys(
        CaseReceived.to, 3
    )


def test_what_was_sent_is_not_sent_again_within_its_lease(desk: Desk) -> None:
    desk.tell()
    relay = desk.relay()
    for _ in range(3):
        relay.round()
    assert desk.count() == 1


def test_leases_are_committed_before_anything_is_sent(desk: Desk, redis_server: Redis) -> None:
    desk.tell()
    desk.receiver.run("DELETE FROM outbox WHERE destination <> :queue", queue=RECEIVER)
    watching = Watching(redis_server.url(), desk.receiver.database)
    desk.relay(watching).round()
    assert watching.seen == [(1, True)]


def test_a_relay_that_dies_between_leasing_and_sending_costs_one_lease(desk: Desk) -> None:
    desk.tell()

    class Dying(Broker):
        def send_frames(self, frames: Iterable[tuple[str, Sequence[Wire]]]) -> None:
            raise KeyboardInterrupt(str(frames))

    with pytest.raises(KeyboardInterrupt):
        desk.relay(Dying(SENDER, desk.broker._url)).round()
    desk.relay().round()
    leased = sum(row["sends"] for row in desk.open())
    assert leased == COPIES, "one destination by the relay that died, the others by the next"
    desk.lease_ends()
    desk.relay().round()
    assert {queue: desk.count(queue) > 0 for queue in CaseReceived.to} == dict.fromkeys(
        CaseReceived.to, True
    )


def test_two_relays_at_once_send_nothing_twice(desk: Desk, redis_server: Redis) -> None:
    desk.tell(200)
    relays = [desk.relay(Broker(SENDER, redis_server.url())) for _ in range(4)]
    start = threading.Barrier(4)

    def work(relay: Relay) -> None:
        start.wait()
        relay.round()

    threads = [threading.Thread(target=work, args=[relay]) for relay in relays]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    desk.relay().round()
    ids = [told.message_id for told in desk.told()]
    assert len(ids) == len(set(ids)) == 200


def test_frames_hold_at_most_64_messages_and_keep_the_order_of_a_case(desk: Desk) -> None:
    case_id = uuid4()
    with desk.receiver.database.begin() as session:
        for number in range(150):
            outbox.add(session, case_received(case_id, str(number)))
    desk.relay().round()
    assert desk.sizes() == [64, 64, 22]
    assert [told.sequence for told in desk.told()] == list(range(1, 151))


def test_parcels_that_leave_together_share_frames_of_at_most_64_messages(desk: Desk) -> None:
    for count in (30, 30, 30, 1, 1, 1):
        desk.tell(count)
    desk.relay().round()
    assert desk.sizes() == [60, 33]


def test_a_broker_that_has_lost_everything_is_filled_again(desk: Desk) -> None:
    desk.tell(5)
    relay = desk.relay()
    relay.round()
    relay.round()
    desk.queues.flushall()
    relay.round()
    assert desk.count() == 5
    assert {row["sends"] for row in desk.open()} == {1}
    relay.round()
    assert desk.count() == 5, "the loss is noticed once"


def test_a_relay_that_starts_again_does_not_take_the_broker_for_a_new_one(desk: Desk) -> None:
    desk.tell()
    desk.relay().round()
    desk.relay().round()
    assert desk.count() == 1


def test_nothing_is_sent_to_a_queue_that_is_long(desk: Desk) -> None:
    desk.tell()
    desk.fill(SHORT)
    desk.relay().round()
    assert desk.length() == SHORT
    desk.fill(SHORT - 1)
    desk.relay().round()
    assert desk.length() == SHORT


def test_a_queue_is_never_filled_beyond_its_limit(desk: Desk) -> None:
    desk.tell(64 * 4)
    desk.fill(SHORT - 2)
    relay = desk.relay()
    relay.round()
    relay.round()
    assert desk.length() == SHORT


def test_nothing_is_sent_a_second_time_while_it_may_only_be_waiting(desk: Desk) -> None:
    desk.tell()
    relay = desk.relay()
    relay.round()
    desk.tell()
    desk.fill(DRAINED)
    desk.lease_ends()
    relay.round()
    assert desk.length() == DRAINED + 1, "what was never sent goes, what was sent waits"
    desk.fill(DRAINED - 1)
    desk.lease_ends()
    relay.round()
    assert desk.length() == DRAINED, "one frame of two"


def test_what_has_been_overdue_for_long_is_sent_even_so(desk: Desk) -> None:
    desk.tell()
    relay = desk.relay()
    relay.round()
    desk.fill(DRAINED)
    desk.lease_ends(leases_ago=OVERDUE + 1)
    relay.round()
    assert desk.length() == DRAINED + 1


def test_leases_grow_with_every_sending(desk: Desk) -> None:
    desk.tell()
    relay = desk.relay()
    left = []
    for _ in range(4):
        desk.fill(0)
        desk.lease_ends()
        relay.round()
        (row,) = desk.receiver.rows(
            "SELECT extract(epoch FROM next_at - now()) AS left FROM outbox"
            " WHERE destination = :queue",
            queue=RECEIVER,
        )
        left.append(float(row["left"]))
    assert left == sorted(left)
    assert left[3] > 2 * left[0]


def test_a_broker_that_is_down_is_reported_and_nothing_is_lost(desk: Desk) -> None:
    desk.tell()
    nowhere = Broker(SENDER, "redis+socket:///nowhere/at/all.sock")
    with pytest.raises(BrokerDown):
        desk.relay(nowhere).round()
    desk.relay().round()
    assert desk.count() == 1


def test_a_sweep_runs_in_a_transaction_of_its_own_until_it_finds_nothing(desk: Desk) -> None:
    left = [2, 1, 0]
    at = []

    def count_down(session: Session, now: datetime) -> int:
        at.append(now)
        session.execute(
            text("INSERT INTO effects (aggregate_id, word) VALUES (:id, 'swept')"), {"id": uuid4()}
        )
        return left.pop(0)

    desk.relay(sweeps=[Sweep("count_down", count_down)]).round()
    assert len(at) == 3
    assert all(abs(moment - datetime.now(UTC)) < timedelta(minutes=1) for moment in at)
    assert len(desk.receiver.rows("SELECT * FROM effects WHERE word = 'swept'")) == 3


def test_a_sweep_with_a_long_backlog_lets_messages_leave_between_its_turns(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_module, "A_TURN", 0.0)
    runs: list[str] = []

    def endless(_session: Session, _now: datetime) -> int:
        runs.append("endless")
        return 1

    desk.tell()
    relay = desk.relay(sweeps=[Sweep("endless", endless)])
    relay.round()
    assert (len(runs), desk.count()) == (1, 1)
    relay.round()
    assert len(runs) == 2, "it is due again at once"


def test_a_sweep_is_never_run_by_two_relays_at_once(desk: Desk, redis_server: Redis) -> None:
    inside, go = threading.Event(), threading.Event()
    runs: list[str] = []

    def slow(_session: Session, _now: datetime) -> int:
        runs.append(threading.current_thread().name)
        inside.set()
        go.wait(10)
        return 0

    first = threading.Thread(target=desk.relay(sweeps=[Sweep("slow", slow)]).round, name="first")
    first.start()
    assert inside.wait(10)
    desk.relay(Broker(SENDER, redis_server.url()), sweeps=[Sweep("slow", slow)]).round()
    go.set()
    first.join()
    assert runs == ["first"]


def test_time_makes_due_what_it_must_even_while_the_broker_is_down(desk: Desk) -> None:
    runs: list[datetime] = []

    def sweep(_session: Session, now: datetime) -> int:
        runs.append(now)
        return 0

    nowhere = Broker(SENDER, "redis+socket:///nowhere/at/all.sock")
    with pytest.raises(BrokerDown):
        desk.relay(nowhere, sweeps=[Sweep("sweep", sweep)]).round()
    assert len(runs) == 1


class Broken(Exception):
    """A fault of one sweep."""


def test_a_sweep_that_fails_stops_neither_the_other_sweeps_nor_the_messages(desk: Desk) -> None:
    runs: list[str] = []

    def faulty(session: Session, _now: datetime) -> int:
        runs.append("faulty")
        session.execute(
            text("INSERT INTO effects (aggregate_id, word) VALUES (:id, 'undone')"), {"id": uuid4()}
        )
        raise Broken

    def timed_out(session: Session, _now: datetime) -> int:
        runs.append("timed_out")
        session.execute(text("SET LOCAL statement_timeout = '10ms'"))
        session.execute(text("SELECT pg_sleep(10)"))
        return 0

    def sound(_session: Session, _now: datetime) -> int:
        runs.append("sound")
        return 0

    desk.tell()
    relay = desk.relay(
        sweeps=[Sweep("faulty", faulty), Sweep("timed_out", timed_out), Sweep("sound", sound)]
    )
    relay.round()
    assert runs == ["faulty", "timed_out", "sound"]
    assert desk.count() == 1, "what is due is sent"
    desk.broker.send_receipts([(SENDER, desk.receipt())])
    relay.round()
    assert RECEIVER not in {row["destination"] for row in desk.open()}, "receipts are read"
    assert not desk.receiver.rows("SELECT * FROM effects WHERE word = 'undone'")


class Counted(Timepiece):
    """Its seconds pass when they are told to."""

    passed = 0.0

    def seconds(self) -> float:
        return self.passed


def test_a_sweep_that_failed_is_tried_again_ever_more_rarely_until_it_succeeds(desk: Desk) -> None:
    clock = Counted()
    tried_at: list[float] = []
    is_mended = False

    def faulty(_session: Session, _now: datetime) -> int:
        tried_at.append(clock.passed)
        if not is_mended:
            raise Broken
        return 0

    relay = desk.relay(sweeps=[Sweep("faulty", faulty)], timepiece=clock)

    def pass_time(seconds: int) -> list[float]:
        """The pauses between its tries while so many seconds go by."""
        tried_at.clear()
        for _ in range(seconds):
            relay.round()
            clock.passed += 1.0
        return [later - earlier for earlier, later in pairwise(tried_at)]

    assert pass_time(200) == [2, 4, 8, 16, 32, LONGEST_REST, LONGEST_REST]
    is_mended = True
    assert pass_time(100)[-1] == 5.0


def test_the_worker_is_rung_for_when_something_held_is_due(desk: Desk) -> None:
    desk.relay().round()
    assert desk.length(SENDER) == 0
    desk.receiver.run(
        "INSERT INTO held_messages (message_id, source, aggregate_id, sequence, envelope, reason,"
        " attempts, next_at) VALUES (:id, 'directory', :id, 1, '{}', 'fault', 1, now())",
        id=uuid4(),
    )
    relay = desk.relay()
    relay.round()
    relay.round()
    assert desk.length(SENDER) == 1, "once a second at most"
    assert desk.sent(SENDER) == [], "a ring carries nothing"


def test_the_worker_is_rung_for_when_a_turn_was_missed(desk: Desk) -> None:
    case_id = uuid4()
    desk.receiver.run(
        "INSERT INTO held_messages (message_id, source, aggregate_id, sequence, envelope, reason,"
        " attempts) VALUES (:id, 'directory', :id, 2, '{}', 'early', 0)",
        id=case_id,
    )
    desk.relay().round()
    assert desk.length(SENDER) == 0, "the first has not come"
    desk.receiver.run("INSERT INTO inbox_cursors VALUES ('directory', :id, 1)", id=case_id)
    desk.relay().round()
    assert desk.length(SENDER) == 1


def test_a_relay_with_nothing_to_do_rests_longer(desk: Desk) -> None:
    rounds: list[float] = []
    relay = desk.relay(beat=lambda: rounds.append(time.monotonic()))
    thread = threading.Thread(target=relay.run)
    thread.start()
    wait_until(lambda: len(rounds) == 3)
    relay.stop()
    thread.join()
    assert all(late - early >= REST for early, late in pairwise(rounds))
