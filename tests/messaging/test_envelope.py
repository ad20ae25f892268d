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
    Links,
    Unacceptable,
    Wire,
    open_envelope,
    open_receipt,
    seal_receipt,
)
from tests.messaging.parts import RECEIVER, SENDER, case_received, links_of, sealed

OURS = links_of(RECEIVER)
GENUINE = sealed(case_received(uuid4()), 1, traceparent="00-" + "a" * 32 + "-" + "b" * 16 + "-01")
RECEIPT = seal_receipt(links_of(RECEIVER), SENDER, [str(uuid4()), str(uuid4())])

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
        open_envelope(links, wire)
    return refused.value.reason


def test_a_genuine_envelope_is_opened_by_its_receiver() -> None:
    opened = open_envelope(OURS, travelled(GENUINE))
    assert opened.source == SENDER
    assert opened.sequence == 1
    assert isinstance(opened.message(), CaseReceived)
    assert opened.traceparent == GENUINE["trace"]


@given(name=st.sampled_from(sorted(GENUINE)), value=json_values)
def test_no_field_can_be_changed(name: str, value: Any) -> None:
    assume(value != GENUINE[name])
    refusal(OURS, travelled({**GENUINE, name: value}))


@pytest.mark.parametrize("name", sorted(GENUINE))
def test_no_field_can_be_left_out(name: str) -> None:
    refusal(OURS, {key: value for key, value in GENUINE.items() if key != name})


@given(name=st.sampled_from(sorted(GENUINE["body"])), value=json_values)
def test_nothing_in_the_body_can_be_changed(name: str, value: Any) -> None:
    assume(value != GENUINE["body"][name] or type(value) is not type(GENUINE["body"][name]))
    body = {**GENUINE["body"], name: value}
    assert refusal(OURS, travelled({**GENUINE, "body": body})) == "not_genuine"


@given(name=st.text(min_size=1, max_size=10), value=json_values)
def test_nothing_can_be_added(name: str, value: Any) -> None:
    assume(name not in GENUINE)
    assert refusal(OURS, travelled({**GENUINE, name: value})) == "not_genuine"


@given(wire=json_values)
def test_whatever_lies_in_the_queue_is_refused_without_a_fault(wire: Any) -> None:
    assert refusal(OURS, travelled(wire)) == "not_an_envelope"


def test_an_envelope_for_another_service_is_refused() -> None:
    theirs = sealed(case_received(uuid4()), 1, destination=Queue.NOTIFICATION)
    assert refusal(OURS, theirs) == "not_genuine"
    assert refusal(OURS, {**theirs, "to": str(RECEIVER)}) == "not_genuine"


def test_a_service_cannot_speak_for_another() -> None:
    forger = links_of(Queue.DIRECTORY)
    unsigned = {name: value for name, value in GENUINE.items() if name not in {"kid", "sig"}}
    assert refusal(OURS, forger.sign(RECEIVER, unsigned)) == "not_genuine"


def test_our_own_words_do_not_come_back_as_somebody_elses() -> None:
    ours = {**GENUINE, "from": str(RECEIVER), "to": str(SENDER)}
    reflected = links_of(RECEIVER).sign(SENDER, ours)
    assert refusal(OURS, reflected) == "not_genuine"


def test_an_envelope_of_a_version_from_tomorrow_is_refused_as_such() -> None:
    assert refusal(OURS, {**GENUINE, "v": 2}) == "unknown_version"


def rotated(links: Links, peer: str) -> Links:
    keys = {**links.keys, peer: {**links.keys[peer], "2": b"n" * 32}}
    return replace(links, current={**links.current, peer: "2"}, keys=keys)


def test_messages_signed_before_a_new_key_are_still_opened_and_new_ones_too() -> None:
    unsigned = {name: value for name, value in GENUINE.items() if name not in {"kid", "sig"}}
    fresh = rotated(links_of(SENDER), RECEIVER).sign(RECEIVER, unsigned)
    both = rotated(OURS, SENDER)
    assert fresh["kid"] == "2"
    assert open_envelope(both, GENUINE).wire == GENUINE
    assert open_envelope(both, fresh).sequence == 1
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
    assert [str(one) for one in ids] == RECEIPT["ids"]


@given(name=st.sampled_from(sorted(RECEIPT)), value=json_values)
def test_no_field_of_a_receipt_can_be_changed(name: str, value: Any) -> None:
    assume(value != RECEIPT[name])
    receipt_refusal(travelled({**RECEIPT, name: value}))


def test_a_receipt_cannot_be_made_for_somebody_else() -> None:
    unsigned = {name: value for name, value in RECEIPT.items() if name not in {"kid", "sig"}}
    forged: Wire = links_of(Queue.NOTIFICATION).sign(SENDER, unsigned)
    assert receipt_refusal(forged) == "not_genuine"


def test_an_envelope_is_no_receipt_and_a_receipt_no_envelope() -> None:
    to_sender = seal_receipt(links_of(SENDER), RECEIVER, [])
    assert refusal(OURS, to_sender) == "not_an_envelope"
    assert receipt_refusal({**GENUINE, "to": str(SENDER)}) == "not_a_receipt"
