"""Locks: a frame takes its own before its first handler, messaging's have one order."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext, suppress
from datetime import datetime
from threading import Barrier
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from shared.contracts import CaseReceived, Message, OrganisationChanged, Queue
from shared.kit.database import Begin
from shared.messaging import alerts, holding, inbox, refusals, sweeping
from shared.messaging.alerts import AlertKind
from shared.messaging.attempts import Pardons
from shared.messaging.consumer import Consumer
from shared.messaging.delivery import Delivery
from shared.messaging.sweeps import settle_unseen
from tests.messaging.desk import Desk
from tests.messaging.parts import (
    NOON,
    RECEIVER,
    SENDER,
    Receiver,
    case_received,
    deliver,
    links_of,
    message_in,
    organisation_changed,
    sealed,
    wires,
)
from tests.noticing import Deadlocks


@pytest.fixture
def consumer() -> Consumer:
    return Consumer(Queue.VERIFICATION)


def test_a_frame_is_locked_once_before_its_first_handler(
    consumer: Consumer,
    begin: Begin,
) -> None:
    seen: list[tuple[str, set[UUID]]] = []

    @consumer.lock_first
    def lock(_session: Session, messages: Sequence[Message]) -> None:
        seen.append(("lock", {told.aggregate_id for told in messages}))

    @consumer.on_many(CaseReceived)
    def cases(_session: Session, messages: Sequence[CaseReceived], _now: datetime) -> None:
        seen.append(("cases", {told.aggregate_id for told in messages}))

    @consumer.on(OrganisationChanged)
    def organisation(_session: Session, message: OrganisationChanged, _now: datetime) -> None:
        seen.append(("organisation", {message.organisation_id}))

    case, body = uuid4(), uuid4()
    links = links_of(Queue.VERIFICATION)
    deliver(
        Delivery(consumer, begin, links, lambda: NOON, handler_seconds=10),
        [sealed(case_received(case), 1), sealed(organisation_changed(body), 1)],
    )
    assert seen == [("lock", {case, body}), ("cases", {case}), ("organisation", {body})]


def test_a_service_has_one_order_of_locks(consumer: Consumer) -> None:
    consumer.lock_first(lambda _session, _messages: None)
    with pytest.raises(ValueError, match="order of locks"):
        consumer.lock_first(lambda _session, _messages: None)


ROWS = 150
ROUNDS = 12
SCANS = ("enable_seqscan", "enable_bitmapscan", "enable_hashjoin", "enable_mergejoin")
"""Without these PostgreSQL goes through rows by an index, and not as they lie in the table."""
INDEXES = ("enable_indexscan", "enable_indexonlyscan", "enable_bitmapscan")
"""Without these it goes through them as they lie."""

Act = Callable[[Session], object]


def without(plans: Sequence[str], act: Act) -> Act:
    """PostgreSQL may choose any plan; the order of locks must not come from it."""

    def acting(session: Session) -> object:
        for setting in plans:
            session.execute(text(f"SET LOCAL {setting} = off"))
        return act(session)

    return acting


def meet(begin: Begin, *acts: Act, before: Callable[[], None]) -> list[str]:
    """Let these transactions meet again and again; returns the deadlocks there were."""
    met = Deadlocks(begin)
    start = Barrier(len(acts), action=before)

    def go_on(act: Act) -> None:
        for _ in range(ROUNDS):
            start.wait(30)
            with suppress(DBAPIError), met.begin() as session:
                session.execute(text("SET LOCAL deadlock_timeout = '20ms'"))
                act(session)

    with ThreadPoolExecutor(len(acts)) as pool:
        for done in [pool.submit(go_on, act) for act in acts]:
            done.result()
    return met.deadlocks


LAID_OUT_BACKWARDS = """
    WITH gone AS (DELETE FROM delivery_attempts RETURNING *)
    INSERT INTO delivery_attempts SELECT * FROM gone ORDER BY message_id DESC
"""


def laid_out_backwards(receiver: Receiver, table: str, key: str = "message_id") -> None:
    """Rows lie in the table in the order in which they were written last."""
    with receiver.database.begin() as session:
        ids = text(f"SELECT {key} FROM {table} ORDER BY 1 DESC")  # noqa: S608 - our words
        write = text(f"UPDATE {table} SET next_at = next_at WHERE {key} = :id")  # noqa: S608
        for each in session.scalars(ids).all():
            session.execute(write, {"id": each})


def test_who_wakes_successors_and_who_looks_for_missed_ones_never_wait_in_a_circle(
    receiver: Receiver,
) -> None:
    frames = [wires(uuid4(), 1, 2) for _ in range(ROWS)]
    for first, second in frames:
        receiver.take(second)
        receiver.take(first)
    while receiver.rows("SELECT message_id FROM held_messages"):
        receiver.later()
    seconds = [message_in(second) for _, second in frames]
    with receiver.database.begin() as session:
        inbox.hold_early(session, seconds)
    laid_out_backwards(receiver, "held_messages")

    def nobody_noticed() -> None:
        receiver.run("UPDATE held_messages SET next_at = NULL")

    met = meet(
        receiver.database.begin,
        without(SCANS, lambda session: holding.wake(session, seconds)),
        without(SCANS, lambda session: holding.wake(session, seconds[::-1])),
        sweeping.wake_missed,
        before=nobody_noticed,
    )
    assert met == []
    waiting = "SELECT * FROM held_messages WHERE next_at IS NULL"
    assert receiver.rows(waiting) == [], "each was made due by one of them"


def test_a_new_life_of_the_broker_and_receipts_never_wait_in_a_circle(desk: Desk) -> None:
    for _ in range(ROWS):
        desk.tell()
    laid_out_backwards(desk.receiver, "outbox", "parcel_id")
    rows = desk.open()
    told = [str(row["parcel_id"]) for row in rows if row["destination"] == RECEIVER]

    def receipts(session: Session) -> None:
        sweeping.close(session, destination=RECEIVER, parcel_ids=told[::2])

    def again() -> None:
        desk.receiver.run(
            "INSERT INTO outbox (parcel_id, destination, aggregates, sequences, messages, next_at,"
            " sends) SELECT parcel_id, destination, aggregates, sequences, messages, now(), 1"
            " FROM closed_outbox"
        )
        desk.receiver.run("DELETE FROM closed_outbox")

    met = meet(
        desk.receiver.database.begin,
        lambda session: sweeping.begin_epoch(session, SENDER, "a new life"),
        without(SCANS, receipts),
        receipts,
        before=again,
    )
    assert met == []
    assert len(desk.open()) == len(rows) - len(told[::2])


def test_who_counts_what_is_refused_never_waits_in_a_circle(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refusals, "MOST_KEPT", 20)
    known = [({"known": number}, "bad_signature") for number in range(20)]
    new = [({"new": number}, "bad_signature") for number in range(ROWS)]
    with receiver.database.begin() as session:
        refusals.refuse(session, known)

    def refuse(number: int) -> Act:
        return lambda session: refusals.refuse(session, [*known, *new[number::3]])

    met = meet(receiver.database.begin, *map(refuse, range(3)), before=lambda: None)
    assert met == []
    counted = receiver.rows("SELECT sum(times) AS all FROM refused_envelopes")
    assert counted[0]["all"] == len(known) + ROUNDS * (3 * len(known) + len(new))


LIE_BACKWARDS = """
    INSERT INTO operator_alerts (id, kind, subject, object_id, facts, times, raised_at, last_at,
                                 rests_until)
    SELECT gen_random_uuid(), 'sweep_row_failed', 's', object_id, '{}', 1, now(), now(),
           now() - interval '1 day'
      FROM unnest(:ids) AS object_id ORDER BY object_id DESC
"""


def test_who_raises_and_who_settles_alerts_never_wait_in_a_circle(receiver: Receiver) -> None:
    ids = [uuid4() for _ in range(ROWS)]

    def open_again() -> None:
        receiver.run("DELETE FROM operator_alerts")
        receiver.run(LIE_BACKWARDS, ids=ids)

    def raise_all(session: Session) -> None:
        alerts.raise_alerts(
            session,
            AlertKind.SWEEP_ROW_FAILED,
            subject="s",
            objects={each: {} for each in ids},
            now=NOON,
        )

    def settle_all(session: Session) -> None:
        alerts.settle(session, AlertKind.SWEEP_ROW_FAILED, subject="s", object_ids=ids, now=NOON)

    met = meet(
        receiver.database.begin,
        raise_all,
        without(INDEXES, settle_all),
        without(INDEXES, lambda session: settle_unseen(session, "s", NOON)),
        before=open_again,
    )
    assert met == []


def test_workers_that_take_back_the_same_tries_never_wait_in_a_circle(receiver: Receiver) -> None:
    receiver.run(
        "INSERT INTO delivery_attempts SELECT gen_random_uuid(), 9"
        " FROM generate_series(1, :rows) ORDER BY 1 DESC",
        rows=20 * ROWS,
    )
    rows = receiver.rows("SELECT message_id FROM delivery_attempts")

    def pardon(session: Session) -> None:
        pardons = Pardons()
        for row in rows:
            pardons.message(row["message_id"])
        pardons.grant(lambda: nullcontext(session))

    met = meet(
        receiver.database.begin,
        without(INDEXES, pardon),
        without(SCANS, pardon),
        before=lambda: receiver.run(LAID_OUT_BACKWARDS),
    )
    assert met == []
