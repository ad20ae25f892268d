"""Many parked messages are brought back at once, by reason, type and time, if they are as many."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from deploy import cli
from deploy.stack import addresses
from shared.kit.clock import utc_now
from shared.messaging import replays
from shared.messaging.parking import ParkedReason, ReplayReason
from shared.messaging.replays import Choice, CountDiffers, DecidedOneByOne, TooManyAtOnce
from tests.messaging.parts import (
    NOON,
    RECEIVER,
    Receiver,
    case_received,
    message_id_of,
    organisation_changed,
    sealed,
    wires,
)
from tests.messaging.test_failures import park

Headers = Callable[..., dict[str, str]]
ADDRESS = "/verification/v1/parked-messages"
CASE_RECEIVED = "intake.case_received.v1"
YESTERDAY = timedelta(days=1)


@pytest.fixture
def parked(receiver: Receiver) -> dict[str, list[UUID]]:
    """Two cases and an organisation that failed, one that kills, one not understood, one stale."""
    found = {"failed": [message_id_of(park(receiver, uuid4())[0]) for _ in range(2)]}
    organisation = sealed(organisation_changed(uuid4(), "org"), 1)
    deadly = sealed(case_received(uuid4(), "deadly"), 1)
    for wire, reason in ((organisation, "attempts_exhausted"), (deadly, "never_ended")):
        receiver.run("INSERT INTO delivery_attempts VALUES (:id, 5)", id=message_id_of(wire))
        receiver.take(wire)
        statement = "UPDATE parked_messages SET reason = :reason WHERE message_id = :id"
        receiver.run(statement, reason=reason, id=message_id_of(wire))
    receiver.take(sealed(case_received(uuid4()), 1, body={"case_id": str(uuid4())}, **ODD))
    receiver.deeds.clear()
    case_id = uuid4()
    receiver.take(*wires(case_id, 1))
    receiver.take(sealed(case_received(case_id, "other"), 1))
    found |= {"organisation": [message_id_of(organisation)], "deadly": [message_id_of(deadly)]}
    assert set(receiver.parked().values()) == {
        "attempts_exhausted", "never_ended", "unknown_type", "stale_sequence",
    }  # fmt: skip
    return found


ODD: dict[str, Any] = {"type": "intake.case_received.v9"}


def count(receiver: Receiver, choice: Choice) -> int:
    with receiver.database.read() as session:
        return replays.count(session, choice)


def replay(receiver: Receiver, choice: Choice, expected: int) -> UUID:
    with receiver.database.begin() as session:
        return replay_in(session, choice, expected)


def replay_in(session: Session, choice: Choice, expected: int) -> UUID:
    return replays.replay_all(
        session,
        choice=choice,
        expected=expected,
        actor="operator:test",
        reason=ReplayReason.CAUSE_FIXED,
        now=NOON,
    )


def test_all_that_failed_is_replayed_in_its_order_and_each_is_audited(
    receiver: Receiver, parked: dict[str, list[UUID]]
) -> None:
    choice = Choice(parked_for=ParkedReason.ATTEMPTS_EXHAUSTED)
    assert count(receiver, choice) == 3
    replay(receiver, choice, 3)
    receiver.later()
    expected = {*parked["failed"], *parked["organisation"]}
    states = receiver.states()
    assert {states[message_id] for message_id in expected} == {"handled"}
    cases = receiver.rows("SELECT DISTINCT aggregate_id FROM inbox WHERE sequence = 3")
    assert [receiver.words(row["aggregate_id"]) for row in cases] == [["1", "2", "3"]] * 2
    entries = receiver.rows("SELECT * FROM audit_entries WHERE action = 'replay_message'")
    assert {entry["object_id"] for entry in entries} == expected
    assert {entry["actor"] for entry in entries} == {"operator:test"}
    assert {entry["facts"]["together"] for entry in entries} == {3}
    settled = receiver.rows("SELECT object_id FROM operator_alerts WHERE settled_at IS NOT NULL")
    assert expected <= {row["object_id"] for row in settled}


def test_another_number_than_was_said_replays_nothing(
    receiver: Receiver, parked: dict[str, list[UUID]]
) -> None:
    choice = Choice(parked_for=ParkedReason.ATTEMPTS_EXHAUSTED)
    before = receiver.parked()
    for expected in (0, 2, 4):
        with pytest.raises(CountDiffers) as refused:
            replay(receiver, choice, expected)
        assert refused.value.facts == {"found": 3}
    assert receiver.parked() == before
    assert not receiver.rows("SELECT * FROM audit_entries WHERE action = 'replay_message'")


def test_a_wrong_number_is_refused_before_anything_is_locked_or_written(
    receiver: Receiver, parked: dict[str, list[UUID]]
) -> None:
    choice = Choice(parked_for=ParkedReason.ATTEMPTS_EXHAUSTED)
    with receiver.database.read() as session:
        session.execute(text("SET TRANSACTION READ ONLY"))
        with pytest.raises(CountDiffers) as refused:
            replay_in(session, choice, 2)
    assert refused.value.facts == {"found": 3}


def test_what_kills_is_replayed_only_when_it_is_named(
    receiver: Receiver, parked: dict[str, list[UUID]]
) -> None:
    assert count(receiver, Choice()) == 4, "three that failed, one not understood"
    assert count(receiver, Choice(parked_for=ParkedReason.NEVER_ENDED)) == 1


def test_what_is_stale_is_decided_about_one_by_one(
    receiver: Receiver, parked: dict[str, list[UUID]]
) -> None:
    with pytest.raises(DecidedOneByOne):
        count(receiver, Choice(parked_for=ParkedReason.STALE_SEQUENCE))
    replay(receiver, Choice(), 4)
    assert sorted(receiver.parked().values()) == ["never_ended", "stale_sequence"]


def test_type_and_time_restrict_what_is_chosen(
    receiver: Receiver, parked: dict[str, list[UUID]]
) -> None:
    (organisation,) = parked["organisation"]
    receiver.run(
        "UPDATE parked_messages SET parked_at = now() - interval '1 day' WHERE message_id = :id",
        id=organisation,
    )
    recently = utc_now() - YESTERDAY / 2
    assert count(receiver, Choice(type=CASE_RECEIVED)) == 2
    assert count(receiver, Choice(since=recently)) == 3
    assert count(receiver, Choice(until=recently)) == 1
    assert count(receiver, Choice(type=CASE_RECEIVED, until=recently)) == 0
    replay(receiver, Choice(until=recently), 1)
    assert organisation not in receiver.parked()


def test_more_than_one_transaction_should_hold_is_refused(receiver: Receiver) -> None:
    with pytest.raises(TooManyAtOnce):
        replay(receiver, Choice(), replays.MOST_AT_ONCE + 1)


def post(client: TestClient, headers: dict[str, str], **said: Any) -> Any:
    return client.post(
        f"{ADDRESS}/replays",
        headers={**headers, "Idempotency-Key": f'"{uuid4()}"'},
        json={"reason": "cause_fixed", **said},
    )


def test_an_operator_replays_many_over_http_after_hearing_how_many(
    client: TestClient, token_for: Headers, receiver: Receiver, parked: dict[str, list[UUID]]
) -> None:
    headers = token_for("operator", client_id="ops")
    chosen = {"parked_for": "attempts_exhausted", "type": CASE_RECEIVED}
    refused = post(client, headers, **chosen, count=0)
    assert refused.status_code == 409
    assert refused.json()["found"] == 2
    answer = post(client, headers, **chosen, count=2)
    assert (answer.status_code, answer.json()["count"]) == (201, 2)
    assert not {*parked["failed"]} & {*receiver.parked()}
    (actor,) = receiver.rows(
        "SELECT DISTINCT replayed_by FROM parked_messages WHERE replayed_at IS NOT NULL"
    )
    assert actor == {"replayed_by": "client:ops"}


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"count": -1},
        {"count": True},
        {"count": 1, "parked_for": "bad_luck"},
        {"count": 1, "parked_since": "2026-03-02T05:00:00"},
        {"count": 1, "parked_for": "stale_sequence"},
    ],
)
def test_a_choice_that_says_nothing_clear_is_refused(
    client: TestClient, token_for: Headers, said: dict[str, Any]
) -> None:
    assert post(client, token_for("operator"), **said).status_code == 422


def test_nobody_else_replays_many(client: TestClient, token_for: Headers) -> None:
    headers = token_for("verifier", "administrator", "auditor")
    assert post(client, headers, count=0).status_code == 403


def test_the_list_says_how_many_wait_behind_each(
    client: TestClient, token_for: Headers, receiver: Receiver
) -> None:
    park(receiver, uuid4())
    (item,) = client.get(ADDRESS, headers=token_for("operator")).json()["items"]
    assert item["waiting_behind"] == 2


def test_instants_are_compared_with_their_offset(
    client: TestClient, token_for: Headers, receiver: Receiver
) -> None:
    park(receiver, uuid4())
    (row,) = receiver.rows("SELECT parked_at FROM parked_messages")
    parked_at: datetime = row["parked_at"]
    for hours, found in ((-1, 1), (1, 0)):
        since = (parked_at + timedelta(hours=hours)).astimezone(NOON.tzinfo).isoformat()
        answer = post(client, token_for("operator"), count=9, parked_since=since)
        assert answer.json()["found"] == found


# --- by the command -----------------------------------------------------------------------------


SIGNED = ("--as", "me", "--reason", "cause_fixed")


@pytest.fixture
def nhipcau(engine: Engine, tmp_path: Path) -> Callable[..., tuple[int, str]]:
    """``nhipcau parked replay verification ...`` on the database under test."""
    url = engine.url.render_as_string(hide_password=False)
    addresses.write(tmp_path, lambda _service: url)

    def run(*arguments: str, signed: Sequence[str] = SIGNED) -> tuple[int, str]:
        whole = ["parked", "replay", RECEIVER, *arguments, *signed, "--data", str(tmp_path)]
        result = CliRunner().invoke(cli.app, whole)
        refused = result.exception if isinstance(result.exception, Exception) else ""
        return result.exit_code, f"{result.output}{refused}"

    return run


def test_the_command_says_how_many_and_replays_them_when_the_number_is_said(
    nhipcau: Callable[..., tuple[int, str]], receiver: Receiver, parked: dict[str, list[UUID]]
) -> None:
    chosen = ("--parked-for", "attempts_exhausted", "--type", CASE_RECEIVED)
    before = receiver.parked()
    assert nhipcau(*chosen, "--dry-run") == (
        0, "2 would be replayed; to do it, say --count 2.\n",
    )  # fmt: skip
    assert nhipcau(*chosen)[0] == 1, "a number is needed"
    assert nhipcau(*chosen, "--count", "3") == (1, "count-differs")
    assert receiver.parked() == before
    assert nhipcau(*chosen, "--count", "2") == (0, "2 are tried again within seconds.\n")
    assert not {*parked["failed"]} & {*receiver.parked()}
    (row,) = receiver.rows("SELECT DISTINCT replayed_by FROM parked_messages WHERE type = :t "
                           "AND replayed_at IS NOT NULL", t=CASE_RECEIVED)  # fmt: skip
    assert row == {"replayed_by": "operator:me"}


def test_to_look_how_many_they_are_nobody_says_who_asks_and_why(
    nhipcau: Callable[..., tuple[int, str]], receiver: Receiver, parked: dict[str, list[UUID]]
) -> None:
    chosen = ("--parked-for", "attempts_exhausted", "--type", CASE_RECEIVED)
    said = "2 would be replayed; to do it, say --count 2.\n"
    assert nhipcau(*chosen, "--dry-run", signed=()) == (0, said)
    assert nhipcau(*chosen, signed=()) == (1, said)


@pytest.mark.parametrize("signed", [(), SIGNED[:2], SIGNED[2:], ("--as", "", *SIGNED[2:])])
def test_nothing_is_replayed_unless_somebody_says_who_asks_and_why(
    nhipcau: Callable[..., tuple[int, str]],
    receiver: Receiver,
    parked: dict[str, list[UUID]],
    signed: Sequence[str],
) -> None:
    before = receiver.parked()
    refused = "say who does it and why: --as NAME --reason REASON"
    chosen = ("--parked-for", "attempts_exhausted", "--type", CASE_RECEIVED)
    assert nhipcau(*chosen, "--count", "2", signed=signed) == (1, refused)
    assert nhipcau(str(parked["failed"][0]), signed=signed) == (1, refused)
    assert receiver.parked() == before


def test_the_command_still_replays_one_by_its_id(
    nhipcau: Callable[..., tuple[int, str]], receiver: Receiver, parked: dict[str, list[UUID]]
) -> None:
    first, second = parked["failed"]
    assert nhipcau(str(first)) == (0, "It is tried again within seconds.\n")
    assert first not in receiver.parked()
    assert second in receiver.parked()


@pytest.mark.parametrize(
    "arguments",
    [("--since", "yesterday"), ("--since", "2026-03-02T05:00:00"), (str(uuid4()), "--count", "1")],
)
def test_the_command_refuses_what_is_not_clear(
    nhipcau: Callable[..., tuple[int, str]], arguments: tuple[str, ...]
) -> None:
    assert nhipcau(*arguments, "--dry-run")[0] == 1
