"""The broker dies, forgets, hangs, is full, is demoted, is lied into (faults 8, 9, 10, 11, 27)."""

import base64
import os
import time
from signal import SIGCONT, SIGSTOP
from uuid import uuid4

import orjson

from shared.kit.identifiers import new_id
from shared.messaging.envelope import Wire, seal
from shared.messaging.outbox import Outgoing
from tests.faults.lab import Lab
from tests.faults.proxy import Weather
from tests.faults.roles import RECEIVER, SENDER

OUTAGE = 60.0
"""Seconds the broker is away; long enough for every timeout and back-off to be met."""


def test_a_broker_killed_five_times_loses_nothing(lab: Lab) -> None:
    for _ in range(5):
        lab.tell(40)
        lab.redis_server.kill()
        lab.tell(10)
        lab.redis_server.restart()
        lab.tell(10)
    lab.settle(seconds=60)
    lab.assert_each_once_in_order()


def test_a_broker_that_forgets_everything_is_noticed_and_filled_again(lab: Lab) -> None:
    for _ in range(3):
        lab.roles["worker"].signal(SIGSTOP)
        lab.tell(60)
        lab.client().flushall()
        lab.roles["worker"].signal(SIGCONT)
        lab.tell(20)
    lab.settle(seconds=60)
    lab.assert_each_once_in_order()


def test_a_frozen_broker_never_slows_whoever_commits_without_publishing(lab: Lab) -> None:
    lab.client().ping()
    pid = lab.redis_server.pid
    began = time.monotonic()
    os.kill(pid, SIGSTOP)
    try:
        while time.monotonic() - began < OUTAGE / 2:
            started = time.monotonic()
            lab.tell(1, is_published=False)
            assert time.monotonic() - started < 5, "a commit waited for the broker"
            time.sleep(1)
    finally:
        os.kill(pid, SIGCONT)
    lab.settle(seconds=90)
    lab.assert_each_once_in_order()


def test_a_network_that_swallows_everything_is_survived(lab: Lab) -> None:
    lab.to_redis.weather = Weather.HOLE
    lab.tell(60, is_published=False)
    began = time.monotonic()
    lab.wait(lambda: time.monotonic() - began > OUTAGE, seconds=OUTAGE + 5, what="outage over")
    lab.to_redis.weather = Weather.PASS
    lab.tell(60, is_published=False)
    lab.settle(seconds=90)
    lab.assert_each_once_in_order()


def test_a_storm_of_resets_is_survived(lab: Lab) -> None:
    for _ in range(15):
        lab.tell(8, is_published=False)
        lab.to_redis.reset_all()
        lab.wait(lambda: True, seconds=1, what="roles looked after")
        time.sleep(0.3)
    lab.settle(seconds=90)
    lab.assert_each_once_in_order()


def test_a_slow_network_delays_and_repeats_nothing(lab: Lab) -> None:
    lab.to_redis.weather = Weather.SLOW
    lab.tell(40)
    began = time.monotonic()
    lab.wait(lambda: time.monotonic() - began > 5, seconds=8, what="a while passed")
    lab.to_redis.weather = Weather.PASS
    lab.settle(seconds=60)
    lab.assert_each_once_in_order()


def test_a_full_broker_refuses_and_recovers(lab: Lab) -> None:
    broker = lab.client()
    broker.config_set("maxmemory", "1")
    lab.tell(40)
    began = time.monotonic()
    lab.wait(lambda: time.monotonic() - began > 6, seconds=10, what="a while passed")
    broker.config_set("maxmemory", "0")
    lab.settle(seconds=90)
    lab.assert_each_once_in_order()


def test_a_broker_turned_replica_refuses_and_recovers(lab: Lab) -> None:
    broker = lab.client()
    broker.replicaof("127.0.0.1", "1")
    lab.tell(40)
    began = time.monotonic()
    lab.wait(lambda: time.monotonic() - began > 6, seconds=10, what="a while passed")
    broker.replicaof("NO", "ONE")
    lab.settle(seconds=90)
    lab.assert_each_once_in_order()


def test_a_forged_and_a_replayed_envelope_in_the_broker_change_nothing(lab: Lab) -> None:
    before = lab.effects()
    genuine = made_envelope(lab)
    forged = [
        {**genuine, "seq": 7},
        {**genuine, "id": str(new_id())},
        {**genuine, "body": {**genuine["body"], "case_id": str(uuid4())}},
        {**genuine, "from": "verification"},
        {**genuine, "sig": "00" * 32},
    ]
    lab.broker.send_frames([(RECEIVER, [wire]) for wire in forged])
    refused = "SELECT coalesce(sum(times), 0) FROM refused_envelopes"
    lab.wait(lambda: lab.query(RECEIVER, refused)[0][0] == 5, seconds=20, what="five refused")
    assert lab.effects() == before

    lab.tell(5)
    lab.settle()
    replay_everything_ever_sent(lab)
    lab.assert_each_once_in_order()


def made_envelope(lab: Lab) -> Wire:
    """A well-formed, well-signed envelope that no outbox knows; only its signature is genuine."""
    body = {
        "occurred_at": "2026-01-01T00:00:00Z",
        "case_id": str(uuid4()),
        "scope": {"organisation_kind": "hospital", "purpose": "service_referral"},
    }
    case_id = uuid4()
    row = Outgoing(new_id(), RECEIVER, case_id, 1, "intake.consent_given.v1", body, None)
    return seal(lab.links(SENDER), row)


def replay_everything_ever_sent(lab: Lab) -> None:
    """Record what is sent from now on, and put every frame of it into the queue ten times more."""
    lab.roles["worker"].signal(SIGSTOP)
    lab.tell(20)
    broker = lab.client()
    lab.wait(lambda: broker.llen(RECEIVER) > 0, seconds=10, what="frames wait")
    recorded = broker.lrange(RECEIVER, 0, -1)
    for _ in range(10):
        broker.lpush(RECEIVER, *recorded)
    lab.roles["worker"].signal(SIGCONT)
    lab.wait(lambda: broker.llen(RECEIVER) == 0, seconds=30, what="queue read")
    lab.settle()


def test_nothing_but_ids_and_codes_is_in_the_broker(lab: Lab) -> None:
    lab.roles["worker"].signal(SIGSTOP)
    lab.tell(5)
    broker = lab.client()
    lab.wait(lambda: broker.llen(RECEIVER) > 0, seconds=10, what="frames wait")
    wrapped = orjson.loads(broker.lrange(RECEIVER, 0, 0)[0])
    lab.roles["worker"].signal(SIGCONT)
    assert wrapped["headers"]["argsrepr"] == wrapped["headers"]["kwargsrepr"] == ""
    ((frame,), _, _) = orjson.loads(base64.b64decode(wrapped["body"]))
    assert set(frame[0]["body"]) == {"occurred_at", "case_id", "scope"}
    lab.settle()
