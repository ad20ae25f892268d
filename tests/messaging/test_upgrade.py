"""What the release before has stored is told on by this one, and the other way round."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.orm import Session

from shared.kit.steps import taking
from shared.messaging import sweeping
from shared.messaging.envelope import open_parcel, seal
from shared.messaging.steps import messaging
from tests.conftest import ANY
from tests.messaging.parts import RECEIVER, SENDER, case_received, links_of

PARCELS = 7
CASE = uuid4()
TOLD = case_received(CASE)

OPEN = text(
    "INSERT INTO outbox (message_id, destination, aggregate_id, sequence, type, body, traceparent,"
    " next_at, sends) VALUES (:id, :destination, :case_id, :sequence, :type, CAST(:body AS json),"
    " :trace, now() + make_interval(secs => :lease), :sends)"
)
CLOSED = text(
    "INSERT INTO closed_outbox (message_id, destination, aggregate_id, sequence, type, body,"
    " created_at, closed_at) VALUES (:id, :destination, :case_id, 1, :type, CAST(:body AS json),"
    " now() - interval '3 days', now() - interval '2 days')"
)


@pytest.fixture
def connection(servers: Mapping[str, str]) -> Iterator[Connection]:
    """A database with messaging's tables as the release before had them; nothing is kept."""
    engine = create_engine(servers["postgres"].replace(ANY, "postgres"))
    with engine.connect() as made, taking(made):
        made.execute(text("CREATE SCHEMA former"))
        made.execute(text("SET LOCAL search_path = former"))
        for step in messaging.all[: PARCELS - 1]:
            step.upgrade()
        yield made
        made.rollback()
    engine.dispose()


def fill(connection: Connection) -> None:
    told = {"type": TOLD.type, "body": TOLD.model_dump_json(), "case_id": CASE, "trace": None}
    trace = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
    rows = [
        {"id": uuid4(), "destination": RECEIVER, "sequence": 2, "lease": 25, "sends": 1},
        {"id": uuid4(), "destination": RECEIVER, "sequence": 3, "lease": -1, "sends": 0},
        {"id": uuid4(), "destination": "notification", "sequence": 1, "lease": -1, "sends": 4},
    ]
    connection.execute(OPEN, [told | {"trace": trace} | row for row in rows])
    connection.execute(CLOSED, told | {"id": uuid4(), "destination": RECEIVER})
    connection.execute(
        text("INSERT INTO outbox_sequences VALUES (:one, :about, 3), ('notification', :about, 1)"),
        {"one": RECEIVER, "about": CASE},
    )


def everything(connection: Connection) -> dict[str, list[Any]]:
    tables = ("outbox", "closed_outbox", "outbox_sequences")
    return {it: sorted(connection.execute(text(f"SELECT * FROM {it}")), key=str) for it in tables}  # noqa: S608


def test_what_was_open_is_parcels_under_their_leases_and_is_told_on(connection: Connection) -> None:
    fill(connection)
    ids = set(connection.scalars(text("SELECT message_id FROM outbox")))
    leases = "SELECT next_at, sends FROM outbox ORDER BY 1, 2"
    before = connection.execute(text(leases)).all()
    messaging.step(PARCELS).upgrade()
    assert connection.execute(text(leases)).all() == before
    assert set(connection.scalars(text("SELECT parcel_id FROM outbox"))) == ids, (
        "what receivers have noted as begun is still known by its id"
    )
    with Session(connection) as session:
        (parcel,), resent = sweeping.lease_due(
            session, destination=RECEIVER, lease_seconds=30, may_resend=True, most=10
        )
        sweeping.close(session, destination=RECEIVER, parcel_ids=[parcel.parcel_id])
        session.flush()
    assert resent == 0
    (opened,) = open_parcel(links_of(RECEIVER), seal(links_of(SENDER), parcel)).envelopes
    assert (opened.aggregate_id, opened.sequence) == (str(CASE), 3)
    assert opened.message() == TOLD
    assert opened.traceparent == "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
    numbers = connection.execute(text("SELECT * FROM outbox_sequences")).all()
    assert [tuple(row) for row in numbers] == [(CASE, {RECEIVER: 3, "notification": 1})]


def test_what_was_closed_is_kept_since_when_it_was(connection: Connection) -> None:
    fill(connection)
    times = text("SELECT created_at, closed_at FROM closed_outbox")
    before = connection.execute(times).one()
    messaging.step(PARCELS).upgrade()
    assert connection.execute(times).one() == before
    row = connection.execute(text("SELECT aggregates, sequences FROM closed_outbox")).one()
    assert tuple(row) == ([CASE], [1])


def test_an_id_that_stands_for_two_destinations_becomes_two_parcels(
    connection: Connection,
) -> None:
    fill(connection)
    one: UUID = uuid4()
    connection.execute(text("UPDATE outbox SET message_id = :id WHERE sequence <> 3"), {"id": one})
    messaging.step(PARCELS).upgrade()
    ids = connection.scalars(text("SELECT parcel_id FROM outbox")).all()
    assert len(set(ids)) == 3
    assert one in ids


def test_the_release_before_finds_its_rows_as_they_were(connection: Connection) -> None:
    fill(connection)
    before = everything(connection)
    messaging.step(PARCELS).upgrade()
    messaging.step(PARCELS).downgrade()
    assert everything(connection) == before
