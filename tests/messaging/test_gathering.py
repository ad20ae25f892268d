"""What waits behind a frame is handled with it, and a lone frame waits for nobody."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import pytest
import redis

from deploy.local.redis import Redis
from shared.messaging import door, gathering
from shared.messaging.broker import Broker
from shared.messaging.envelope import MOST_MESSAGES
from shared.messaging.gathering import MOST_FRAMES, Gathering
from tests.messaging.junk import BYTES
from tests.messaging.parts import (
    RECEIVER,
    SENDER,
    Receiver,
    case_received,
    organisation_changed,
    sealed,
    wires,
)


@pytest.fixture
def busy(redis_server: Redis, queues: "redis.Redis", monkeypatch: pytest.MonkeyPatch) -> Gathering:
    """Of a worker that has just handled something, however slow this machine is."""
    assert queues.llen(RECEIVER) == 0
    monkeypatch.setattr(gathering, "RESTED", 600.0)
    made = Gathering(Broker(RECEIVER, redis_server.url()))
    made.has_worked()
    return made


def send(redis_server: Redis, *frames: Sequence[Any]) -> None:
    Broker(SENDER, redis_server.url()).send_frames([(RECEIVER, frame) for frame in frames])


def test_what_waits_is_taken_with_what_came_before_it(
    busy: Gathering, redis_server: Redis, queues: "redis.Redis"
) -> None:
    second, third = (wires(uuid4(), 1) for _ in range(2))
    send(redis_server, second)
    Broker(RECEIVER, redis_server.url()).send_beat(RECEIVER)
    queues.lpush(RECEIVER, BYTES["word"])
    send(redis_server, third)
    gathered = busy.behind(1)
    assert gathered.parcels == [*second, *third]
    assert (gathered.canaries, len(gathered.refused)) == (1, 1)
    assert queues.llen(RECEIVER) == 0


def test_a_frame_after_a_rest_is_handled_alone(redis_server: Redis, queues: "redis.Redis") -> None:
    send(redis_server, wires(uuid4(), 1))
    assert Gathering(Broker(RECEIVER, redis_server.url())).behind(1).parcels == []
    assert queues.llen(RECEIVER) == 1


@pytest.mark.parametrize(
    ("length", "taken"),
    [(MOST_MESSAGES, 0), (MOST_MESSAGES + 1, 0), (64, 3), (100, 1), (1, MOST_FRAMES)],
)
def test_as_many_are_taken_as_are_handled_together(
    busy: Gathering, redis_server: Redis, queues: "redis.Redis", length: int, taken: int
) -> None:
    send(redis_server, *(["another"] for _ in range(MOST_FRAMES + 8)))
    assert len(busy.behind(length).parcels) == taken
    assert queues.llen(RECEIVER) == MOST_FRAMES + 8 - taken


def test_a_broker_that_is_away_leaves_the_frame_alone(
    busy: Gathering, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy._broker = Broker(RECEIVER, "redis+socket:///nowhere/at/all.sock")
    assert busy.behind(1).parcels == []


def test_what_is_put_back_when_a_worker_stops_is_what_it_had_taken(
    redis_server: Redis, queues: "redis.Redis"
) -> None:
    frame = wires(uuid4(), 1)
    send(redis_server, frame)
    taken = Broker(RECEIVER, redis_server.url())._channel().basic_get(RECEIVER)
    assert queues.llen(RECEIVER) == 0
    taken.reject(requeue=True)
    (item,) = queues.lrange(RECEIVER, 0, -1)
    assert isinstance(item, bytes)
    task = door.read(item)
    assert (task.name, task.argument) == (door.DELIVER, frame)


def test_of_what_is_handled_at_once_causes_come_before_what_they_cause(receiver: Receiver) -> None:
    """The receiver registers cases first, as a service does whose next messages need them."""
    later = sealed(organisation_changed(uuid4(), "caused"), 1)
    cause = sealed(case_received(uuid4(), "cause"), 1)
    receiver.take(later, cause)
    assert receiver.calls == ["cause", "caused"]
    assert set(receiver.states().values()) == {"handled"}
