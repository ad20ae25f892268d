"""What is closed can be told again, and a sender goes on after what its receiver has passed."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from shared.messaging import outbox, reopening
from shared.messaging.reopening import Numbers
from tests.messaging.desk import Desk
from tests.messaging.parts import RECEIVER, SENDER, case_received

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def tell(desk: Desk, case_id: UUID, count: int) -> None:
    with desk.receiver.database.begin() as session:
        for _ in range(count):
            outbox.add(session, case_received(case_id))


def close_all(desk: Desk) -> None:
    desk.broker.send_receipts([(SENDER, desk.receipt())])
    desk.relay().round()


def opened(desk: Desk, case_id: UUID) -> list[int]:
    rows = [row for row in desk.open() if row["destination"] == RECEIVER]
    return sorted(row["sequence"] for row in rows if row["aggregate_id"] == case_id)


def resend(desk: Desk, **changes: Any) -> int:
    facts: dict[str, Any] = {
        "destination": RECEIVER,
        "since": LONG_AGO,
        "until": datetime.now(UTC) + timedelta(hours=1),
        "actor": "operator:test",
    }
    with desk.receiver.database.begin() as session:
        return reopening.resend(session, **facts | changes)


def even(desk: Desk) -> bool:
    """Told = closed + open, for this receiver."""
    (row,) = desk.receiver.rows(
        "SELECT (SELECT sum(last_sequence) FROM outbox_sequences WHERE destination = :d)"
        " = (SELECT count(*) FROM outbox WHERE destination = :d)"
        " + (SELECT closed FROM outbox_totals WHERE destination = :d) AS even",
        d=RECEIVER,
    )
    return bool(row["even"])


def test_what_was_closed_since_a_moment_is_told_again_and_closed_again(desk: Desk) -> None:
    case_id = uuid4()
    tell(desk, case_id, 3)
    close_all(desk)
    assert opened(desk, case_id) == []
    assert even(desk)

    assert resend(desk) == 3

    assert opened(desk, case_id) == [1, 2, 3]
    assert even(desk)
    desk.queues.delete(RECEIVER)
    desk.relay().round()
    (frame,) = desk.sent()
    assert sorted(wire["seq"] for wire in frame) == [1, 2, 3]
    close_all(desk)
    assert opened(desk, case_id) == []
    assert even(desk)


def test_only_what_was_closed_in_that_time_and_for_that_receiver_is_told_again(
    desk: Desk,
) -> None:
    first, second = uuid4(), uuid4()
    tell(desk, first, 1)
    close_all(desk)
    desk.receiver.run("UPDATE closed_outbox SET closed_at = now() - interval '2 days'")
    tell(desk, second, 1)
    close_all(desk)
    assert resend(desk, destination=SENDER) == 0
    assert resend(desk, since=datetime.now(UTC) - timedelta(days=1)) == 1
    assert (opened(desk, first), opened(desk, second)) == ([], [1])


def test_telling_again_goes_in_bounded_steps(desk: Desk) -> None:
    tell(desk, uuid4(), 5)
    close_all(desk)
    assert [resend(desk, most=2) for _ in range(4)] == [2, 2, 1, 0]


def test_what_the_receiver_has_is_absorbed_when_it_is_told_again(desk: Desk) -> None:
    case_id = uuid4()
    tell(desk, case_id, 2)
    desk.relay().round()
    desk.lease_ends()
    desk.relay().round()
    told = [wire for frame in desk.sent() for wire in frame]
    desk.receiver.take(*told)
    close_all(desk)
    resend(desk)
    desk.queues.delete(RECEIVER)
    desk.relay().round()
    again = [wire for frame in desk.sent() for wire in frame]
    assert len(again) == 2
    desk.receiver.take(*again)
    assert desk.receiver.words(case_id) == ["1", "1"], "each of the two messages once"
    assert desk.receiver.parked() == {}


def test_some_numbers_of_a_case_are_opened_again(desk: Desk) -> None:
    case_id = uuid4()
    tell(desk, case_id, 5)
    close_all(desk)
    with desk.receiver.database.begin() as session:
        asked = [Numbers(case_id, 2, 3), Numbers(uuid4(), 1, 9)]
        many = reopening.reopen(session, destination=RECEIVER, missing=asked, actor="operator:test")
    assert many == 2
    assert opened(desk, case_id) == [2, 3]
    assert even(desk)
    (entry,) = desk.receiver.rows("SELECT * FROM audit_entries WHERE action = 'resend_messages'")
    assert entry["facts"] == {"destination": RECEIVER, "count": 2}


@pytest.mark.parametrize("told", [0, 2])
def test_a_sender_goes_on_after_the_numbers_its_receiver_has_passed(desk: Desk, told: int) -> None:
    case_id = uuid4()
    tell(desk, case_id, told)
    close_all(desk)
    forgotten = [Numbers(case_id, told + 1, told + 3)]
    for expected in (3, 0):
        with desk.receiver.database.begin() as session:
            passed = reopening.pass_numbers(
                session, destination=RECEIVER, forgotten=forgotten, actor="operator:test"
            )
        assert passed == expected, "a second time there is nothing to pass over"
    tell(desk, case_id, 1)
    assert opened(desk, case_id) == [told + 4]
    assert even(desk)
