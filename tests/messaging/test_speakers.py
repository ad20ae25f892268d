"""A service says only its own messages, to the services they are for, of the aggregate they name.

Whoever has broken into a service has its keys and can sign. These tests try every service as that
one, with every message of every other: the pairs and the messages are those that exist, so a new
message is tried as soon as it is declared.
"""

from collections.abc import Callable
from itertools import permutations
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest

from shared.contracts import MESSAGES, Message, Queue
from shared.messaging import parking
from shared.messaging.broker import receipts_queue
from shared.messaging.envelope import (
    MOST_MESSAGES,
    Kind,
    Unacceptable,
    Wire,
    open_parcel,
    open_receipt,
    reopen,
    seal,
    seal_receipt,
)
from shared.messaging.parking import ParkedReason, ReplayReason
from tests.architecture.source import ROOT
from tests.messaging.desk import Desk
from tests.messaging.parts import (
    NOON,
    RECEIVER,
    Receiver,
    case_received,
    links_of,
    message_id_of,
    message_in,
    organisation_changed,
    parcel_of,
    sealed,
    wires,
)

PAIRS = list(permutations(Queue, 2))
EVERY = [
    pytest.param(sender, receiver, message, id=f"{sender}-{receiver}-{message.type}")
    for sender, receiver in PAIRS
    for message in MESSAGES
]
MAY = [
    pytest.param(message.source, receiver, message, id=f"{receiver}-{message.type}")
    for message in MESSAGES
    for receiver in (*message.to, *message.formerly_to)
]


def golden(message: type[Message]) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(
        (ROOT / f"tests/contracts/golden/{message.type}.json").read_bytes()
    )
    return found


def signed(
    sender: Queue,
    receiver: Queue,
    message: type[Message],
    **changes: Any,
) -> Wire:
    """What a service that may do anything with its own keys signs."""
    body = golden(message)
    about = changes.pop("aggregate_id", None) or UUID(body[message.aggregate])
    written = {"id": str(uuid4()), "type": message.type, "trace": None, "body": body} | changes
    return seal(links_of(sender), parcel_of([(about, 1, written)], receiver))


def refusal(receiver: Queue, wire: Wire) -> str | None:
    """Why it is refused; ``None`` if it is opened."""
    try:
        opened = open_parcel(links_of(receiver), wire)
    except Unacceptable as refused:
        return str(refused.reason)
    for envelope in opened.envelopes:
        envelope.message()
    return None


@pytest.mark.parametrize(("sender", "receiver", "message"), EVERY)
def test_a_message_is_opened_only_from_its_own_service_and_where_it_is_addressed(
    sender: Queue, receiver: Queue, message: type[Message]
) -> None:
    expected = None if message.is_for(receiver) else "not_addressed"
    if sender != message.source:
        expected = "foreign_type"
    assert refusal(receiver, signed(sender, receiver, message)) == expected


@pytest.mark.parametrize(("sender", "receiver", "message"), MAY)
def test_a_message_takes_no_place_in_the_order_of_another_aggregate(
    sender: Queue, receiver: Queue, message: type[Message]
) -> None:
    body = golden(message)
    others = {UUID(value) for name, value in body.items() if name.endswith("_id") and value}
    for other in {uuid4(), *others} - {UUID(body[message.aggregate])}:
        wire = signed(sender, receiver, message, aggregate_id=other)
        assert refusal(receiver, wire) == "foreign_aggregate"


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        (str.upper, "foreign_aggregate"),
        (lambda it: it.replace("-", ""), "invalid_body"),
        ("{{{}}}".format, "invalid_body"),
    ],
    ids=["in capitals", "without hyphens", "in braces"],
)
def test_an_aggregate_named_in_another_form_is_another_all_the_same(
    receiver: Receiver, written: Callable[[str], str], reason: str
) -> None:
    case_id, other = uuid4(), uuid4()
    body = case_received(case_id).model_dump(mode="json") | {"case_id": written(str(other))}
    wire = sealed(case_received(case_id), 1, body=body)
    receiver.take(wire)
    assert receiver.parked() == {message_id_of(wire): reason}
    assert receiver.calls == []


@pytest.mark.parametrize(("sender", "receiver"), PAIRS)
@pytest.mark.parametrize("claimed", Queue)
def test_a_type_of_a_later_release_is_for_its_own_service_alone_to_say(
    sender: Queue, receiver: Queue, claimed: Queue
) -> None:
    wire = signed(sender, receiver, MESSAGES[0], type=f"{claimed}.thing_of_tomorrow.v1")
    if claimed != sender:
        assert refusal(receiver, wire) == "foreign_type"
        return
    with pytest.raises(Unacceptable) as refused:
        open_parcel(links_of(receiver), wire).envelopes[0].message()
    assert refused.value.reason == "unknown_type", "it is taken over, and parked"


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.type)
def test_every_message_class_knows_its_sender_and_its_aggregate(message: type[Message]) -> None:
    assert message.type.startswith(f"{message.source}.")
    assert message.aggregate in message.model_fields


def test_a_message_class_of_no_service_cannot_be_declared() -> None:
    with pytest.raises(ValueError, match="nobody"):
        type(
            "Orphan", (Message,), {"type": "nobody.thing.v1", "to": (), "aggregate": "occurred_at"}
        )


AN_ID = "01a218a3-0002-7358-be86-d24c9663f127"
ODD_PARTS: dict[str, list[Any]] = {
    "v": [True, 2.0, "2", 1, 3, None, [2]],
    "kind": ["receipt", "Parcel", True, None, 1, []],
    "from": ["notification", "", None, 1, [], {}],
    "to": ["notification", "", None, 1, [], {}],
    "kid": ["2", "", None, 1, [], {}],
    "text": ["", "[]", "{}", "null", "{", "1", 1, None, [], {}],
}  # fmt: skip
"""Values that are not what this part of a sealed thing has to be."""

ODD_IDS: list[Any] = ["", "x", 1, None, [], {}, "{" + AN_ID + "}", f"urn:uuid:{AN_ID}",
                      AN_ID.replace("-", ""), AN_ID.upper()]  # fmt: skip

ODD_NUMBERS: list[Any] = [0, -1, True, 1.0, 1.5, "1", None, 2**63]

ODD_TOLD: dict[str, list[Any]] = {
    "id": ODD_IDS,
    "aggregates": [[], [AN_ID, AN_ID], "x", None, AN_ID,
                   *([it] for it in ODD_IDS)],
    "sequences": [[], [1, 2], None, 1, *([it] for it in ODD_NUMBERS)],
    "messages": [[], None, {}, "x", 1, [None], ["x"], [{}], [[]]],
}  # fmt: skip
"""Values that are not what this part of a parcel has to be, though its true sender has signed."""

ODD_MESSAGE: dict[str, list[Any]] = {
    "id": ODD_IDS,
    "type": ["", 1, None, [], "intake", "intake.case_received", "intake.x\x00.v1",
             "intake.case_received.v0", "intake." + "x" * 100 + ".v1", "intake.case_received.v1\n"],
    "trace": [1, {}, []],
    "body": [None, 1, "x", [], [{}]],
    "more": [None, 1],
}  # fmt: skip


def every(odd: dict[str, list[Any]]) -> list[tuple[str, Any]]:
    return [(part, value) for part, values in odd.items() for value in values]


@pytest.mark.parametrize(("part", "value"), every(ODD_PARTS))
def test_a_sealed_thing_of_which_a_part_is_another_is_refused(part: str, value: Any) -> None:
    wire = sealed(case_received(uuid4()), 1) | {part: value}
    assert refusal(RECEIVER, wire) in {"unknown_version", "not_a_parcel", "not_genuine"}


def parcel(message: dict[str, Any], **changes: Any) -> Wire:
    """Signed by the true sender, whatever it says."""
    genuine = message_in(sealed(case_received(uuid4()), 1))
    written = {name: genuine.wire[name] for name in ("id", "type", "trace", "body")}
    told = {
        "id": AN_ID,
        "aggregates": [genuine.aggregate_id],
        "sequences": [1],
        "messages": [written | message],
    }
    return links_of(Queue.INTAKE).seal(RECEIVER, Kind.PARCEL, told | changes)


def test_a_parcel_of_the_right_parts_is_opened() -> None:
    assert refusal(RECEIVER, parcel({})) is None


@pytest.mark.parametrize(("part", "value"), every(ODD_TOLD))
def test_a_part_that_is_not_what_it_has_to_be_is_refused_though_it_is_signed(
    part: str, value: Any
) -> None:
    assert refusal(RECEIVER, parcel({}, **{part: value})) == "malformed"


@pytest.mark.parametrize(("part", "value"), every(ODD_MESSAGE))
def test_so_is_a_part_of_one_of_its_messages(part: str, value: Any) -> None:
    assert refusal(RECEIVER, parcel({part: value})) == "malformed"


@pytest.mark.parametrize(
    ("many", "reason"), [(MOST_MESSAGES, None), (MOST_MESSAGES + 1, "malformed")]
)
def test_a_parcel_of_more_messages_than_are_handled_together_is_refused(
    many: int, reason: str | None
) -> None:
    told = case_received(uuid4())
    written = {"type": told.type, "trace": None, "body": told.model_dump(mode="json")}
    rows = [(told.case_id, n, {"id": str(uuid4()), **written}) for n in range(1, many + 1)]
    assert refusal(RECEIVER, seal(links_of(Queue.INTAKE), parcel_of(rows))) == reason


def test_what_the_database_cannot_keep_is_refused_though_it_is_signed() -> None:
    assert refusal(RECEIVER, sealed(case_received(uuid4(), "a\x00b"), 1)) == "malformed"


def test_a_foreign_message_is_not_taken_over_and_its_neighbours_are_handled(
    receiver: Receiver,
) -> None:
    case_id, neighbour = uuid4(), uuid4()
    told = case_received(case_id)
    body = told.model_dump(mode="json")
    foreign = [
        signed(peer, RECEIVER, type(told), body=body, aggregate_id=case_id)
        for peer in Queue
        if peer not in {RECEIVER, told.source}
    ]
    (genuine,) = wires(neighbour, 1)
    assert receiver.take(*foreign, genuine) == [message_id_of(genuine)]
    assert receiver.words(case_id) == []
    assert receiver.words(neighbour) == ["1"]
    assert set(receiver.states()) == {message_id_of(genuine)}
    refused = receiver.rows("SELECT reason, times FROM refused_envelopes")
    assert refused == [{"reason": "foreign_type", "times": 1}] * len(foreign)


def kept(receiver: Receiver) -> UUID:
    """An envelope of notification's that an earlier release parked; returns its id."""
    changed = organisation_changed(uuid4())
    body = changed.model_dump(mode="json")
    wire = signed(
        Queue.NOTIFICATION, RECEIVER, type(changed), body=body, aggregate_id=changed.organisation_id
    )
    told = orjson.loads(wire["text"])
    place = {"aggregate": told["aggregates"][0], "seq": 1, "from": wire["from"], "to": wire["to"]}
    envelope = reopen(told["messages"][0] | place)
    with receiver.database.begin() as session:
        parking.park_new(session, envelope, ParkedReason.ATTEMPTS_EXHAUSTED, 5, now=NOON)
    return UUID(envelope.message_id)


def test_what_was_kept_before_such_things_were_refused_is_never_applied(
    receiver: Receiver,
) -> None:
    message_id = kept(receiver)
    with receiver.database.begin() as session:
        parking.replay(
            session,
            message_id=message_id,
            actor="operator:test",
            reason=ReplayReason.CAUSE_FIXED,
            now=NOON,
        )
    receiver.later()
    assert receiver.calls == []
    assert receiver.parked() == {message_id: "foreign_type"}


@pytest.mark.parametrize(("sender", "receiver"), PAIRS)
@pytest.mark.parametrize("signer", Queue)
def test_a_receipt_speaks_for_the_service_that_signed_it_alone(
    sender: Queue, receiver: Queue, signer: Queue
) -> None:
    if signer == sender:
        assert str(signer) not in links_of(signer).keys, "nobody has a key with itself"
        return
    wire = seal_receipt(links_of(signer), sender, []) | {"from": str(receiver)}
    if signer == receiver:
        assert open_receipt(links_of(sender), wire) == (receiver, [])
        return
    with pytest.raises(Unacceptable) as refused:
        open_receipt(links_of(sender), wire)
    assert refused.value.reason == "not_genuine"


@pytest.mark.parametrize(
    "ids",
    [None, "x", 1, {}, [1], [None], ["x"], [[]], [AN_ID.replace("-", "")], [AN_ID] * 5000],
    ids=lambda ids: str(ids)[:12],
)
def test_a_receipt_for_what_are_no_ids_is_refused_though_it_is_signed(ids: Any) -> None:
    wire = seal_receipt(links_of(RECEIVER), Queue.INTAKE, ids)
    with pytest.raises(Unacceptable) as refused:
        open_receipt(links_of(Queue.INTAKE), wire)
    assert refused.value.reason == "malformed"


def test_each_destination_closes_its_own_row_and_no_other_service_closes_any(desk: Desk) -> None:
    desk.tell()
    relay = desk.relay()
    relay.round()
    for signer in Queue:
        if signer == Queue.INTAKE:
            continue
        before = {row["destination"] for row in desk.open()}
        ids = [str(row["parcel_id"]) for row in desk.open()] or [str(uuid4())]
        desk.broker.send_receipts(
            [(Queue.INTAKE, seal_receipt(links_of(signer), Queue.INTAKE, ids))]
        )
        relay.round()
        assert {row["destination"] for row in desk.open()} == before - {str(signer)}
    assert desk.open() == []
    assert desk.length(receipts_queue(Queue.INTAKE)) == 0


def test_what_one_service_was_told_gives_it_no_id_under_which_to_come_first_at_another(
    desk: Desk,
) -> None:
    (case_id,) = desk.tell()
    desk.relay().round()
    ((known,),) = desk.sent(Queue.LIVELIHOOD_SUPPORT)
    thief = signed(
        Queue.LIVELIHOOD_SUPPORT,
        RECEIVER,
        MESSAGES[0],
        type="livelihood_support.thing_of_tomorrow.v1",
        id=str(message_id_of(known)),
    )
    desk.receiver.take(thief)
    ((genuine,),) = desk.sent(RECEIVER)
    desk.receiver.take(genuine)
    assert desk.receiver.words(case_id) == ["1"], "a repeat of nothing that came before"
