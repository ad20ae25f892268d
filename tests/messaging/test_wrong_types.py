"""Keys of the broker that hold another type than they must: set right by whose they are."""

import pytest
import redis

from shared.contracts import CaseReceived
from shared.messaging.broker import Broker
from tests.messaging.desk import Desk
from tests.messaging.parts import RECEIVER, SENDER

OWN = ["", ".receipts", ":epoch"]


def spoil(queues: "redis.Redis", key: str) -> None:
    """Leave a set under this key: none of ours is one."""
    queues.delete(key)
    queues.sadd(key, "nobody of ours has put this here")


@pytest.mark.parametrize("name", OWN)
def test_a_relay_sets_its_own_services_keys_right_and_goes_on(
    desk: Desk, queues: "redis.Redis", name: str
) -> None:
    relay = desk.relay()
    relay.round()
    desk.tell()
    spoil(queues, f"{SENDER}{name}")
    desk.relay().round()
    assert queues.type(f"{SENDER}{name}") in {b"none", b"string"}
    assert desk.count() == 1


def test_a_spoilt_queue_of_one_receiver_holds_up_no_other(
    desk: Desk, queues: "redis.Redis"
) -> None:
    others = [queue for queue in CaseReceived.to if queue != RECEIVER]
    assert others
    spoil(queues, RECEIVER)
    desk.tell(3)
    relay = desk.relay()
    relay.round()
    assert [desk.count(queue) for queue in others] == [3] * len(others)
    assert queues.type(RECEIVER) == b"set", "it is not ours to touch"
    waiting = [row["sends"] for row in desk.open() if row["destination"] == RECEIVER]
    assert waiting == [0]

    assert Broker(RECEIVER, desk.broker._url).set_right() == [RECEIVER]
    relay.round()
    assert desk.count() == 3


def test_what_is_as_it_must_be_is_left_alone(desk: Desk, queues: "redis.Redis") -> None:
    desk.tell()
    desk.relay().round()
    before = sorted(queues.keys())
    assert Broker(RECEIVER, desk.broker._url).set_right() == []
    assert sorted(queues.keys()) == before
