"""Any bytes at all at the three doors - frames, receipts, marks - are refused and counted.

Nothing that lies in the broker ends a process, reaches Celery's own machinery or holds up what
lies beside it.
"""

from base64 import b64decode
from typing import Any, cast
from uuid import UUID, uuid4

import orjson
import pytest
import redis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from shared.contracts import CaseReceived, Message, Queue
from shared.messaging import door, refusals
from shared.messaging.broker import receipts_queue
from shared.messaging.door import BEAT, DELIVER, REFUSE, Junk
from shared.messaging.envelope import RefusalReason, Unacceptable, open_parcel, open_receipt
from tests.messaging.desk import COPIES, Desk
from tests.messaging.junk import BYTES, FRAME, json_like, spoilt, wrapped
from tests.messaging.parts import (
    RECEIVER,
    SENDER,
    Receiver,
    case_received,
    links_of,
    message_id_of,
    sealed,
    wires,
)

ALL_JUNK = pytest.mark.parametrize("item", BYTES.values(), ids=BYTES.keys())
GENUINE = sealed(case_received(UUID(int=1)), 1, message_id=UUID(int=2))
OURS = wrapped(orjson.dumps([[[GENUINE]], {}, {}]))
REPEATEDLY = settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)


def admitted(item: bytes) -> tuple[str, Any, dict[str, Any]]:
    """Task, arguments and headers as Celery sees them."""
    found = orjson.loads(door.admit(item, RECEIVER))
    return found["headers"]["task"], orjson.loads(b64decode(found["body"])), found["headers"]


@ALL_JUNK
def test_what_is_no_task_of_ours_becomes_its_digest(item: bytes) -> None:
    task, arguments, _ = admitted(item)
    assert task == REFUSE
    assert arguments[1:] == [{}, {}]
    assert len(bytes.fromhex(arguments[0][0])) == 32


@given(item=st.binary(max_size=200) | spoilt(OURS))
def test_whatever_bytes_a_worker_finds_it_is_given_a_task_of_ours(item: bytes) -> None:
    task, arguments, _ = admitted(item)
    assert task in {DELIVER, BEAT, REFUSE}
    assert isinstance(arguments, list)
    assert arguments[1:] == [{}, {}]


def test_of_what_a_sender_wrote_celery_sees_the_arguments_alone() -> None:
    headers = {
        **door.task_headers(DELIVER),
        "eta": "2999-01-01T00:00:00",
        "retries": 3,
        "compression": "gzip",
        "timelimit": [0, 0],
    }
    item = wrapped(orjson.dumps(FRAME), headers=headers)
    task, arguments, seen = admitted(item)
    assert (task, arguments) == (DELIVER, FRAME)
    assert set(seen) == set(door.task_headers(DELIVER))
    assert seen["id"] != headers["id"]


def test_what_is_too_large_is_not_even_read() -> None:
    item = wrapped(orjson.dumps([[["x" * door.LARGEST]], {}, {}]))
    assert admitted(item)[0] == REFUSE
    assert isinstance(door.content(item), Junk)


@given(value=json_like)
def test_no_value_that_can_be_read_is_a_fault_of_envelopes_or_receipts(value: Any) -> None:
    with pytest.raises(Unacceptable):
        open_parcel(links_of(RECEIVER), value)
    with pytest.raises(Unacceptable):
        open_receipt(links_of(SENDER), value)


@REPEATEDLY
@given(name=st.sampled_from(sorted(GENUINE)), value=json_like)
def test_no_value_in_any_place_of_an_envelope_is_a_fault(
    receiver: Receiver, name: str, value: Any
) -> None:
    case_id = uuid4()
    (good,) = wires(case_id, 1)
    spoiled = {**GENUINE, name: value}
    if spoiled == GENUINE:
        return
    assert receiver.take(spoiled, good) == [message_id_of(good)]
    assert receiver.words(case_id) == ["1"]


@pytest.mark.parametrize("levels", [200, 253, 254, 300, 900])
def test_a_deep_envelope_is_refused_and_counted_and_its_neighbours_are_handled(
    receiver: Receiver, levels: int
) -> None:
    case_id = uuid4()
    (good,) = wires(case_id, 1)
    body: Any = {}
    for _ in range(levels):
        body = {"a": body}
    odd = [{**GENUINE, "text": body}, body, {**GENUINE, "from": [body]}, {"kind": "parcel", **body}]
    if levels > 252:
        # Signed by its sender, and too deep to be written down where it would have to wait.
        told = orjson.Fragment(b'{"a":' * levels + b"{}" + b"}" * levels)
        odd.append(sealed(case_received(case_id), 1, body=told))
    assert receiver.take(*odd, good) == [message_id_of(good)]
    assert receiver.words(case_id) == ["1"]
    (row,) = receiver.rows("SELECT sum(times) AS times FROM refused_envelopes")
    assert row["times"] == len(odd)


def test_a_flood_of_different_things_fills_so_many_rows_and_is_counted_all_the_same(
    receiver: Receiver,
) -> None:
    flood = [(Junk(str(n).encode()), RefusalReason.UNREADABLE) for n in range(900)]
    more = [({"n": n}, RefusalReason.NOT_A_PARCEL) for n in range(900)]
    for _ in range(2):
        with receiver.database.begin() as session:
            refusals.refuse(session, [*flood, *more])
    (row,) = receiver.rows("SELECT count(*) AS kept, sum(times) AS times FROM refused_envelopes")
    assert refusals.MOST_KEPT <= row["kept"] <= refusals.MOST_KEPT + len(RefusalReason)
    assert row["times"] == 2 * 1800


def test_a_count_that_has_reached_its_end_stays_there(receiver: Receiver) -> None:
    junk = [(Junk(b"1"), RefusalReason.UNREADABLE)]
    for _ in range(2):
        with receiver.database.begin() as session:
            refusals.refuse(session, junk)
        receiver.run("UPDATE refused_envelopes SET times = 2147483647")
    (row,) = receiver.rows("SELECT times FROM refused_envelopes")
    assert row["times"] == 2147483647


def test_junk_among_the_receipts_is_counted_and_closes_nothing_and_stops_nobody(
    desk: Desk,
) -> None:
    desk.tell()
    relay = desk.relay()
    relay.round()
    desk.queues.lpush(receipts_queue(SENDER), *BYTES.values())
    desk.broker.send_receipts([(SENDER, desk.receipt())])
    relay.round()
    assert desk.totals() == {str(RECEIVER): (1, 0)}
    assert len(desk.open()) == COPIES - 1
    assert desk.length(receipts_queue(SENDER)) == 0
    (row,) = desk.receiver.rows("SELECT sum(times) AS times FROM refused_envelopes")
    assert row["times"] == len(BYTES)


@REPEATEDLY
@given(items=st.lists(st.binary(max_size=50) | spoilt(OURS), min_size=1, max_size=5))
def test_whatever_bytes_lie_among_the_receipts_the_relay_goes_on(
    desk: Desk, items: list[bytes]
) -> None:
    relay = desk.relay()
    desk.queues.lpush(receipts_queue(SENDER), *items)
    relay.round()
    assert desk.length(receipts_queue(SENDER)) == 0


MARKS = [b"", b"\x00\xff\xfe", b"[" * 100_000, b"9" * 5000, "ký hiệu".encode(), b"\xed\xa0\x80"]


@pytest.mark.parametrize("mark", MARKS, ids=lambda mark: str(mark[:8]))
def test_a_mark_that_is_none_of_ours_is_taken_for_a_lost_one(desk: Desk, mark: bytes) -> None:
    (case_id,) = desk.tell()
    relay = desk.relay()
    relay.round()
    desk.queues.delete(*CaseReceived.to)
    desk.queues.set(f"{SENDER}:epoch", mark)
    relay.round()
    assert desk.queues.get(f"{SENDER}:epoch") not in {None, mark}
    (told,) = desk.told()
    assert told.aggregate_id == str(case_id), "what was open is sent again"


@pytest.mark.parametrize("way", ["list", "set", "hash"])
def test_a_mark_of_another_kind_is_taken_for_a_lost_one(desk: Desk, way: str) -> None:
    key = f"{SENDER}:epoch"
    desk.queues.delete(key)
    {
        "list": lambda: desk.queues.lpush(key, "x"),
        "set": lambda: desk.queues.sadd(key, "x"),
        "hash": lambda: desk.queues.hset(key, "x", "y"),
    }[way]()
    desk.relay().round()
    assert desk.queues.type(key) == b"string"


@REPEATEDLY
@given(mark=st.binary(max_size=60))
def test_whatever_the_mark_holds_the_relay_goes_on(desk: Desk, mark: bytes) -> None:
    desk.queues.set(f"{SENDER}:epoch", mark)
    relay = desk.relay()
    relay.round()
    relay.round()
    assert desk.queues.get(f"{SENDER}:epoch") != mark


def fail(_session: Session, _message: Message) -> None:
    raise ZeroDivisionError


def test_a_worker_that_is_away_is_not_rung_for_endlessly(desk: Desk) -> None:
    case_id = uuid4()
    desk.receiver.deeds["1"] = fail
    desk.receiver.take(*wires(case_id, 1))
    desk.receiver.run("UPDATE held_messages SET next_at = now()")
    relay = desk.relay()
    for _ in range(60):
        relay._next["held"] = 0
        relay.round()
    assert 0 < desk.length(SENDER) < 30


def test_queues_are_named_for_services() -> None:
    assert {receipts_queue(queue) for queue in Queue}.isdisjoint(set(Queue))


def test_what_kombu_sends_is_what_the_door_expects(desk: Desk, queues: "redis.Redis") -> None:
    desk.broker.send_frames([(RECEIVER, [GENUINE])])
    desk.broker.send_beat(RECEIVER)
    first, second = map(bytes, reversed(cast("list[bytes]", queues.lrange(RECEIVER, 0, -1))))
    assert admitted(first)[:2] == (DELIVER, [[[GENUINE]], {}, {}])
    assert admitted(second)[:2] == (BEAT, [[], {}, {}])
