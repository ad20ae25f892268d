"""What the balance of messages must notice: it is read from rows that a fault has left wrong."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine

from deploy.stack.invariants import Balance, balance
from shared.kit.identifiers import new_id
from tests.messaging.desk import Desk
from tests.messaging.parts import RECEIVER, Receiver, case_received, sealed, wires
from tests.messaging.test_failures import park

Count = Callable[[], Balance]


@pytest.fixture
def count(engine: Engine) -> Count:
    """The balance of the one database these tests have."""
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    return lambda: balance(lambda _service: url, (RECEIVER,))


def test_messages_applied_held_and_parked_add_up_to_those_taken(
    receiver: Receiver, count: Count
) -> None:
    receiver.take(*wires(uuid4(), 1, 2, 3))
    receiver.take(*wires(uuid4(), 2))
    park(receiver, uuid4())
    found = count()
    assert (found.handled, found.held, found.behind, found.parked) == (3, 1, 2, 1)
    assert found.taken == 7
    assert (found.gaps, found.vanished, found.unbalanced) == (0, 0, 0)


def test_a_held_row_that_vanished_is_missed(receiver: Receiver, count: Count) -> None:
    receiver.take(*wires(uuid4(), 2, 3))
    receiver.run("DELETE FROM held_messages WHERE sequence = 3")
    assert count().vanished == 1
    assert not count().is_sound


def test_a_parked_row_that_vanished_is_missed(receiver: Receiver, count: Count) -> None:
    park(receiver, uuid4())
    receiver.run("DELETE FROM parked_messages")
    assert count().vanished == 1


def test_a_held_row_without_its_inbox_row_is_noticed(receiver: Receiver, count: Count) -> None:
    receiver.take(*wires(uuid4(), 2))
    receiver.run("DELETE FROM inbox")
    assert count().vanished == 1


@pytest.mark.parametrize("numbers", [(1, 1, 3), (2, 3, 4), (1, 2), (1, 2, 4)])
def test_numbers_that_are_not_one_to_n_are_a_gap(
    receiver: Receiver, count: Count, numbers: tuple[int, ...]
) -> None:
    case_id = uuid4()
    receiver.run("INSERT INTO inbox_cursors VALUES ('intake', :c, 3)", c=case_id)
    for number in numbers:
        receiver.run(
            "INSERT INTO inbox (message_id, source, type, aggregate_id, sequence, state)"
            " VALUES (:id, 'intake', 't', :c, :s, 'handled')",
            id=new_id(),
            c=case_id,
            s=number,
        )
    assert count().gaps == 1


def test_rows_the_inbox_has_forgotten_are_no_gap_when_their_number_is_noted(
    receiver: Receiver, count: Count
) -> None:
    receiver.take(*wires(uuid4(), 1, 2, 3))
    receiver.run("DELETE FROM inbox WHERE sequence < 3")
    assert count().gaps == 1
    receiver.run("UPDATE inbox_cursors SET pruned = 2")
    assert count().gaps == 0
    assert (count().taken, count().handled) == (3, 3)


def test_a_stale_message_belongs_to_no_sum_and_must_not_vanish_either(
    receiver: Receiver, count: Count
) -> None:
    case_id = uuid4()
    receiver.take(*wires(case_id, 1, 2))
    receiver.take(sealed(case_received(case_id, "other"), 1, message_id=new_id()))
    found = count()
    assert (found.taken, found.handled, found.stale, found.parked) == (2, 2, 1, 1)
    assert (found.gaps, found.vanished, found.unbalanced) == (0, 0, 0)
    receiver.run("DELETE FROM parked_messages")
    assert count().vanished == 1


def test_an_outbox_row_that_vanished_without_a_receipt_is_missed(desk: Desk, count: Count) -> None:
    desk.tell(3)
    assert count().unbalanced == 0
    desk.receiver.run("DELETE FROM outbox WHERE parcel_id = :id", id=first(desk))
    assert count().unbalanced > 0
    assert not count().is_sound


def first(desk: Desk) -> UUID:
    found: UUID = desk.open()[0]["parcel_id"]
    return found
