"""What a transaction tells is stored with it, numbered in order, and leaves only if it commits."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import orjson
import pytest
from sqlalchemy import Table, func, select, text
from sqlalchemy.orm import Session

from shared.contracts import CaseReceived
from shared.kit import audit, trace
from shared.kit.database import Database, savepoint
from shared.messaging import outbox, sweeping
from shared.messaging.envelope import seal
from shared.messaging.outbox import FRAME, Parcel
from shared.messaging.publisher import publishing
from shared.messaging.tables import OUTBOX, OUTBOX_SEQUENCES
from tests.messaging.parts import (
    NOON,
    SENDER,
    Undone,
    case_received,
    links_of,
    never_committed,
)
from tests.told import IN_OUTBOX


@dataclass
class Lane:
    """Takes rows for some destinations only, and keeps what it is given to publish."""

    seconds: dict[str, float]
    published: list[Parcel] = field(default_factory=list)
    frame: int = FRAME

    def lease(self, destination: str) -> float | None:
        return self.seconds.get(destination)

    def publish(self, parcels: Sequence[Parcel]) -> None:
        self.published.extend(parcels)


def count(database: Database, table: Table) -> int:
    with database.read() as session:
        return int(session.scalar(select(func.count()).select_from(table)) or 0)


def sequences(database: Database, case_id: UUID, destination: str) -> list[int]:
    query = (
        select(IN_OUTBOX.c.sequence)
        .where(IN_OUTBOX.c.aggregate_id == case_id, IN_OUTBOX.c.destination == destination)
        .order_by(IN_OUTBOX.c.sequence)
    )
    with database.read() as session:
        return list(session.scalars(query))


def test_a_message_has_one_parcel_for_each_destination(database: Database) -> None:
    with database.begin() as session:
        outbox.add(session, case_received(uuid4()))
    with database.read() as session:
        destinations = set(session.scalars(select(OUTBOX.c.destination)))
    assert destinations == set(CaseReceived.to)


def test_what_a_transaction_tells_one_destination_is_one_row_and_is_kept_as_it_is_sent(
    database: Database,
) -> None:
    case_id, other = uuid4(), uuid4()
    lane = Lane({"verification": 30.0})
    with publishing(database.begin, lane)() as session:
        for about in (case_id, other, case_id):
            outbox.add(session, case_received(about))
    assert count(database, OUTBOX) == len(CaseReceived.to)
    assert count(database, OUTBOX_SEQUENCES) == 2, "one row for each aggregate"
    (sent,) = lane.published
    with database.begin() as session:
        session.execute(text("UPDATE outbox SET next_at = now()"))
        (leased,), resent = sweeping.lease_due(
            session, destination="verification", lease_seconds=30, may_resend=True, most=10
        )
    assert leased.sequences == [1, 1, 2]
    assert leased.aggregates == [str(case_id), str(other), str(case_id)]
    assert seal(links_of(SENDER), leased) == seal(links_of(SENDER), sent), "byte by byte"
    assert resent == 3


def test_more_than_a_frame_holds_are_several_parcels_numbered_on(database: Database) -> None:
    case_id = uuid4()
    with database.begin() as session:
        for _ in range(2 * FRAME + 5):
            outbox.add(session, case_received(case_id))
    query = select(OUTBOX.c.sequences).where(OUTBOX.c.destination == "verification")
    with database.read() as session:
        found = session.scalars(query.order_by(OUTBOX.c.parcel_id)).all()
    assert [len(sequences) for sequences in found] == [FRAME, FRAME, 5]
    assert [it for sequences in found for it in sequences] == list(range(1, 2 * FRAME + 6))


def test_messages_of_one_aggregate_are_numbered_without_gap_by_threads_at_once(
    database: Database,
) -> None:
    case_id, other = uuid4(), uuid4()

    def tell(thread: int) -> None:
        for turn in range(10):
            with database.begin() as session:
                told = [case_id, other] if (thread + turn) % 2 else [other, case_id]
                for aggregate in (*told, case_id):
                    outbox.add(session, case_received(aggregate))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(tell, range(8)))
    for destination in CaseReceived.to:
        assert sequences(database, case_id, destination) == list(range(1, 161))
        assert sequences(database, other, destination) == list(range(1, 81))


def test_messages_of_one_transaction_keep_the_order_they_were_told_in(database: Database) -> None:
    case_id = uuid4()
    with database.begin() as session:
        for number in range(1, 6):
            outbox.add(session, case_received(case_id, str(number)))
    query = select(IN_OUTBOX.c.body).where(IN_OUTBOX.c.destination == CaseReceived.to[0])
    with database.read() as session:
        bodies = session.scalars(query.order_by(IN_OUTBOX.c.sequence)).all()
    assert [body["case_code"] for body in bodies] == ["1", "2", "3", "4", "5"]


def test_a_transaction_that_fails_tells_nothing_and_uses_up_no_number(database: Database) -> None:
    case_id = uuid4()
    lane = Lane({"verification": 30.0})
    with never_committed(publishing(database.begin, lane)) as session:
        outbox.add(session, case_received(case_id))
        audit.record(session, actor="a", action="b", object_id=case_id, now=NOON)
    assert not lane.published
    assert not count(database, OUTBOX)
    assert not count(database, OUTBOX_SEQUENCES)
    assert not count(database, audit.AUDIT)
    with database.begin() as session:
        outbox.add(session, case_received(case_id))
    assert sequences(database, case_id, "verification") == [1]


def test_a_step_that_fails_alone_takes_its_messages_and_its_audit_with_it(
    database: Database,
) -> None:
    case_id = uuid4()

    def fail_alone(session: Session, tell: Callable[[Session, str], None]) -> None:
        with savepoint(session):
            tell(session, "failed")
            raise Undone

    def tell(session: Session, word: str) -> None:
        outbox.add(session, case_received(case_id, word))
        audit.record(session, actor="a", action=word, object_id=case_id, now=NOON)

    with database.begin() as session:
        tell(session, "before")
        with pytest.raises(Undone):
            fail_alone(session, tell)
        tell(session, "after")
    with database.read() as session:
        actions = set(session.scalars(select(audit.AUDIT.c.action)))
        told = {body["case_code"] for body in session.scalars(select(IN_OUTBOX.c.body))}
    assert actions == told == {"before", "after"}
    assert sequences(database, case_id, "verification") == [1, 2]


def test_a_row_nobody_takes_is_born_due(database: Database) -> None:
    with database.begin() as session:
        outbox.add(session, case_received(uuid4()))
    with database.read() as session:
        rows = session.execute(select(OUTBOX.c.sends, OUTBOX.c.next_at <= func.now())).all()
    assert {tuple(row) for row in rows} == {(0, True)}


def test_a_row_that_is_published_at_once_is_born_leased(database: Database) -> None:
    lane = Lane({"verification": 30.0})
    with publishing(database.begin, lane)() as session:
        outbox.add(session, case_received(uuid4(), "now"))
    leased = (OUTBOX.c.next_at - func.now()).label("leased")
    with database.read() as session:
        rows = {
            row.destination: row
            for row in session.execute(select(OUTBOX.c.destination, OUTBOX.c.sends, leased))
        }
    assert rows["verification"].sends == 1
    assert 20 < rows["verification"].leased.total_seconds() <= 30
    assert rows["livelihood_support"].sends == 0
    assert rows["livelihood_support"].leased.total_seconds() <= 0
    (parcel,) = lane.published
    assert (parcel.destination, parcel.sequences) == ("verification", [1])
    (told,) = orjson.loads(parcel.messages)
    assert told["body"]["case_code"] == "now"


def test_a_message_continues_the_trace_of_what_caused_it(database: Database) -> None:
    here = trace.follow("00-" + "a" * 32 + "-" + "b" * 16 + "-01")
    case_id = uuid4()
    with database.begin() as session:
        session.info[outbox.TRACES] = {case_id: "00-" + "c" * 32 + "-" + "d" * 16 + "-01"}
        outbox.add(session, case_received(case_id))
        outbox.add(session, case_received(uuid4()))
    with database.read() as session:
        traces = set(session.scalars(select(IN_OUTBOX.c.traceparent)))
    assert traces == {here, "00-" + "c" * 32 + "-" + "d" * 16 + "-01"}
