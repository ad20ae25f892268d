"""The broker dies, forgets, is full, is demoted, is lied into (faults 8, 9, 10, 11, 27, 32, 39)."""

import base64
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from uuid import uuid4

import orjson
import pytest

from shared.kit.identifiers import new_id
from shared.messaging.envelope import Wire, seal
from shared.messaging.outbox import Parcel
from tests.faults.lab import Lab, Way
from tests.faults.proxy import Weather
from tests.faults.roles import INTRUDER, RECEIVER, SENDER
from tests.messaging.junk import BYTES
from tests.messaging.parts import parcel_of
from tests.messaging.test_wrong_types import spoil

OUTAGE = 60.0
"""Seconds the broker is away; long enough for every time-out and back-off to be met."""
NEVER_WAITED = 4.5
"""Seconds; who had waited for the broker's answer would have needed its five at least."""


def test_a_broker_killed_five_times_loses_nothing(lab: Lab) -> None:
    for _ in range(5):
        lab.tell(40)
        lab.redis_server.kill()
        lab.tell(10)
        lab.redis_server.restart()
        lab.tell(10)
    lab.settle()
    lab.assert_each_once_in_order()


def test_a_broker_that_forgets_everything_is_noticed_and_filled_again(lab: Lab) -> None:
    for _ in range(3):
        before = lives(lab)
        with lab.frozen("worker"):
            lab.tell(60)
            lab.wait_for_frames(5)
            lab.client().flushall()
        lab.tell(20)
        lab.wait(partial(is_a_new_life, lab, before), seconds=30, what="noticed")
    lab.settle()
    lab.assert_each_once_in_order()


def test_a_broker_whose_volume_is_deleted_is_noticed_and_filled_again(lab: Lab) -> None:
    before = lives(lab)
    with lab.frozen("worker"):
        lab.tell(60)
        lab.wait_for_frames(5)
        lab.redis_server.stop()
        for stored in lab.redis_server.place.data.iterdir():
            shutil.rmtree(stored) if stored.is_dir() else stored.unlink()
        lab.redis_server.restart()
    lab.wait(lambda: is_a_new_life(lab, before), seconds=30, what="noticed")
    lab.settle()
    lab.assert_each_once_in_order()


def lives(lab: Lab) -> tuple[str, str]:
    """Which life of the broker its two users believe in."""
    epoch = "SELECT epoch FROM broker_epochs"
    return lab.query(SENDER, epoch)[0][0], lab.query(RECEIVER, epoch)[0][0]


def is_a_new_life(lab: Lab, before: tuple[str, str]) -> bool:
    """Whether both have noticed that the broker lost everything."""
    return all(now != then for now, then in zip(lives(lab), before, strict=True))


@pytest.mark.long
def test_a_network_that_swallows_everything_is_survived_and_slows_no_caller(lab: Lab) -> None:
    with lab.weather(Weather.HOLE):
        until = time.monotonic() + OUTAGE
        slowest = 0.0
        while time.monotonic() < until:
            began = time.monotonic()
            lab.tell(2, way=Way.HTTP)
            slowest = max(slowest, time.monotonic() - began)
            lab.wait(lambda: True, seconds=1, what="roles looked after")
            time.sleep(0.3)
        assert lab.balance().open > 0, "nothing came through"
    assert slowest < NEVER_WAITED
    lab.tell(60)
    lab.settle()
    lab.assert_each_once_in_order()


def test_a_storm_of_resets_is_survived(lab: Lab) -> None:
    for number in range(15):
        lab.tell(8, way=Way.HTTP if number % 2 else Way.RELAY)
        lab.wait(lambda: lab.to_redis.connections > 0, seconds=30, what="someone to reset")
        lab.to_redis.reset_all()
    lab.settle()
    lab.assert_each_once_in_order()


def test_a_slow_network_delays_and_repeats_nothing(lab: Lab) -> None:
    with lab.weather(Weather.SLOW):
        lab.tell(40)
        lab.settle()
    lab.assert_each_once_in_order()


@contextmanager
def full(lab: Lab) -> Iterator[None]:
    """The broker has no memory left."""
    lab.client().config_set("maxmemory", "1")
    try:
        yield
    finally:
        lab.client().config_set("maxmemory", "0")


@contextmanager
def demoted(lab: Lab) -> Iterator[None]:
    """The broker follows a master that is not there."""
    lab.client().replicaof("127.0.0.1", "1")
    try:
        yield
    finally:
        lab.client().replicaof("NO", "ONE")


@pytest.mark.parametrize(("trouble", "error"), [(full, "OOM"), (demoted, "READONLY")])
def test_a_broker_that_refuses_to_write_recovers(
    lab: Lab,
    trouble: Callable[[Lab], AbstractContextManager[None]],
    error: str,
) -> None:
    before = lab.effects()
    with trouble(lab):
        met = refusals(lab, error)
        lab.tell(40)
        lab.tell(10, way=Way.RELAY)
        lab.wait(lambda: refusals(lab, error) >= met + 5, seconds=60, what="writes refused")
        assert lab.effects() == before
    lab.settle()
    lab.assert_each_once_in_order()


def refusals(lab: Lab, error: str) -> int:
    """How often the broker has answered with this error in its present life."""
    counted = lab.client().info("errorstats").get(f"errorstat_{error}", {"count": 0})
    return int(counted["count"])


def test_a_forged_and_a_replayed_envelope_in_the_broker_change_nothing(lab: Lab) -> None:
    before = lab.effects()
    genuine = made_envelope(lab)
    forged = [
        {**genuine, "text": genuine["text"].replace("[1]", "[7]")},
        {**genuine, "text": genuine["text"].replace('"id":"', '"id":"' + str(new_id())[:8], 1)},
        {**genuine, "text": genuine["text"].replace("hospital", "ministry")},
        {**genuine, "from": "verification"},
        {**genuine, "sig": "00" * 32},
    ]
    lab.broker.send_frames([(RECEIVER, [wire]) for wire in forged])
    refused = "SELECT coalesce(sum(times), 0) FROM refused_envelopes"
    lab.wait(lambda: lab.query(RECEIVER, refused)[0][0] == 5, seconds=30, what="five refused")
    assert lab.effects() == before

    replay_everything_sent(lab)
    lab.assert_each_once_in_order()


def made_envelope(lab: Lab) -> Wire:
    """A well-formed, well-signed parcel that no outbox knows; only its signature is genuine."""
    return seal(lab.links(SENDER), consent_given())


def consent_given() -> Parcel:
    """A row of the sender's outbox, as it would be."""
    case_id = uuid4()
    body = {
        "occurred_at": "2026-01-01T00:00:00Z",
        "case_id": str(case_id),
        "scope": {"organisation_kind": "hospital", "purpose": "service_referral"},
    }
    told = {"id": str(new_id()), "type": "intake.consent_given.v1", "trace": None, "body": body}
    return parcel_of([(case_id, 1, told)], RECEIVER)


def test_a_service_that_was_broken_into_says_nothing_in_anothers_name(lab: Lab) -> None:
    before, refused = lab.effects(), refusals_of(lab)
    forged = seal(lab.links(INTRUDER), consent_given())
    lab.broker.send_frames([(RECEIVER, [forged])])
    lab.wait(lambda: refusals_of(lab) == refused + 1, seconds=30, what="refused")
    assert lab.effects() == before
    assert lab.query(RECEIVER, "SELECT count(*) FROM inbox WHERE source = %s", INTRUDER) == [(0,)]


def test_whatever_bytes_lie_at_the_doors_no_process_ends_and_nothing_is_held_up(lab: Lab) -> None:
    lab.settle()
    broker = lab.client()
    restarts = {name: role.restarts for name, role in lab.roles.items()}
    refused = refusals_of(lab)
    for _ in range(3):
        broker.lpush(RECEIVER, *BYTES.values())
        broker.lpush(f"{SENDER}.receipts", *BYTES.values())
        broker.set(f"{SENDER}:epoch", b"\x00\xff[[[")
        lab.tell(20)
    lab.wait(
        lambda: refusals_of(lab) == refused + 3 * len(BYTES), seconds=60, what="each is counted"
    )
    lab.settle()
    lab.assert_each_once_in_order()
    assert {name: role.restarts for name, role in lab.roles.items()} == restarts


def test_keys_of_another_type_hold_up_nobody(lab: Lab) -> None:
    lab.settle()
    broker = lab.client()
    spoil(broker, RECEIVER)
    lab.tell(20, way=Way.RELAY)
    lab.settle()
    spoil(broker, f"{SENDER}.receipts")
    lab.tell(20, way=Way.RELAY)
    lab.settle()
    lab.assert_each_once_in_order()


def refusals_of(lab: Lab) -> int:
    """How often the receiver has refused something."""
    return int(lab.query(RECEIVER, "SELECT coalesce(sum(times), 0) FROM refused_envelopes")[0][0])


def replay_everything_sent(lab: Lab) -> None:
    """Record what is sent, and put every frame of it into the queue ten times more."""
    broker = lab.client()
    with lab.frozen("worker"):
        lab.tell(20)
        recorded = lab.wait_for_frames()
        for _ in range(5):
            broker.lpush(RECEIVER, *recorded)
    lab.settle()
    for _ in range(5):
        broker.lpush(RECEIVER, *recorded)
    lab.wait(lambda: broker.llen(RECEIVER) == 0, seconds=30, what="queue read")
    lab.settle()


def test_nothing_but_ids_and_codes_is_in_the_broker(lab: Lab) -> None:
    with lab.frozen("worker"):
        lab.tell(5)
        wrapped = orjson.loads(lab.wait_for_frames()[0])
    assert wrapped["headers"]["argsrepr"] == wrapped["headers"]["kwargsrepr"] == ""
    ((frame,), _, _) = orjson.loads(base64.b64decode(wrapped["body"]))
    told = orjson.loads(frame[0]["text"])
    assert set(told["messages"][0]["body"]) == {"occurred_at", "case_id", "scope"}
    lab.settle()
