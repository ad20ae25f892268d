"""A message that cannot be handled harms neither its neighbours nor the order of its case."""

import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from shared.contracts import Message
from shared.kit import audit
from shared.kit.errors import Conflict, NotYet
from shared.messaging import attempts, holding, outbox
from shared.messaging.consumer import Consumer
from shared.messaging.delivery import Delivery
from tests.messaging.parts import (
    NOON,
    RECEIVER,
    Receiver,
    case_received,
    deliver,
    links_of,
    message_id_of,
    parcel_id_of,
    sealed,
    wires,
)

ROOT = Path(__file__).resolve().parents[2]


class AlreadyClosed(Conflict):
    """The case is closed."""


def refuse(_session: Session, _message: Message) -> None:
    raise AlreadyClosed


def fail(_session: Session, _message: Message) -> None:
    raise RuntimeError("Nguyễn Thị Thử 0912345678")


def too_soon(_session: Session, _message: Message) -> None:
    raise NotYet


def hang(_session: Session, _message: Message) -> None:
    Event().wait(30)


def tell_and_refuse(session: Session, message: Message) -> None:
    outbox.add(session, case_received(message.aggregate_id, "told by a refused handler"))
    audit.record(session, actor="a", action="undone", object_id=message.aggregate_id, now=NOON)
    raise AlreadyClosed


def test_one_bad_message_does_not_fail_the_63_beside_it(receiver: Receiver) -> None:
    receiver.deeds["bad"] = fail
    cases = [uuid4() for _ in range(64)]
    frame = [sealed(case_received(case_id, "good"), 1) for case_id in cases]
    frame[31] = sealed(case_received(cases[31], "bad"), 1)
    assert len(receiver.take(*frame)) == 64
    assert [len(receiver.words(case_id)) for case_id in cases] == [1] * 31 + [0] + [1] * 32
    assert receiver.state(frame[31]) == "held"
    assert not receiver.rows("SELECT * FROM delivery_attempts")
    assert not receiver.rows("SELECT * FROM begun_frames")


def test_messages_of_a_frame_that_never_ended_are_counted_one_by_one_and_new_ones_are_not(
    receiver: Receiver,
) -> None:
    begun, fresh = (sealed(case_received(uuid4(), word), 1) for word in ("begun", "fresh"))
    receiver.deeds["begun"] = fail
    receiver.run(
        "INSERT INTO begun_frames (id, parcel_ids) VALUES (gen_random_uuid(), ARRAY[:id])",
        id=parcel_id_of(begun),
    )
    receiver.take(begun, fresh)
    assert receiver.calls == ["fresh", "begun"], "the fresh one is not tried again beside it"
    assert receiver.state(fresh) == "handled"
    (held,) = receiver.rows("SELECT * FROM held_messages")
    assert held["message_id"] == message_id_of(begun)
    assert held["attempts"] == 2, "the frame that never ended was the first"
    assert len(receiver.rows("SELECT * FROM begun_frames")) == 1, "the dead frame's own note"


def test_a_refusal_is_the_outcome_of_its_message_and_the_next_one_proceeds(
    receiver: Receiver,
) -> None:
    receiver.deeds["1"] = refuse
    case_id = uuid4()
    first, second = wires(case_id, 1, 2)
    receiver.take(first, second)
    assert receiver.words(case_id) == ["2"]
    (row,) = receiver.rows("SELECT * FROM inbox WHERE sequence = 1")
    assert (row["state"], row["outcome"]) == ("refused", "already-closed")
    (entry,) = receiver.rows("SELECT * FROM audit_entries")
    assert entry["actor"] == "message:intake.case_received.v1"
    assert (entry["object_id"], entry["outcome"]) == (case_id, "already-closed")


def test_a_refused_handler_leaves_nothing_of_what_it_began(receiver: Receiver) -> None:
    receiver.deeds["1"] = tell_and_refuse
    receiver.take(*wires(uuid4(), 1))
    assert not receiver.rows("SELECT * FROM outbox")
    assert [row["action"] for row in receiver.rows("SELECT * FROM audit_entries")] == [
        "handle_message"
    ]


def test_what_is_not_possible_yet_is_held_and_applied_later_in_its_turn(
    receiver: Receiver,
) -> None:
    receiver.deeds["1"] = too_soon
    case_id = uuid4()
    first, second = wires(case_id, 1, 2)
    receiver.take(first)
    receiver.take(second)
    (held,) = receiver.rows("SELECT * FROM held_messages WHERE sequence = 1")
    assert held["reason"] == "not_yet"
    assert receiver.words(case_id) == []
    del receiver.deeds["1"]
    receiver.later()
    assert receiver.words(case_id) == ["1", "2"]
    assert receiver.state(first) == receiver.state(second) == "handled"


def exhaust(receiver: Receiver) -> None:
    """Let time pass until nothing is tried any more."""
    rounds = 0
    while receiver.later():
        rounds += 1
        assert rounds < 50, "it is tried for ever"


def park(receiver: Receiver, case_id: UUID) -> list[dict[str, Any]]:
    """A case whose first message is parked and whose next two wait behind it."""
    receiver.deeds["1"] = fail
    told = wires(case_id, 1, 2, 3)
    receiver.take(*told)
    exhaust(receiver)
    return told


def test_a_message_that_fails_for_a_day_is_parked_and_its_successors_wait(
    receiver: Receiver,
) -> None:
    case_id = uuid4()
    told = park(receiver, case_id)
    assert receiver.parked() == {message_id_of(told[0]): "attempts_exhausted"}
    assert [receiver.state(wire) for wire in told] == ["parked", "held", "held"]
    assert receiver.words(case_id) == []
    assert receiver.calls.count("1") == 1 + holding.MOST_FAULTS, "once in its frame"


def test_a_parked_message_comes_again_without_effect(receiver: Receiver) -> None:
    case_id = uuid4()
    told = park(receiver, case_id)
    calls = len(receiver.calls)
    assert receiver.take(told[0]) == [message_id_of(told[0])]
    assert len(receiver.calls) == calls
    assert len(receiver.parked()) == 1


def test_what_an_exception_says_is_not_kept(receiver: Receiver, engine: Engine) -> None:
    park(receiver, uuid4())
    rows = receiver.rows("SELECT * FROM parked_messages") + receiver.rows("SELECT * FROM inbox")
    assert "0912345678" not in repr(rows)


def test_a_handler_that_hangs_is_interrupted_and_counts_as_failed(receiver: Receiver) -> None:
    receiver.deeds["hang"] = hang
    receiver.seconds = 0.1
    delivery = receiver.delivering(receiver.database.begin)
    good, bad = uuid4(), uuid4()
    frame = [sealed(case_received(bad, "hang"), 1), sealed(case_received(good, "good"), 1)]
    assert len(deliver(delivery, frame)) == 2
    assert receiver.words(good) == ["good"]
    assert receiver.state(frame[0]) == "held"


def sleep(session: Session, _message: Message) -> None:
    session.execute(text("SELECT pg_sleep(30)"))


def test_a_handler_that_hangs_in_a_query_is_interrupted_and_counts_as_failed(
    receiver: Receiver,
) -> None:
    receiver.deeds["hang"] = sleep
    receiver.seconds = 0.2
    receiver.delivery = receiver.delivering(receiver.database.begin)
    bad, good = uuid4(), uuid4()
    frame = [sealed(case_received(bad, "hang"), 1), sealed(case_received(good, "good"), 1)]
    assert len(receiver.take(*frame)) == 2, "the database is not taken for one that is down"
    assert [receiver.state(wire) for wire in frame] == ["held", "handled"]
    assert receiver.rows("SELECT reason FROM held_messages") == [{"reason": "fault"}]
    query = "SELECT count(*) AS count FROM pg_stat_activity WHERE query LIKE '%pg_sleep(30)%'"
    assert receiver.rows(f"{query} AND state = 'active' AND pid <> pg_backend_pid()") == [
        {"count": 0}
    ], "the query was cancelled"


def test_a_handler_that_swallows_faults_is_interrupted_all_the_same(receiver: Receiver) -> None:
    def swallow(session: Session, message: Message) -> None:
        for _ in range(3):
            with suppress(Exception):
                hang(session, message)

    receiver.deeds["swallow"] = swallow
    receiver.seconds = 0.2
    receiver.delivery = receiver.delivering(receiver.database.begin)
    wire = sealed(case_received(uuid4(), "swallow"), 1)
    receiver.take(wire)
    assert receiver.state(wire) == "held"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"type": "intake.case_received.v9"}, "unknown_type"),
        ({"body": {"case_id": "not an id"}}, "invalid_body"),
        ({"body": {}}, "invalid_body"),
    ],
)
def test_a_genuine_message_that_is_not_understood_is_parked(
    receiver: Receiver, changes: dict[str, Any], reason: str
) -> None:
    case_id, neighbour = uuid4(), uuid4()
    wire = sealed(case_received(case_id), 1, **changes)
    receiver.take(wire, *wires(neighbour, 1))
    assert receiver.parked() == {message_id_of(wire): reason}
    assert receiver.words(neighbour) == ["1"]


def test_a_message_nobody_handles_here_is_parked(receiver: Receiver) -> None:
    (wire,) = wires(uuid4(), 1)
    idle = Delivery(
        Consumer(RECEIVER),
        receiver.database.begin,
        links_of(RECEIVER),
        lambda: NOON,
        handler_seconds=10,
    )
    deliver(idle, [wire])
    assert receiver.parked() == {message_id_of(wire): "no_handler"}


def test_what_is_not_genuine_is_counted_by_digest_and_never_handled(receiver: Receiver) -> None:
    case_id = uuid4()
    (genuine,) = wires(case_id, 1)
    forged = {**genuine, "text": genuine["text"].replace("[1]", "[2]")}
    odd = {**genuine, "sig": "chữ ký"}
    newer = {**genuine, "v": 3}
    for _ in range(3):
        assert receiver.take(forged, "junk", 7, None, odd, newer, genuine) == [
            message_id_of(genuine)
        ]
    assert receiver.words(case_id) == ["1"]
    refused = receiver.rows("SELECT * FROM refused_envelopes")
    assert sorted((row["reason"], row["times"]) for row in refused) == [
        ("not_a_parcel", 3),
        ("not_a_parcel", 3),
        ("not_a_parcel", 3),
        ("not_genuine", 3),
        ("not_genuine", 3),
        ("unknown_version", 3),
    ]


def test_a_message_that_kills_its_process_is_parked_and_its_neighbours_are_handled(
    receiver: Receiver, engine: Engine, tmp_path: Path
) -> None:
    neighbours = [uuid4() for _ in range(4)]
    deadly = sealed(case_received(uuid4(), "deadly"), 1)
    frame = [wire for case_id in neighbours for wire in wires(case_id, 1)]
    frame.insert(2, deadly)
    file = tmp_path / "frame.json"
    file.write_bytes(orjson.dumps(frame))
    url = engine.url.render_as_string(hide_password=False)
    ends: list[int] = []
    while not ends or (ends[-1] != 0 and len(ends) < 20):
        ends.append(
            subprocess.run(
                [sys.executable, "-m", "tests.messaging.mortal", url, str(file)],
                cwd=ROOT,
                check=False,
            ).returncode
        )
    assert ends == [9] * (len(ends) - 1) + [0]
    assert len(ends) - 1 == attempts.MOST_ATTEMPTS, "tries before it is parked"
    assert receiver.parked() == {message_id_of(deadly): "never_ended"}
    assert [receiver.words(case_id) for case_id in neighbours] == [["1"]] * 4
