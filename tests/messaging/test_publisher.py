"""Committed messages leave at once; when the broker is down or behind, the relay has them."""

import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from uuid import uuid4

import pytest

from deploy.local.patience import wait_until
from deploy.local.redis import Redis
from shared.contracts import CaseReceived
from shared.kit.database import Begin
from shared.messaging import outbox, publisher
from shared.messaging.broker import Broker
from shared.messaging.envelope import Wire
from shared.messaging.outbox import FRAME
from shared.messaging.publisher import (
    LOOK_EVERY,
    SHORT,
    WAITING,
    BackgroundPublisher,
    Congestion,
    DirectPublisher,
    Publisher,
    publishing,
)
from tests.messaging.desk import COPIES, LEASE, Desk
from tests.messaging.parts import RECEIVER, SENDER, case_received, links_of

NOWHERE = "redis+socket:///nowhere/at/all.sock"


def direct(url: str) -> DirectPublisher:
    return DirectPublisher(links_of(SENDER), Broker(SENDER, url), LEASE)


@pytest.fixture
def background(redis_server: Redis) -> Iterator[BackgroundPublisher]:
    made = BackgroundPublisher(links_of(SENDER), Broker(SENDER, redis_server.url()), LEASE)
    yield made
    made.close()


def begin_with(desk: Desk, with_publisher: Publisher) -> Begin:
    return publishing(desk.receiver.database.begin, with_publisher)


def tell(begin: Begin, count: int = 1) -> None:
    with begin() as session:
        for _ in range(count):
            outbox.add(session, case_received(uuid4()))


def test_a_committed_message_has_left_when_the_transaction_returns(
    desk: Desk, redis_server: Redis
) -> None:
    tell(begin_with(desk, direct(redis_server.url())))
    assert desk.count() == 1
    assert {row["sends"] for row in desk.open()} == {1}


def test_messages_of_one_transaction_share_frames_of_at_most_64(
    desk: Desk, redis_server: Redis
) -> None:
    tell(begin_with(desk, direct(redis_server.url())), 130)
    assert desk.sizes() == [FRAME, FRAME, 2]


def test_frames_can_be_made_smaller(desk: Desk, redis_server: Redis) -> None:
    small = DirectPublisher(links_of(SENDER), Broker(SENDER, redis_server.url()), LEASE, 10)
    tell(begin_with(desk, small), 25)
    assert desk.sizes() == [10, 10, 5]


def test_a_broker_that_is_down_fails_no_transaction_and_loses_nothing(desk: Desk) -> None:
    unlucky = direct(NOWHERE)
    begin = begin_with(desk, unlucky)
    tell(begin)
    tell(begin)
    rows = desk.open()
    assert len(rows) == 2 * COPIES
    assert sorted(row["sends"] for row in rows) == [0] * COPIES + [1] * COPIES, (
        "the first were leased in vain; the next are the relay's at once"
    )
    desk.lease_ends()
    desk.relay().round()
    assert desk.count() == 2


def test_after_a_moment_the_broker_is_tried_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publisher, "BROKER_COOLDOWN", 0.05)
    congestion = Congestion(LEASE)
    congestion.broker_failed()
    assert congestion.lease(RECEIVER) is None
    assert wait_until(lambda: congestion.lease(RECEIVER) == LEASE, within=2, every=0.01)


@pytest.mark.parametrize("waiting", [10, SHORT])
def test_what_was_seen_of_a_queue_is_forgotten_after_a_pause(
    desk: Desk, redis_server: Redis, monkeypatch: pytest.MonkeyPatch, waiting: int
) -> None:
    monkeypatch.setattr(publisher, "BELIEVED", 0.2)
    congestion = Congestion(LEASE)
    desk.fill(waiting)
    congestion.observe(Broker(SENDER, redis_server.url()), [RECEIVER])
    assert congestion.filling([RECEIVER]) > 0
    assert (congestion.lease(RECEIVER) is None) == (waiting >= SHORT)
    assert wait_until(lambda: congestion.filling([RECEIVER]) == 0, within=2, every=0.01)
    assert congestion.lease(RECEIVER) == LEASE


def test_a_dead_broker_costs_a_transaction_no_time(desk: Desk) -> None:
    begin = begin_with(desk, direct(NOWHERE))
    started = time.monotonic()
    for _ in range(10):
        tell(begin)
    assert time.monotonic() - started < 2


def test_messages_for_a_long_queue_are_left_to_the_relay(desk: Desk, redis_server: Redis) -> None:
    busy = direct(redis_server.url())
    desk.fill(SHORT)
    tell(begin_with(desk, busy))
    assert desk.length() == SHORT + 1, "how long it is is learnt by sending"
    tell(begin_with(desk, busy))
    assert desk.length() == SHORT + 1
    fresh = {row["destination"] for row in desk.open() if row["sends"] == 0}
    assert fresh == {str(RECEIVER)}, "the other queues are short"


def tell_until_left(begin: Begin, desk: Desk, queue: str = RECEIVER) -> bool:
    """Go on telling until a message has been published to a queue; the relay rests meanwhile."""

    def has_left() -> bool:
        tell(begin)
        return desk.length(queue) > 0

    return wait_until(has_left, within=5, every=0.02)


def test_a_queue_that_has_drained_is_published_to_again(desk: Desk, redis_server: Redis) -> None:
    begin = begin_with(desk, direct(redis_server.url()))
    desk.fill(SHORT)
    tell(begin)
    desk.fill(0)
    assert tell_until_left(begin, desk)


def test_queues_that_were_all_long_are_published_to_again(desk: Desk, redis_server: Redis) -> None:
    begin = begin_with(desk, direct(redis_server.url()))
    for queue in CaseReceived.to:
        desk.fill(SHORT, queue)
    tell(begin)
    for queue in CaseReceived.to:
        desk.fill(0, queue)
    for queue in CaseReceived.to:
        assert tell_until_left(begin, desk, queue), "though nothing was sent that could be measured"


def test_in_the_background_a_queue_that_has_drained_is_published_to_again(
    desk: Desk, background: BackgroundPublisher
) -> None:
    begin = begin_with(desk, background)
    for queue in CaseReceived.to:
        desk.fill(SHORT, queue)
    tell(begin)
    assert wait_until(lambda: background.lease(RECEIVER) is None, within=5, every=0.01)
    for queue in CaseReceived.to:
        desk.fill(0, queue)
    assert tell_until_left(begin, desk)


def test_a_queue_that_stays_long_is_never_published_to(desk: Desk, redis_server: Redis) -> None:
    begin = begin_with(desk, direct(redis_server.url()))
    desk.fill(SHORT)
    tell(begin)
    until = time.monotonic() + 3 * LOOK_EVERY
    while time.monotonic() < until:
        tell(begin)
    assert desk.length() == SHORT + 1, "one by which it was found out"


def test_in_the_background_a_message_leaves_at_once_too(
    desk: Desk, background: BackgroundPublisher
) -> None:
    tell(begin_with(desk, background))
    assert wait_until(lambda: desk.count() == 1, within=5, every=0.01)


def test_what_cannot_be_sent_does_not_end_the_publishing(desk: Desk, redis_server: Redis) -> None:
    class Choking(Broker):
        has_choked = False

        def send_frames(self, frames: Iterable[tuple[str, Sequence[Wire]]]) -> None:
            if not self.has_choked:
                self.has_choked = True
                raise ValueError
            super().send_frames(frames)

    broker = Choking(SENDER, redis_server.url())
    unlucky = BackgroundPublisher(links_of(SENDER), broker, LEASE)
    begin = begin_with(desk, unlucky)
    tell(begin)
    assert wait_until(lambda: broker.has_choked, within=5, every=0.01)
    assert tell_until_left(begin, desk)
    unlucky.close()


def test_what_waits_for_the_publishing_thread_is_bounded(desk: Desk, redis_server: Redis) -> None:
    is_hanging, is_answering = threading.Event(), threading.Event()

    class Hanging(Broker):
        def send_frames(self, frames: Iterable[tuple[str, Sequence[Wire]]]) -> None:
            is_hanging.set()
            is_answering.wait(10)
            super().send_frames(frames)

    slow = BackgroundPublisher(links_of(SENDER), Hanging(SENDER, redis_server.url()), LEASE)
    tell(begin_with(desk, slow))
    assert is_hanging.wait(5)
    for _ in range(WAITING):
        slow.publish([])
    assert slow.lease(RECEIVER) is None, "the relay has them"
    is_answering.set()
    assert wait_until(lambda: slow.lease(RECEIVER) == LEASE, within=5, every=0.01)
    slow.close()


def test_closing_sends_what_waits(desk: Desk, redis_server: Redis) -> None:
    closing = BackgroundPublisher(links_of(SENDER), Broker(SENDER, redis_server.url()), LEASE)
    begin = begin_with(desk, closing)
    for _ in range(50):
        tell(begin)
    closing.close()
    assert desk.count() == 50
    assert max(desk.sizes()) <= FRAME


def test_messages_of_many_transactions_share_frames_when_the_queue_is_behind(
    desk: Desk, background: BackgroundPublisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Ten frames wait before it, so the next may fill for as long as ten take.
    monkeypatch.setattr(publisher, "A_FRAME", 0.05)
    monkeypatch.setattr(publisher, "FILLING", 0.5)
    desk.fill(10)
    begin = begin_with(desk, background)
    tell(begin)
    assert wait_until(lambda: desk.length() == 11, within=5, every=0.01)
    assert wait_until(
        lambda: background._congestion.filling([RECEIVER]) > 0.4, within=5, every=0.01
    )
    for _ in range(10):
        tell(begin)
    assert wait_until(lambda: desk.length() > 11, within=5, every=0.01)
    assert desk.length() < 17, "ten transactions in a few frames"


def test_a_frame_is_full_when_one_destination_has_64_however_many_there_are(
    desk: Desk, background: BackgroundPublisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It fills longer than the slowest machine takes to tell as much, so only being full ends it.
    monkeypatch.setattr(publisher, "A_FRAME", 3.0)
    monkeypatch.setattr(publisher, "FILLING", 30.0)
    desk.fill(10)
    begin = begin_with(desk, background)
    tell(begin)
    assert wait_until(lambda: background._congestion.filling([RECEIVER]) > 20, within=5, every=0.01)
    before = desk.length()
    for _ in range(FRAME):
        tell(begin)
    assert wait_until(lambda: desk.length() > before, within=20, every=0.01)
    assert desk.length() - before <= 2, "each message goes to three, and is counted for one"
