"""What a worker had in hand that has ended without a word comes again at once, and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from shared.contracts import CaseReceived, Message, Queue
from shared.kit.errors import NotYet
from shared.messaging.broker import Broker, BrokerDown, receipts_queue
from shared.messaging.door import content
from shared.messaging.envelope import Wire, asks_again, open_again, seal_again
from shared.messaging.holding import TRY_LEASE
from shared.messaging.presence import Presence
from shared.messaging.relay import DRAINED, Relay
from shared.messaging.sweeping import AGAIN_AT_ONCE, MOST_AGAIN
from tests.messaging.desk import LEASE, Desk
from tests.messaging.parts import RECEIVER, SENDER, case_received, links_of, message_id_of, sealed

A_WORKER = "INSERT INTO workers (backend, since) VALUES (0, now())"
"""One whose session is not there: no session has this number."""


def again(before: datetime | None = None, by: str = RECEIVER) -> Wire:
    """What a receiver asks that has lost what it had in hand."""
    return seal_again(links_of(by), SENDER, before or datetime.now(UTC))


def ask(desk: Desk, *wires: Wire) -> None:
    """Ask the sender, whose relay hears it."""
    desk.broker.send_receipts([(SENDER, wire) for wire in wires])
    desk.relay().round()


def told_and_sent(desk: Desk, count: int = 1) -> list[UUID]:
    """Messages that were sent, taken from their queues, and never receipted."""
    cases = desk.tell(count)
    desk.relay().round()
    desk.queues.delete(*CaseReceived.to)
    return cases


def sendings(desk: Desk, destination: str = RECEIVER) -> list[int]:
    return [row["sends"] for row in desk.open() if row["destination"] == destination]


def test_what_the_receiver_has_lost_is_sent_again_at_once_and_to_nobody_else(desk: Desk) -> None:
    told_and_sent(desk, 3)
    ask(desk, again())
    assert {queue: desk.count(queue) for queue in CaseReceived.to} == {
        queue: 3 if queue == RECEIVER else 0 for queue in CaseReceived.to
    }
    desk.broker.send_receipts([(SENDER, desk.receipt())])
    desk.relay().round()
    assert desk.totals() == {str(RECEIVER): (3, 3)}, "it counts as sent again"


def test_it_is_sent_again_although_its_queue_is_long(desk: Desk) -> None:
    told_and_sent(desk)
    desk.fill(DRAINED)
    ask(desk, again())
    assert desk.length() == DRAINED + 1


def test_the_oldest_are_sent_again_at_once_and_the_others_are_left_to_their_lease(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.messaging.sweeping.MOST_AGAIN", 2)
    first, second, _third = (told_and_sent(desk)[0] for _ in range(3))
    ask(desk, again())
    assert {told.aggregate_id for told in desk.told()} == {str(first), str(second)}
    assert MOST_AGAIN >= 4 * 256, "a full hand is among them, whatever others have in theirs"


def test_what_was_told_since_is_not_sent_again(desk: Desk) -> None:
    told_and_sent(desk)
    ask(desk, again(datetime.now(UTC) - timedelta(seconds=5)))
    assert desk.count() == 0


def test_what_is_committed_is_not_sent_again(desk: Desk) -> None:
    told_and_sent(desk)
    desk.broker.send_receipts([(SENDER, desk.receipt())])
    ask(desk, again())
    assert desk.count() == 0


def test_what_was_never_sent_is_left_as_it_is(desk: Desk) -> None:
    desk.tell()
    desk.receiver.run("UPDATE outbox SET next_at = now() + interval '1 hour'")
    ask(desk, again())
    assert desk.count() == 0


def test_a_message_is_sent_at_once_twice_and_then_when_its_lease_ends(desk: Desk) -> None:
    """It may be what ends its receiver's workers."""
    told_and_sent(desk)
    for _ in range(4):
        ask(desk, again())
    assert sendings(desk) == [AGAIN_AT_ONCE + 1]
    (left,) = desk.receiver.rows(
        "SELECT extract(epoch FROM next_at - now()) AS left FROM outbox WHERE destination = :queue",
        queue=RECEIVER,
    )
    assert float(left["left"]) > LEASE, "longer than the first"


def test_what_is_asked_in_anothers_name_or_again_and_again_changes_nothing(desk: Desk) -> None:
    told_and_sent(desk)
    genuine = again()
    notification = again(by="notification")
    forged = [
        {**genuine, "sig": "0" * 64},
        {**genuine, "text": '{"before":"2999-01-01T00:00:00+00:00"}'},
        {**notification, "from": RECEIVER},
        seal_again(links_of(RECEIVER), SENDER, cast("datetime", Unwritable("tomorrow"))),
        seal_again(links_of(RECEIVER), SENDER, cast("datetime", Unwritable("2026-01-01T00:00:00"))),
    ]
    ask(desk, *forged)
    assert desk.count() == 0
    refused = desk.receiver.rows("SELECT reason FROM refused_envelopes ORDER BY 1")
    assert [row["reason"] for row in refused] == ["malformed"] * 2 + ["not_genuine"] * 3

    ask(desk, *[genuine] * 20)
    assert desk.count() == 1
    told_and_sent(desk)
    ask(desk, *[genuine] * 20)
    assert {row["sends"] for row in desk.open() if row["destination"] == RECEIVER} == {1, 3}


@dataclass(frozen=True)
class Unwritable:
    """Stands for a moment that our own services do not write like this."""

    written: str

    def isoformat(self) -> str:
        return self.written


# --- the receiver's side ----------------------------------------------------------------------


def relay_of_receiver(desk: Desk, broker: Broker | None = None) -> Relay:
    return Relay(
        RECEIVER,
        desk.receiver.database.begin,
        broker or Broker(RECEIVER, desk.broker._url),
        links_of(RECEIVER),
        lease_seconds=LEASE,
    )


def asked(desk: Desk) -> dict[str, datetime]:
    """Who was asked for what was sent before when."""
    found: dict[str, datetime] = {}
    for peer in Queue:
        for item in desk.queues.lrange(receipts_queue(peer), 0, -1):
            assert isinstance(item, bytes)
            wire = content(item)
            assert asks_again(wire)
            assert peer not in found, "once"
            service, found[peer] = open_again(links_of(peer), wire)
            assert service == RECEIVER
    return found


def test_a_worker_that_ended_without_a_word_makes_its_relay_ask_each_sender_once(
    desk: Desk,
) -> None:
    desk.receiver.run(A_WORKER)
    relay = relay_of_receiver(desk)
    relay.round()
    moments = asked(desk)
    assert moments.keys() == set(Queue) - {RECEIVER}
    assert all(abs(it - datetime.now(UTC)) < timedelta(minutes=1) for it in moments.values())
    relay_of_receiver(desk).round()
    assert asked(desk) == moments, "another relay does not ask again"


def test_nobody_is_asked_while_every_worker_is_there(desk: Desk) -> None:
    relay_of_receiver(desk).round()
    assert asked(desk) == {}


def test_a_relay_asks_when_the_broker_is_back(desk: Desk) -> None:
    desk.receiver.run(A_WORKER)

    class Down(Broker):
        is_down = True

        def send_receipts(self, receipts: Sequence[tuple[str, Wire]]) -> None:
            if self.is_down:
                raise OSError
            super().send_receipts(receipts)

    broker = Down(RECEIVER, desk.broker._url)
    relay = relay_of_receiver(desk, broker)
    with pytest.raises(BrokerDown):
        relay.round()
    broker.is_down = False
    relay.round()
    assert len(asked(desk)) == len(Queue) - 1


def test_what_a_worker_has_committed_and_may_not_have_sent_is_sent_when_it_is_missed(
    desk: Desk,
) -> None:
    told_and_sent(desk)
    desk.receiver.run("UPDATE outbox SET created_at = now() - interval '1 minute'")
    (last,) = told_and_sent(desk)
    desk.receiver.run(A_WORKER)
    desk.relay().round()
    desk.relay().round()
    for queue in CaseReceived.to:
        assert [told.aggregate_id for told in desk.told(queue)] == [str(last)]


def never_ended(desk: Desk, times: int) -> UUID:
    """A held message whose tries ended with their workers so often; the last was just begun."""

    def too_soon(_session: Session, _message: Message) -> None:
        raise NotYet

    desk.receiver.deeds["held"] = too_soon
    wire = sealed(case_received(uuid4(), "held"), 1)
    desk.receiver.take(wire)
    desk.receiver.run(
        "UPDATE held_messages SET unended = :times,"
        " next_at = now() + make_interval(secs => :lease) WHERE message_id = :id",
        times=times,
        lease=TRY_LEASE - 1,
        id=message_id_of(wire),
    )
    return message_id_of(wire)


def due(desk: Desk) -> set[UUID]:
    rows = desk.receiver.rows("SELECT message_id FROM held_messages WHERE next_at <= now()")
    return {row["message_id"] for row in rows}


def test_a_try_that_ended_with_the_worker_is_made_anew_at_once_unless_it_may_have_ended_it(
    desk: Desk,
) -> None:
    once = never_ended(desk, 1)
    never_ended(desk, 0)
    never_ended(desk, 2)
    desk.receiver.run(A_WORKER)
    relay_of_receiver(desk).round()
    assert due(desk) == {once}


def test_tries_are_left_to_their_lease_while_another_worker_may_be_making_them(
    desk: Desk, engine: Engine
) -> None:
    never_ended(desk, 1)
    desk.receiver.run(A_WORKER)
    other = Presence(engine)
    other.show()
    relay_of_receiver(desk).round()
    other.leave()
    assert len(asked(desk)) == len(Queue) - 1
    assert due(desk) == set()
