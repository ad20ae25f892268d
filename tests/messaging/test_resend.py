"""What is closed can be told again, and a sender goes on after what its receiver has passed."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from shared.messaging import outbox, reopening
from shared.messaging.reopening import Numbers
from tests.messaging.desk import Desk
from tests.messaging.parts import RECEIVER, SENDER, case_received
from tests.told import IN_OUTBOX

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def tell(desk: Desk, case_id: UUID, count: int) -> None:
    with desk.receiver.database.begin() as session:
        for _ in range(count):
            outbox.add(session, case_received(case_id))


def close_all(desk: Desk) -> None:
    desk.broker.send_receipts([(SENDER, desk.receipt())])
    desk.relay().round()


def opened(desk: Desk, case_id: UUID) -> list[int]:
    query = select(IN_OUTBOX.c.sequence).where(
        IN_OUTBOX.c.destination == RECEIVER, IN_OUTBOX.c.aggregate_id == case_id
    )
    with desk.receiver.database.read() as session:
        return sorted(session.scalars(query))


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
        "SELECT (SELECT sum(CAST(last_sequences ->> :d AS bigint)) FROM outbox_sequences)"
        " = (SELECT coalesce(sum(cardinality(sequences)), 0) FROM outbox WHERE destination = :d)"
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
    assert [told.sequence for told in desk.told()] == [1, 2, 3]
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
    for _ in range(5):
        tell(desk, uuid4(), 3)
    close_all(desk)
    assert [resend(desk, most=2) for _ in range(4)] == [6, 6, 3, 0]
    assert even(desk)


def test_what_the_receiver_has_is_absorbed_when_it_is_told_again(desk: Desk) -> None:
    case_id = uuid4()
    tell(desk, case_id, 2)
    desk.relay().round()
    desk.lease_ends()
    desk.relay().round()
    desk.receiver.take(*(wire for frame in desk.sent() for wire in frame))
    close_all(desk)
    resend(desk)
    desk.queues.delete(RECEIVER)
    desk.relay().round()
    assert desk.count() == 2
    desk.receiver.take(*(wire for frame in desk.sent() for wire in frame))
    assert desk.receiver.words(case_id) == ["1", "1"], "each of the two messages once"
    assert desk.receiver.parked() == {}


def test_the_parcels_of_some_numbers_of_a_case_are_opened_again(desk: Desk) -> None:
    case_id = uuid4()
    for count in (1, 2, 1, 1):
        tell(desk, case_id, count)
    close_all(desk)
    with desk.receiver.database.begin() as session:
        asked = [Numbers(case_id, 3, 4), Numbers(uuid4(), 1, 9)]
        many = reopening.reopen(session, destination=RECEIVER, missing=asked, actor="operator:test")
    assert many == 3
    assert opened(desk, case_id) == [2, 3, 4], "2 was told with 3: its receiver knows it"
    assert even(desk)
    (entry,) = desk.receiver.rows("SELECT * FROM audit_entries WHERE action = 'resend_messages'")
    assert entry["facts"] == {"destination": RECEIVER, "count": 3}


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
