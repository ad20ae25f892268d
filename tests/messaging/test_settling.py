"""Operators see what is alike, what a replay would do, and what became of it."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient

from shared.messaging import replays
from shared.messaging.parking import ParkedReason
from shared.messaging.replays import Choice, DecidedOneByOne, Preview
from tests.messaging.parts import (
    OTHER_SENDER,
    SENDER,
    Receiver,
    case_received,
    message_id_of,
    organisation_changed,
    sealed,
)
from tests.messaging.test_failures import exhaust, fail, park
from tests.messaging.test_parking import skip
from tests.messaging.test_replays import ADDRESS, CASE_RECEIVED, post, replay

Headers = Callable[..., dict[str, str]]
EXHAUSTED = Choice(parked_for=ParkedReason.ATTEMPTS_EXHAUSTED)


def preview(receiver: Receiver, choice: Choice = EXHAUSTED) -> Preview:
    with receiver.database.read() as session:
        return replays.preview(session, choice)


def pass_over(receiver: Receiver, message_id: UUID, *, told_before: bool) -> None:
    """The cursor goes past a parked message: by another that said the same, or something else."""
    receiver.run(
        "UPDATE inbox_cursors SET last_sequence = 1 FROM inbox WHERE message_id = :id"
        " AND (inbox_cursors.source, inbox_cursors.aggregate_id)"
        " = (inbox.source, inbox.aggregate_id)",
        id=message_id,
    )
    receiver.run(
        "INSERT INTO inbox (message_id, source, type, aggregate_id, sequence, state, substance)"
        " SELECT gen_random_uuid(), source, type, aggregate_id, sequence, 'handled',"
        " CASE WHEN :same THEN substance ELSE 'other' END FROM inbox WHERE message_id = :id",
        id=message_id,
        same=told_before,
    )


@pytest.fixture
def parked(receiver: Receiver) -> list[UUID]:
    """Three cases whose first message failed; the last two were passed over since."""
    found = [message_id_of(park(receiver, uuid4())[0]) for _ in range(3)]
    pass_over(receiver, found[1], told_before=True)
    pass_over(receiver, found[2], told_before=False)
    receiver.deeds.clear()
    return found


def test_a_dry_run_says_what_a_replay_then_does(
    client: TestClient, token_for: Headers, receiver: Receiver, parked: list[UUID]
) -> None:
    told = preview(receiver)
    assert told == Preview(count=3, to_run=1, in_effect=1, out_of_turn=1, waiting_behind=6)
    assert len(receiver.parked()) == 3, "nothing has changed"
    replay_id = replay(receiver, EXHAUSTED, told.count)
    exhaust(receiver)
    address = f"{ADDRESS}/replays/{replay_id}"
    progress = client.get(address, headers=token_for("operator")).json()
    assert progress == {
        "replay_id": str(replay_id), "count": 3, "held": 0, "handled": told.to_run,
        "known": told.in_effect, "refused": 0, "parked": told.out_of_turn,
    }  # fmt: skip
    assert receiver.parked() == {parked[2]: "stale_sequence"}


def test_what_is_decided_one_by_one_has_no_dry_run(receiver: Receiver) -> None:
    with pytest.raises(DecidedOneByOne):
        preview(receiver, Choice(parked_for=ParkedReason.STALE_SEQUENCE))


def test_a_replay_shows_each_message_until_it_is_done_and_the_same_form_replays_once(
    client: TestClient, token_for: Headers, receiver: Receiver
) -> None:
    park(receiver, uuid4())
    park(receiver, uuid4())
    headers = token_for("operator")
    asked = {"parked_for": "attempts_exhausted", "type": CASE_RECEIVED, "source": SENDER}
    told = client.get(f"{ADDRESS}/preview", headers=headers, params=asked).json()
    assert (told["count"], told["to_run"]) == (2, 2)
    key = {"Idempotency-Key": f'"{uuid4()}"'}
    body = {**asked, "count": 2, "reason": "cause_fixed"}
    first, again = (
        client.post(f"{ADDRESS}/replays", headers={**headers, **key}, json=body) for _ in range(2)
    )
    assert first.json() == again.json()
    replay_id = first.json()["replay_id"]

    def rows() -> list[Mapping[str, Any]]:
        answer = client.get(ADDRESS, headers=headers, params={"replay_id": replay_id})
        found: list[Mapping[str, Any]] = answer.json()["items"]
        return found

    assert [row["fate"] for row in rows()] == ["held", "held"]
    exhaust(receiver)
    assert [row["fate"] for row in rows()] == ["parked", "parked"], "they have failed again"
    receiver.deeds.clear()
    assert post(client, headers, **asked, count=2).json()["replay_id"] != replay_id
    assert rows() == [], "they count where they were replayed last"


def test_what_is_alike_is_one_group_with_its_first_fault(
    client: TestClient, token_for: Headers, receiver: Receiver
) -> None:
    park(receiver, uuid4())
    park(receiver, uuid4())
    receiver.deeds["org"] = fail
    receiver.take(sealed(organisation_changed(uuid4(), "org"), 1))
    exhaust(receiver)
    answer = client.get(f"{ADDRESS}/groups", headers=token_for("operator"))
    first, second = answer.json()["items"]
    assert (first["source"], first["type"], first["count"]) == (SENDER, CASE_RECEIVED, 2)
    assert (second["source"], second["reason"]) == (OTHER_SENDER, "attempts_exhausted")
    assert first["first_fault"]["error"] == "RuntimeError"
    for asked, count in (
        ({"source": SENDER}, 2),
        ({"source": OTHER_SENDER}, 1),
        ({"type": CASE_RECEIVED}, 2),
        ({"parked_for": "unknown_type"}, 0),
    ):
        found = client.get(ADDRESS, headers=token_for("operator"), params=asked).json()
        assert len(found["items"]) == count, asked


def test_in_detail_a_message_shows_its_ids_and_first_fault_and_nothing_it_said(
    client: TestClient, token_for: Headers, receiver: Receiver
) -> None:
    case_id = uuid4()
    receiver.deeds["spoken word"] = fail
    told = case_received(case_id, "spoken word")
    wire = sealed(told, 1, trace="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
    receiver.take(wire)
    exhaust(receiver)
    address = f"{ADDRESS}/{message_id_of(wire)}"
    answer = client.get(address, headers=token_for("operator"))
    found = answer.json()
    assert found["ids"] == {"case_id": str(case_id), "receiver_id": str(told.receiver_id)}
    assert found["traceparent"].startswith("00-0af7651916cd43dd8448eb211c80319c")
    assert found["first_fault"]["error"] == "RuntimeError"
    assert (found["fate"], found["may_confirm_skip"]) == ("parked", False)
    assert "spoken word" not in answer.text
    assert "Nguyễn" not in answer.text
    skip(receiver, message_id_of(wire))
    settled = client.get(address, headers=token_for("operator")).json()
    assert (settled["fate"], settled["outcome"]) == ("refused", "skipped")


NOBODYS = UUID(int=7)


@pytest.mark.parametrize("path", ["groups", "preview", f"replays/{NOBODYS}", str(NOBODYS)])
def test_nobody_else_looks_and_what_is_not_there_is_not_found(
    client: TestClient, token_for: Headers, path: str
) -> None:
    others = token_for("administrator", "auditor", "case_owner")
    assert client.get(f"{ADDRESS}/{path}", headers=others).status_code == 403
    found = client.get(f"{ADDRESS}/{path}", headers=token_for("operator"))
    assert found.status_code == (404 if "-" in path else 200)
