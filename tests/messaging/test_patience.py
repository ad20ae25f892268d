"""How long a message is tried, what heals it, and when a person is told."""

from datetime import timedelta
from itertools import pairwise
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.contracts import Message
from shared.kit.clock import utc_now
from shared.messaging import attempts, holding, lateness, parking
from shared.messaging.holding import FAULT_WAITS, LONGEST_FACT_WAIT, wait_after
from shared.messaging.inbox import HeldReason
from shared.messaging.parking import ReplayReason
from tests.messaging.desk import Desk
from tests.messaging.parts import (
    OTHER_SENDER,
    Receiver,
    case_received,
    deliver,
    message_id_of,
    organisation_changed,
    sealed,
    wires,
)
from tests.messaging.test_failures import exhaust, fail, park, too_soon

DAY = timedelta(days=1).total_seconds()
HOUR = 3600.0


def test_a_fault_is_tried_for_about_a_day_first_soon_and_then_hourly() -> None:
    assert DAY <= sum(FAULT_WAITS) < 1.1 * DAY
    assert FAULT_WAITS[0] <= 1.0
    assert all(earlier <= later for earlier, later in pairwise(FAULT_WAITS))
    assert max(FAULT_WAITS) == HOUR


@given(tries=st.integers(1, 10_000), draw=st.floats(0, 1), reason=st.sampled_from(HeldReason))
def test_no_wait_is_longer_than_stated_however_often_was_tried(
    tries: int, draw: float, reason: HeldReason
) -> None:
    longest = LONGEST_FACT_WAIT if reason is HeldReason.NOT_YET else HOUR
    assert 0.0 < wait_after(reason, tries, draw) <= 1.25 * longest


def test_what_is_not_possible_yet_is_never_parked(receiver: Receiver) -> None:
    receiver.deeds["1"] = too_soon
    case_id = uuid4()
    (wire,) = wires(case_id, 1)
    receiver.take(wire)
    for _ in range(60):
        assert receiver.later() == 1
    assert receiver.parked() == {}
    assert receiver.state(wire) == "held"
    del receiver.deeds["1"]
    receiver.later()
    assert receiver.words(case_id) == ["1"]


def test_many_looks_for_a_fact_do_not_count_as_faults(receiver: Receiver) -> None:
    receiver.deeds["1"] = too_soon
    receiver.take(*wires(uuid4(), 1))
    for _ in range(holding.MOST_FAULTS + 10):
        receiver.later()
    receiver.deeds["1"] = fail
    receiver.later()
    assert receiver.parked() == {}
    assert receiver.rows("SELECT reason, faults FROM held_messages") == [
        {"reason": "fault", "faults": 1}
    ]


def not_due(receiver: Receiver) -> bool:
    query = "SELECT bool_and(next_at > now() + interval '100 seconds') AS is_so FROM held_messages"
    return bool(receiver.rows(query)[0]["is_so"])


def wait_long(receiver: Receiver) -> None:
    """Look so often that the next look is minutes away."""
    for _ in range(12):
        receiver.later()
    assert not_due(receiver)


def test_it_is_tried_at_once_when_anything_is_applied_about_the_same_aggregate(
    receiver: Receiver,
) -> None:
    case_id = uuid4()
    known: list[UUID] = []
    receiver.deeds["needs"] = lambda *it: None if known else too_soon(*it)
    receiver.deeds["fact"] = lambda _session, message: known.append(message.aggregate_id)
    receiver.take(sealed(case_received(case_id, "needs"), 1))
    wait_long(receiver)

    fact = organisation_changed(case_id, "fact")
    assert fact.source == OTHER_SENDER
    receiver.take(sealed(fact, 1))
    assert receiver.words(case_id) == ["fact", "needs"]


def test_a_fact_about_another_aggregate_wakes_nothing(receiver: Receiver) -> None:
    receiver.deeds["needs"] = too_soon
    receiver.take(sealed(case_received(uuid4(), "needs"), 1))
    wait_long(receiver)
    receiver.take(*wires(uuid4(), 1, 2))
    assert not_due(receiver)


def test_a_fact_that_was_held_itself_wakes_what_lacked_it(receiver: Receiver) -> None:
    case_id = uuid4()
    known: list[UUID] = []
    receiver.deeds["needs"] = lambda *it: None if known else too_soon(*it)
    receiver.take(sealed(case_received(case_id, "needs"), 1))
    receiver.deeds["fact"] = fail
    receiver.take(sealed(organisation_changed(case_id, "fact"), 1))
    receiver.deeds["fact"] = lambda _session, message: known.append(message.aggregate_id)
    wait_long_for = "UPDATE held_messages SET next_at = now() + interval '1 hour'"
    receiver.run(f"{wait_long_for} WHERE reason = 'not_yet'")
    receiver.run("UPDATE held_messages SET next_at = now() WHERE reason = 'fault'")
    receiver.delivery.drain_held()
    assert receiver.words(case_id) == ["fact", "needs"]


def test_a_fact_that_comes_while_another_worker_looks_for_it_waits_for_nobody(
    receiver: Receiver,
) -> None:
    case_id = uuid4()
    known: list[UUID] = []
    receiver.deeds["fact"] = lambda _session, message: known.append(message.aggregate_id)

    def look(session: Session, message: Message) -> None:
        if receiver.calls.count("needs") == 3:
            session.execute(text("SET LOCAL lock_timeout = '1s'"))
            other = receiver.delivering(receiver.database.begin)
            deliver(other, [sealed(organisation_changed(case_id, "fact"), 1)])
        if receiver.calls.count("needs") <= 3:
            too_soon(session, message)

    receiver.deeds["needs"] = look
    receiver.take(sealed(case_received(case_id, "needs"), 1))
    receiver.later()
    assert known == [case_id], "it was handled within its frame"
    assert receiver.words(case_id) == ["fact"]
    receiver.later()
    assert receiver.words(case_id) == ["fact", "needs"]


def test_tries_that_never_ended_count_over_the_whole_time_a_message_is_held(
    receiver: Receiver,
) -> None:
    (wire,) = wires(uuid4(), 1)
    receiver.deeds["1"] = fail
    receiver.take(wire)
    receiver.run("UPDATE held_messages SET unended = :deaths", deaths=attempts.MOST_ATTEMPTS)
    receiver.later()
    assert receiver.parked() == {message_id_of(wire): "never_ended"}


# --- told to the operator -----------------------------------------------------------------------


def grow_old(receiver: Receiver) -> None:
    receiver.run("UPDATE held_messages SET held_at = held_at - interval '61 minutes'")


def tell_late(receiver: Receiver) -> int:
    with receiver.database.begin() as session:
        return lateness.tell_late(session, utc_now())


def alerts(receiver: Receiver) -> dict[UUID, str]:
    rows = receiver.rows("SELECT * FROM operator_alerts WHERE settled_at IS NULL")
    return {row["object_id"]: row["kind"] for row in rows}


@pytest.mark.parametrize("deed", [too_soon, fail])
def test_what_is_held_for_an_hour_alerts_once_and_is_settled_when_it_is_done(
    receiver: Receiver, deed: object
) -> None:
    receiver.deeds["1"] = deed  # type: ignore[assignment]
    (wire,) = wires(uuid4(), 1)
    receiver.take(wire)
    assert tell_late(receiver) == 0, "it is young"
    grow_old(receiver)
    assert tell_late(receiver) == 1
    assert alerts(receiver) == {message_id_of(wire): "message_late"}
    assert tell_late(receiver) == 0, "it is told already"
    del receiver.deeds["1"]
    receiver.later()
    tell_late(receiver)
    assert alerts(receiver) == {}


def test_a_relay_tells_what_is_late(receiver: Receiver, desk: Desk) -> None:
    receiver.deeds["1"] = too_soon
    (wire,) = wires(uuid4(), 1)
    receiver.take(wire)
    grow_old(receiver)
    desk.relay(sweeps=[lateness.LATENESS]).round()
    assert alerts(receiver) == {message_id_of(wire): "message_late"}


def test_of_what_waits_for_its_turn_only_the_first_alerts(receiver: Receiver) -> None:
    two, three, four = wires(uuid4(), 2, 3, 4)
    receiver.take(two, three, four)
    grow_old(receiver)
    assert tell_late(receiver) == 1
    assert alerts(receiver) == {message_id_of(two): "message_late"}


def test_what_waits_behind_a_parked_message_has_that_ones_owner(receiver: Receiver) -> None:
    told = park(receiver, uuid4())
    grow_old(receiver)
    tell_late(receiver)
    assert alerts(receiver) == {message_id_of(told[0]): "message_parked"}


def test_a_replayed_message_and_those_behind_it_keep_their_age(receiver: Receiver) -> None:
    told = park(receiver, uuid4())
    receiver.run("UPDATE inbox SET received_at = received_at - interval '2 days'")
    receiver.run("UPDATE held_messages SET held_at = held_at - interval '2 days'")
    with receiver.database.begin() as session:
        parking.replay(
            session,
            message_id=message_id_of(told[0]),
            actor="operator:test",
            reason=ReplayReason.CAUSE_FIXED,
            now=utc_now(),
        )
    query = "SELECT count(*) AS old FROM held_messages WHERE held_at < now() - interval '47 hours'"
    assert receiver.rows(query) == [{"old": 3}]
    exhaust(receiver)
    assert len(receiver.parked()) == 1


def test_what_an_earlier_release_has_parked_is_told_too(receiver: Receiver) -> None:
    told = park(receiver, uuid4())
    receiver.run("DELETE FROM operator_alerts")
    assert tell_late(receiver) == 1
    assert alerts(receiver) == {message_id_of(told[0]): "message_parked"}
    assert tell_late(receiver) == 0
