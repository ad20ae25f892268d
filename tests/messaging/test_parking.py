"""A person sees what could not be handled, gives it its tries again, or gives it up."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient

from shared.kit.two_people import AnotherMustConfirm
from shared.messaging import parking
from shared.messaging.envelope import Wire
from shared.messaging.parking import (
    AlreadyReplayed,
    ParkedMessageNotFound,
    ReplayReason,
    SkipNotProposed,
)
from tests.messaging.parts import (
    NOON,
    Receiver,
    message_id_of,
    wires,
)
from tests.messaging.test_failures import exhaust, park

Headers = Callable[..., dict[str, str]]
ADDRESS = "/verification/v1/parked-messages"


def settle(receiver: Receiver, act: Callable[..., object], message_id: UUID) -> None:
    with receiver.database.begin() as session:
        act(
            session,
            message_id=message_id,
            actor="operator:test",
            reason=ReplayReason.CAUSE_FIXED,
            now=NOON,
        )


def skip(receiver: Receiver, message_id: UUID) -> None:
    """One proposes it, another confirms it."""
    for act, actor in ((parking.propose_skip, "operator:one"), (parking.skip, "operator:two")):
        with receiver.database.begin() as session:
            act(
                session,
                message_id=message_id,
                actor=actor,
                reason=ReplayReason.CAUSE_FIXED,
                now=NOON,
            )


@pytest.fixture
def case_id() -> UUID:
    return uuid4()


@pytest.fixture
def told(receiver: Receiver, case_id: UUID) -> list[Wire]:
    return park(receiver, case_id)


def test_replaying_applies_the_message_and_then_its_successors_in_order(
    receiver: Receiver, case_id: UUID, told: list[Wire]
) -> None:
    receiver.deeds.clear()
    settle(receiver, parking.replay, message_id_of(told[0]))
    receiver.delivery.drain_held()
    assert receiver.words(case_id) == ["1", "2", "3"]
    assert [receiver.state(wire) for wire in told] == ["handled"] * 3
    (row,) = receiver.rows("SELECT * FROM parked_messages")
    assert (row["replayed_by"], row["replay_reason"]) == ("operator:test", "cause_fixed")
    (entry,) = receiver.rows("SELECT * FROM audit_entries WHERE action = 'replay_message'")
    assert entry["actor"] == "operator:test"


def test_a_replay_that_fails_again_is_parked_again(receiver: Receiver, told: list[Wire]) -> None:
    message_id = message_id_of(told[0])
    settle(receiver, parking.replay, message_id)
    exhaust(receiver)
    assert receiver.parked() == {message_id: "attempts_exhausted"}
    settle(receiver, parking.replay, message_id)
    assert receiver.parked() == {}


def test_skipping_gives_the_message_up_and_lets_its_successors_pass(
    receiver: Receiver, case_id: UUID, told: list[Wire]
) -> None:
    skip(receiver, message_id_of(told[0]))
    receiver.delivery.drain_held()
    assert receiver.words(case_id) == ["2", "3"]
    (row,) = receiver.rows("SELECT * FROM inbox WHERE sequence = 1")
    assert (row["state"], row["outcome"]) == ("refused", parking.SKIPPED)
    (entry,) = receiver.rows("SELECT * FROM audit_entries WHERE action = 'skip_message'")
    assert entry["facts"] == {"reason": "cause_fixed", "proposed_by": "operator:one"}
    (proposal,) = receiver.rows("SELECT * FROM audit_entries WHERE action = 'propose_skip'")
    assert (entry["actor"], proposal["actor"]) == ("operator:two", "operator:one")


def test_nobody_skips_what_nobody_else_has_proposed(receiver: Receiver, told: list[Wire]) -> None:
    message_id = message_id_of(told[0])
    with pytest.raises(SkipNotProposed):
        settle(receiver, parking.skip, message_id)
    settle(receiver, parking.propose_skip, message_id)
    with pytest.raises(AnotherMustConfirm):
        settle(receiver, parking.skip, message_id)
    assert receiver.parked() == {message_id: "attempts_exhausted"}
    settle(receiver, parking.replay, message_id)
    exhaust(receiver)
    with pytest.raises(SkipNotProposed):
        settle(receiver, parking.skip, message_id)


SETTLING = (parking.replay, parking.propose_skip, parking.skip)


@pytest.mark.parametrize("again", SETTLING)
def test_a_message_is_settled_once(
    receiver: Receiver, told: list[Wire], again: Callable[..., object]
) -> None:
    skip(receiver, message_id_of(told[0]))
    with pytest.raises(AlreadyReplayed):
        settle(receiver, again, message_id_of(told[0]))


@pytest.mark.parametrize("act", SETTLING)
def test_what_is_not_parked_cannot_be_settled(
    receiver: Receiver, act: Callable[..., object]
) -> None:
    with pytest.raises(ParkedMessageNotFound):
        settle(receiver, act, uuid4())


def test_an_operator_sees_what_is_parked_without_its_body(
    client: TestClient, token_for: Headers, receiver: Receiver, told: list[Wire]
) -> None:
    answer = client.get(ADDRESS, headers=token_for("operator"))
    (item,) = answer.json()["items"]
    assert item["message_id"] == str(message_id_of(told[0]))
    assert item["reason"] == "attempts_exhausted"
    assert not {"envelope", "body"} & set(item)


def test_parked_messages_come_in_pages(
    client: TestClient, token_for: Headers, receiver: Receiver
) -> None:
    for _ in range(3):
        park(receiver, uuid4())
    headers = token_for("operator")
    seen: list[str] = []
    address: str | None = f"{ADDRESS}?page_size=2"
    while address:
        answer = client.get(address, headers=headers)
        seen += [item["message_id"] for item in answer.json()["items"]]
        address = answer.links["next"]["url"] if "next" in answer.links else None
    assert len(seen) == len(set(seen)) == 3


def post(client: TestClient, headers: dict[str, str], message_id: str, act: str) -> Any:
    return client.post(
        f"{ADDRESS}/{message_id}/{act}",
        headers={**headers, "Idempotency-Key": f'"{uuid4()}"'},
        json={"reason": "cause_fixed"},
    )


def test_an_operator_replays_over_http(
    client: TestClient, token_for: Headers, receiver: Receiver, case_id: UUID, told: list[Wire]
) -> None:
    answer = post(
        client, token_for("operator", client_id="ops"), str(message_id_of(told[0])), "replays"
    )
    assert answer.status_code == 201
    receiver.deeds.clear()
    receiver.delivery.drain_held()
    assert receiver.words(case_id) == ["1", "2", "3"]
    (row,) = receiver.rows("SELECT * FROM parked_messages")
    assert row["replayed_by"] == "client:ops"


def test_an_operator_skips_over_http(
    client: TestClient, token_for: Headers, receiver: Receiver, case_id: UUID, told: list[Wire]
) -> None:
    message_id = str(message_id_of(told[0]))
    one, two = (token_for("operator", client_id=name) for name in ("one", "two"))
    assert post(client, one, message_id, "skips").status_code == 409, "nobody has proposed it"
    assert post(client, one, message_id, "skip-proposals").json()["status"] == "skip_proposed"
    may_confirm = [
        client.get(f"{ADDRESS}/{message_id}", headers=who).json()["may_confirm_skip"]
        for who in (one, two)
    ]
    assert may_confirm == [False, True]
    assert post(client, one, message_id, "skips").json()["type"].endswith("another-must-confirm")
    assert post(client, two, message_id, "skips").json()["status"] == "skipped"
    receiver.delivery.drain_held()
    assert receiver.words(case_id) == ["2", "3"]
    assert (
        post(client, token_for("operator"), str(message_id_of(told[0])), "replays").status_code
        == 409
    )
    assert post(client, token_for("operator"), str(uuid4()), "skips").status_code == 404


def test_nobody_else_sees_or_settles_what_is_parked(
    client: TestClient, token_for: Headers, told: list[Wire]
) -> None:
    headers = token_for("verifier", "administrator", "auditor")
    assert client.get(ADDRESS, headers=headers).status_code == 403
    assert post(client, headers, str(message_id_of(told[0])), "replays").status_code == 403
    assert client.get(ADDRESS).status_code == 401


def test_a_message_parked_before_its_turn_does_not_stop_the_ones_before_it(
    receiver: Receiver, case_id: UUID
) -> None:
    one, two, three = wires(case_id, 1, 2, 3)
    receiver.run(
        "INSERT INTO delivery_attempts VALUES (:id, 5)", id=message_id_of(two)
    )  # its processes died five times, of whatever
    receiver.take(two)
    assert list(receiver.parked()) == [message_id_of(two)]
    receiver.take(one, three)
    assert receiver.words(case_id) == ["1"]
    settle(receiver, parking.replay, message_id_of(two))
    receiver.delivery.drain_held()
    assert receiver.words(case_id) == ["1", "2", "3"]
