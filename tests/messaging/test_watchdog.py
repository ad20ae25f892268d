"""A worker that no longer consumes gives up; one that works, or has no broker, does not."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
import redis
from sqlalchemy.orm import Session

from deploy.local.redis import Redis
from shared.contracts import Message
from shared.kit.errors import NotYet
from shared.messaging import draining, watchdog
from shared.messaging.broker import Broker
from shared.messaging.outbox import FRAME
from shared.messaging.watchdog import ENOUGH, EVERY, SILENCE, SOUND, Watchdog
from tests.messaging.parts import RECEIVER, Deed, Receiver, case_received, sealed

HANDLING = 10.0
LONG = 10 * (HANDLING + SILENCE)
NOWHERE = "redis+socket:///nowhere/at/all.sock"


class Watch:
    """A watchdog whose time is turned by hand; its worker only notes that it would have ended."""

    def __init__(self, url: str) -> None:
        self.now = 1000.0
        self.has_given_up = False
        self.url = url
        self.broker = Broker(RECEIVER, url)

    def begin(self) -> None:
        self.dog = Watchdog(RECEIVER, self.broker, HANDLING, give_up=self.give_up)

    def give_up(self) -> None:
        self.has_given_up = True

    def monotonic(self) -> float:
        return self.now

    def pass_time(self, seconds: float) -> None:
        """Look as often as the thread does."""
        until = self.now + seconds
        while self.now < until and not self.has_given_up:
            self.now += EVERY
            self.dog.look()

    def reach(self, url: str) -> None:
        """From now on the broker is somewhere else."""
        self.broker.close()
        self.broker._url = url


@pytest.fixture
def watch(redis_server: Redis, queues: "redis.Redis", monkeypatch: pytest.MonkeyPatch) -> Watch:
    made = Watch(redis_server.url())
    monkeypatch.setattr(watchdog, "time", made)
    made.begin()
    return made


def test_a_worker_whose_canaries_do_not_come_out_gives_up(watch: Watch) -> None:
    began = watch.now
    watch.pass_time(LONG)
    assert watch.has_given_up
    assert watch.now - began == pytest.approx(SILENCE, abs=2 * EVERY)


def test_canaries_go_through_the_workers_own_queue(watch: Watch, queues: "redis.Redis") -> None:
    watch.pass_time(SOUND + ENOUGH * EVERY)
    assert queues.llen(RECEIVER) >= ENOUGH


def test_a_worker_that_has_just_consumed_needs_no_canary(
    watch: Watch, queues: "redis.Redis"
) -> None:
    with watch.dog.handling():
        pass
    watch.pass_time(SOUND - EVERY)
    assert queues.llen(RECEIVER) == 0


def test_a_worker_whose_canaries_come_out_goes_on(watch: Watch) -> None:
    for _ in range(20):
        watch.pass_time(SILENCE - EVERY)
        with watch.dog.handling():
            pass
    assert not watch.has_given_up


def test_a_worker_whose_canaries_others_take_goes_on_until_nobody_takes_them(
    watch: Watch, queues: "redis.Redis"
) -> None:
    """Of workers that wait at one queue, Redis serves whoever has waited longest."""
    for _ in range(10 * ENOUGH):
        watch.pass_time(EVERY)
        queues.delete(RECEIVER)
    assert not watch.has_given_up
    watch.pass_time(2 * EVERY)
    assert watch.has_given_up


def test_a_worker_that_hangs_in_a_handler_gives_up_although_others_take_its_canaries(
    watch: Watch, queues: "redis.Redis"
) -> None:
    with watch.dog.handling():
        for _ in range(round((HANDLING + SILENCE) / EVERY) + 2):
            watch.pass_time(EVERY)
            queues.delete(RECEIVER)
    assert watch.has_given_up


def test_a_silence_in_which_no_canary_was_sent_proves_nothing(watch: Watch) -> None:
    watch.now += LONG
    watch.dog.look()
    watch.dog.look()
    assert not watch.has_given_up, "the process itself may have been frozen"
    watch.pass_time(2 * ENOUGH * EVERY)
    assert watch.has_given_up


def test_a_broker_that_is_down_ends_no_worker(watch: Watch) -> None:
    watch.pass_time(2 * EVERY)
    watch.reach(NOWHERE)
    watch.pass_time(LONG)
    assert not watch.has_given_up


def test_a_broker_that_came_back_gives_the_worker_time_to_consume(watch: Watch) -> None:
    watch.pass_time(2 * EVERY)
    watch.reach(NOWHERE)
    watch.pass_time(LONG)
    watch.reach(watch.url)
    watch.pass_time((ENOUGH - 1) * EVERY)
    assert not watch.has_given_up, "what was sent before the failure does not count"
    watch.pass_time(2 * EVERY)
    assert watch.has_given_up


def test_a_worker_may_handle_as_long_as_a_handler_may_take(watch: Watch) -> None:
    with watch.dog.handling():
        watch.pass_time(HANDLING + SILENCE - EVERY)
        assert not watch.has_given_up
        watch.pass_time(2 * EVERY)
        assert watch.has_given_up, "then not even the deadline has interrupted it"


def test_after_a_long_handling_silence_counts_from_its_end(watch: Watch) -> None:
    with watch.dog.handling():
        watch.pass_time(HANDLING)
    watch.pass_time(SILENCE - EVERY)
    assert not watch.has_given_up
    watch.pass_time(3 * EVERY)
    assert watch.has_given_up


@pytest.fixture
def working(
    watch: Watch, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Receiver]:
    """A receiver watched as a worker is: by the product's own times, on a clock turned by hand."""
    monkeypatch.setattr(draining, "time", watch)
    receiver.progress = watch.dog.progress
    with watch.dog.handling():
        yield receiver


def taking(watch: Watch, seconds: float) -> Deed:
    """What takes so long, and succeeds."""

    def take(_session: Session, _message: Message) -> None:
        watch.pass_time(seconds)

    return take


def too_soon(_session: Session, _message: Message) -> None:
    raise NotYet


def fail(_session: Session, _message: Message) -> None:
    raise RuntimeError


def hold(receiver: Receiver, count: int, word: str) -> None:
    """So many messages of different cases, all due at once."""
    receiver.deeds[word] = too_soon
    receiver.take(*[sealed(case_received(uuid4(), word), 1) for _ in range(count)])
    receiver.run("UPDATE held_messages SET next_at = now()")


def test_a_worker_that_tries_many_held_messages_goes_on(watch: Watch, working: Receiver) -> None:
    hold(working, FRAME, "slow")
    working.deeds["slow"] = taking(watch, 1.0)
    began = watch.now
    while working.delivery.drain_held():
        pass
    assert working.calls.count("slow") >= 2 * FRAME, "each was tried, however many drains it took"
    assert watch.now - began > HANDLING + SILENCE
    assert not watch.has_given_up


def test_a_worker_that_handles_a_whole_frame_one_by_one_goes_on(
    watch: Watch, working: Receiver
) -> None:
    working.deeds = {"slow": taking(watch, 1.0), "bad": fail}
    frame = [sealed(case_received(uuid4(), "slow"), 1) for _ in range(FRAME - 1)]
    began = watch.now
    working.take(sealed(case_received(uuid4(), "bad"), 1), *frame)
    assert watch.now - began > HANDLING + SILENCE
    assert not watch.has_given_up


def test_a_worker_one_of_whose_many_messages_hangs_gives_up(
    watch: Watch, working: Receiver
) -> None:
    hold(working, 2, "slow")
    working.deeds["slow"] = taking(watch, HANDLING + SILENCE + 2 * EVERY)
    working.delivery.drain_held()
    assert watch.has_given_up
