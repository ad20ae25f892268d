"""Nobody who can write to the broker can change, redirect, replay elsewhere or invent a message."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import orjson
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from shared.contracts import CaseReceived, Queue
from shared.messaging.envelope import (
    Kind,
    Links,
    Unacceptable,
    Wire,
    open_parcel,
    open_receipt,
    seal,
    seal_receipt,
)
from tests.messaging.parts import RECEIVER, SENDER, case_received, links_of, parcel_of, sealed

OURS = links_of(RECEIVER)
TRACE = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
GENUINE = sealed(case_received(uuid4()), 1, trace=TRACE)
RECEIPTED = [str(uuid4()), str(uuid4())]
RECEIPT = seal_receipt(links_of(RECEIVER), SENDER, RECEIPTED)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)


def travelled(wire: Any) -> Any:
    """A value as it comes out of the broker."""
    return orjson.loads(orjson.dumps(wire))


def refusal(links: Links, wire: Any) -> str:
    with pytest.raises(Unacceptable) as refused:
        open_parcel(links, wire)
    return refused.value.reason


def test_a_genuine_parcel_is_opened_by_its_receiver() -> None:
    (opened,) = open_parcel(OURS, travelled(GENUINE)).envelopes
    assert opened.source == SENDER
    assert opened.sequence == 1
    assert isinstance(opened.message(), CaseReceived)
    assert opened.traceparent == TRACE


def test_the_messages_of_a_parcel_come_out_in_their_order() -> None:
    case_id, other = uuid4(), uuid4()
    rows = [
        (about, sequence, written(case_received(about, str(place))))
        for place, (about, sequence) in enumerate([(case_id, 1), (other, 7), (case_id, 2)])
    ]
    wire = seal(links_of(SENDER), parcel_of(rows))
    opened = open_parcel(OURS, travelled(wire)).envelopes
    assert [(it.aggregate_id, it.sequence) for it in opened] == [
        (str(case_id), 1),
        (str(other), 7),
        (str(case_id), 2),
    ]
    assert [it.wire["body"]["case_code"] for it in opened] == ["0", "1", "2"]


def written(message: CaseReceived) -> dict[str, Any]:
    body = message.model_dump(mode="json")
    return {"id": str(uuid4()), "type": message.type, "trace": None, "body": body}


@given(name=st.sampled_from(sorted(GENUINE)), value=json_values)
def test_no_field_can_be_changed(name: str, value: Any) -> None:
    assume(value != GENUINE[name])
    refusal(OURS, travelled({**GENUINE, name: value}))


@pytest.mark.parametrize("name", sorted(GENUINE))
def test_no_field_can_be_left_out(name: str) -> None:
    refusal(OURS, {key: value for key, value in GENUINE.items() if key != name})


@given(place=st.integers(0, len(GENUINE["text"]) - 1), letter=st.characters())
def test_no_letter_of_what_is_told_can_be_changed(place: int, letter: str) -> None:
    text = GENUINE["text"]
    assume(text[place] != letter)
    changed = f"{text[:place]}{letter}{text[place + 1 :]}"
    assert refusal(OURS, {**GENUINE, "text": changed}) == "not_genuine"


@given(cut=st.integers(0, len(GENUINE["text"]) - 1), more=st.text(min_size=1, max_size=3))
def test_nothing_can_be_cut_off_or_added_to_what_is_told(cut: int, more: str) -> None:
    assert refusal(OURS, {**GENUINE, "text": GENUINE["text"][:cut]}) == "not_genuine"
    assert refusal(OURS, {**GENUINE, "text": GENUINE["text"] + more}) == "not_genuine"


@given(name=st.text(min_size=1, max_size=10), value=json_values)
def test_nothing_can_be_added(name: str, value: Any) -> None:
    assume(name not in GENUINE)
    assert refusal(OURS, travelled({**GENUINE, name: value})) == "not_a_parcel"


@given(wire=json_values)
def test_whatever_lies_in_the_queue_is_refused_without_a_fault(wire: Any) -> None:
    assert refusal(OURS, travelled(wire)) in {"not_a_parcel", "unknown_version"}


def test_a_parcel_for_another_service_is_refused() -> None:
    theirs = sealed(case_received(uuid4()), 1, destination=Queue.NOTIFICATION)
    assert refusal(OURS, theirs) == "not_genuine"
    assert refusal(OURS, {**theirs, "to": str(RECEIVER)}) == "not_genuine"


def told(wire: Wire) -> Any:
    return orjson.loads(wire["text"])


def test_a_service_cannot_speak_for_another() -> None:
    forged = links_of(Queue.DIRECTORY).seal(RECEIVER, Kind.PARCEL, told(GENUINE))
    assert refusal(OURS, {**forged, "from": str(SENDER)}) == "not_genuine"


def test_our_own_words_do_not_come_back_as_somebody_elses() -> None:
    ours = links_of(RECEIVER).seal(SENDER, Kind.PARCEL, told(GENUINE))
    assert refusal(OURS, ours) == "not_genuine"
    assert refusal(OURS, {**ours, "from": ours["to"], "to": ours["from"]}) == "not_genuine"


def test_a_parcel_of_a_version_from_tomorrow_is_refused_as_such() -> None:
    assert refusal(OURS, {**GENUINE, "v": 3}) == "unknown_version"


FORMER = {
    "v": 1,
    "kind": "envelope",
    "id": "01a218a3-0002-7358-be86-d24c9663f127",
    "from": "intake",
    "to": "verification",
    "aggregate": "01a218a3-0002-7358-be86-d24c9663f128",
    "seq": 1,
    "type": "intake.case_received.v1",
    "trace": None,
    "body": {},
    "kid": "1",
    "sig": "0" * 64,
}
"""As the release before has put into the queues: each message signed by itself."""


def test_what_the_release_before_has_sent_is_refused_as_of_another_version() -> None:
    """Its sender sends it again as a parcel: the migration keeps what is open, and its leases."""
    assert refusal(OURS, FORMER) == "unknown_version"
    receipt = {"v": 1, "kind": "receipt", "from": "verification", "to": "intake", "ids": []}
    assert receipt_refusal({**receipt, "kid": "1", "sig": "0" * 64}) == "unknown_version"


def rotated(links: Links, peer: str) -> Links:
    keys = {**links.keys, peer: {**links.keys[peer], "2": b"n" * 32}}
    return replace(links, current={**links.current, peer: "2"}, keys=keys)


def test_messages_signed_before_a_new_key_are_still_opened_and_new_ones_too() -> None:
    fresh = rotated(links_of(SENDER), RECEIVER).seal(RECEIVER, Kind.PARCEL, told(GENUINE))
    both = rotated(OURS, SENDER)
    assert fresh["kid"] == "2"
    assert open_parcel(both, GENUINE) == open_parcel(both, fresh)
    assert refusal(OURS, fresh) == "not_genuine"


def test_a_key_that_was_withdrawn_opens_nothing() -> None:
    without = replace(OURS, keys={**OURS.keys, SENDER: {"2": b"n" * 32}})
    assert refusal(without, GENUINE) == "not_genuine"


def test_keys_are_not_shown_in_logs() -> None:
    assert "keys" not in repr(OURS)


def receipt_refusal(wire: Any) -> str:
    with pytest.raises(Unacceptable) as refused:
        open_receipt(links_of(SENDER), wire)
    return refused.value.reason


def test_a_genuine_receipt_says_who_has_committed_what() -> None:
    destination, ids = open_receipt(links_of(SENDER), travelled(RECEIPT))
    assert destination == RECEIVER
    assert ids == RECEIPTED


@given(name=st.sampled_from(sorted(RECEIPT)), value=json_values)
def test_no_field_of_a_receipt_can_be_changed(name: str, value: Any) -> None:
    assume(value != RECEIPT[name])
    receipt_refusal(travelled({**RECEIPT, name: value}))


def test_a_receipt_cannot_be_made_for_somebody_else() -> None:
    forged = seal_receipt(links_of(Queue.NOTIFICATION), SENDER, RECEIPTED)
    assert receipt_refusal({**forged, "from": str(RECEIVER)}) == "not_genuine"


def test_a_parcel_is_no_receipt_and_a_receipt_no_parcel() -> None:
    to_sender = seal_receipt(links_of(SENDER), RECEIVER, [])
    assert refusal(OURS, to_sender) == "not_a_parcel"
    assert receipt_refusal({**GENUINE, "to": str(SENDER)}) == "not_a_receipt"
    assert refusal(OURS, {**to_sender, "kind": "parcel"}) == "not_genuine"
