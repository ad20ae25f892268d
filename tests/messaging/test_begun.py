"""A frame is noted as begun, committed, and claimed: all in the same round trip."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from shared.contracts import Message
from shared.kit.identifiers import new_id
from shared.messaging import attempts, inbox
from shared.messaging.envelope import open_parcel
from shared.messaging.inbox import BegunBefore
from tests.messaging.parts import (
    RECEIVER,
    Receiver,
    case_received,
    links_of,
    message_id_of,
    parcel_id_of,
    sealed,
)

NOTES = "SELECT parcel_ids FROM begun_frames"


def test_what_is_handled_was_noted_as_begun_and_committed_before(
    receiver: Receiver, engine: Engine
) -> None:
    seen: list[list[UUID]] = []

    def look(_session: Session, _message: Message) -> None:
        with engine.connect() as other:
            seen.extend(other.scalars(text(NOTES)))

    receiver.deeds["watched"] = look
    wire = sealed(case_received(uuid4(), "watched"), 1)
    receiver.take(wire)
    assert seen == [[parcel_id_of(wire)]]
    assert not receiver.rows(NOTES), "it ended with its effect"


def test_a_note_outlives_a_claim_that_fails(receiver: Receiver) -> None:
    """As where the server crashes over the claim: what began is found again."""
    receiver.run(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE SQLSTATE '53100'; END $$"
    )
    receiver.run("CREATE TRIGGER refuse BEFORE INSERT ON inbox EXECUTE FUNCTION refuse()")
    wire = sealed(case_received(uuid4(), "word"), 1)
    try:
        with pytest.raises(DBAPIError):
            receiver.take(wire)
        (note,) = receiver.rows(NOTES)
    finally:
        receiver.run("DROP FUNCTION refuse CASCADE")
    assert note["parcel_ids"] == [parcel_id_of(wire)]
    receiver.take(wire)
    assert receiver.state(wire) == "handled"
    assert not receiver.rows(NOTES), "the database could not work: the message is pardoned"


@pytest.mark.parametrize(
    "begun",
    [
        "INSERT INTO begun_frames (id, parcel_ids) VALUES (gen_random_uuid(), ARRAY[:id])",
        "INSERT INTO delivery_attempts (message_id, attempts) VALUES (:message_id, 2)",
    ],
    ids=["in another frame", "alone"],
)
def test_a_frame_of_which_one_message_was_begun_before_claims_nothing(
    receiver: Receiver, begun: str
) -> None:
    wires = [sealed(case_received(uuid4(), "word"), 1) for _ in range(3)]
    receiver.run(begun, id=parcel_id_of(wires[1]), message_id=message_id_of(wires[1]))
    parcels = [open_parcel(links_of(RECEIVER), wire) for wire in wires]
    envelopes = [it for parcel in parcels for it in parcel.envelopes]
    frame_id = new_id()
    with receiver.database.begin() as session:
        attempts.note_begun(session, frame_id, parcels)
        with pytest.raises(BegunBefore):
            inbox.claim(session, envelopes, frame_id, unless_begun=parcels)
    assert not receiver.rows("SELECT * FROM inbox")
    with receiver.database.begin() as session:
        intent = attempts.look_back(session, frame_id, parcels)
    assert intent.first == (envelopes[0], envelopes[2])
    assert intent.again == (envelopes[1],)


def test_a_note_of_other_messages_stops_nobody(receiver: Receiver) -> None:
    receiver.run(
        "INSERT INTO begun_frames (id, parcel_ids) VALUES (gen_random_uuid(), ARRAY[:id])",
        id=uuid4(),
    )
    wire = sealed(case_received(uuid4(), "word"), 1)
    receiver.take(wire)
    assert receiver.state(wire) == "handled"


def test_a_frame_that_is_decided_already_ends_without_a_trace(receiver: Receiver) -> None:
    """Begun elsewhere, and decided there between its claim and its look back."""
    wire = sealed(case_received(uuid4(), "word"), 1)
    receiver.take(wire)
    receiver.run(
        "INSERT INTO begun_frames (id, parcel_ids) VALUES (:frame, ARRAY[:id])",
        frame=uuid4(),
        id=parcel_id_of(wire),
    )
    assert receiver.take(wire) == [message_id_of(wire)]
    assert receiver.calls == ["word"]
    assert len(receiver.rows(NOTES)) == 1, "the other's"
