"""A row is closed by its receiver's receipt and by nothing else."""

import time
from typing import cast
from uuid import uuid4

from shared.contracts import CaseReceived
from shared.messaging.broker import MOST_RECEIPTS, receipts_queue
from shared.messaging.envelope import Wire, open_parcel, open_receipt, seal_receipt
from shared.messaging.receipts import EVERY, ReceiptBook
from tests.conftest import wait_until
from tests.messaging.desk import COPIES, Desk
from tests.messaging.parts import (
    RECEIVER,
    SENDER,
    deliver,
    links_of,
    wires,
)


def test_a_receipt_closes_the_row_of_its_destination_only(desk: Desk) -> None:
    desk.tell(2)
    relay = desk.relay()
    relay.round()
    desk.broker.send_receipts([(SENDER, desk.receipt())])
    relay.round()
    assert RECEIVER not in {row["destination"] for row in desk.open()}
    assert len(desk.open()) == COPIES - 1
    assert desk.totals() == {str(RECEIVER): (2, 0)}


def test_a_second_receipt_for_the_same_messages_counts_nothing(desk: Desk) -> None:
    desk.tell()
    relay = desk.relay()
    relay.round()
    receipt = desk.receipt()
    desk.broker.send_receipts([(SENDER, receipt)] * 3)
    relay.round()
    assert desk.totals() == {str(RECEIVER): (1, 0)}


def test_a_lost_receipt_costs_one_more_sending_and_no_second_effect(desk: Desk) -> None:
    (case_id,) = desk.tell()
    relay = desk.relay()
    relay.round()
    for frame in desk.sent():
        desk.receiver.take(*frame)  # and its receipt is lost
    desk.queues.delete(*CaseReceived.to)
    desk.lease_ends()
    relay.round()
    assert desk.count() == 1
    for frame in desk.sent():
        desk.receiver.take(*frame)
    desk.broker.send_receipts([(SENDER, desk.receipt())])
    relay.round()
    assert desk.receiver.words(case_id) == ["1"]
    assert desk.totals() == {str(RECEIVER): (1, 1)}


def test_a_forged_receipt_closes_nothing(desk: Desk) -> None:
    desk.tell()
    relay = desk.relay()
    relay.round()
    genuine = desk.receipt()
    _, ids = open_receipt(links_of(SENDER), genuine)
    others = seal_receipt(links_of("notification"), SENDER, ids)
    forged = [{**genuine, "sig": "0" * 64}, {**genuine, "sig": "ký"}, {**others, "from": RECEIVER}]
    desk.broker.send_receipts([(SENDER, wire) for wire in forged])
    relay.round()
    assert len(desk.open()) == COPIES
    assert desk.length(receipts_queue(SENDER)) == 0


def test_a_service_can_close_its_own_copy_only(desk: Desk) -> None:
    desk.tell()
    relay = desk.relay()
    relay.round()
    ids = [str(row["parcel_id"]) for row in desk.open()]
    receipt = seal_receipt(links_of("livelihood_support"), SENDER, ids)
    desk.broker.send_receipts([(SENDER, receipt)])
    relay.round()
    assert {row["destination"] for row in desk.open()} == {
        *(str(queue) for queue in CaseReceived.to if queue != "livelihood_support")
    }


def test_junk_among_the_receipts_stops_nobody(desk: Desk) -> None:
    desk.tell()
    relay = desk.relay()
    relay.round()
    desk.queues.lpush(receipts_queue(SENDER), b"\x00\xffjunk", b"[]", b"{}", b'{"body": 1}')
    desk.broker.send_receipts([(SENDER, cast("Wire", "junk")), (SENDER, desk.receipt())])
    for _ in range(6):
        relay.round()
    assert desk.totals() == {str(RECEIVER): (1, 0)}


def test_receipts_for_a_relay_that_is_away_fill_so_much_and_no_more(desk: Desk) -> None:
    (case_id,) = desk.tell()
    desk.relay().round()
    book = ReceiptBook(links_of(RECEIVER), desk.broker)
    for _ in range(MOST_RECEIPTS + 50):
        book.add([open_parcel(links_of(RECEIVER), wires(uuid4(), 1)[0])])
        book.send()
    assert desk.length(receipts_queue(SENDER)) == MOST_RECEIPTS
    for frame in desk.sent():
        book.add(deliver(desk.receiver.delivery, frame))
    desk.queues.delete(*CaseReceived.to)
    book.send()
    assert desk.length(receipts_queue(SENDER)) == MOST_RECEIPTS, "there is no room for this one"

    relay = desk.relay()
    while desk.length(receipts_queue(SENDER)):
        relay.round()
    assert len(desk.open()) == COPIES
    desk.lease_ends()
    relay.round()
    for frame in desk.sent():
        book.add(deliver(desk.receiver.delivery, frame))
    book.send()
    relay.round()
    assert desk.totals()[str(RECEIVER)] == (1, 1)
    assert desk.receiver.words(case_id) == ["1"]


class Counting(ReceiptBook):
    """A book that counts how often it is looked into."""

    looks = 0

    def send(self) -> None:
        self.looks += 1
        super().send()


def test_a_book_in_which_nothing_is_noted_is_left_closed(desk: Desk) -> None:
    book = Counting(links_of(RECEIVER), desk.broker)
    book.start()
    time.sleep(3 * EVERY)
    assert book.looks == 0
    book.add([open_parcel(links_of(RECEIVER), wires(uuid4(), 1)[0])])
    wait_until(lambda: desk.length(receipts_queue(SENDER)) == 1)
    book.close()
