"""One of five databases is restored to an earlier moment, the others not (faults 28, 35).

This is the runbook's drill: agencies post cases, the database of one service is put back, both ends
are reconciled while everything works, and every effect is there once.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from signal import SIGCONT, SIGSTOP
from tempfile import mkdtemp
from uuid import UUID, uuid4

import httpx2
import psycopg
import pytest

from deploy.local.patience import wait_until
from deploy.local.place import erase
from deploy.stack import databases
from deploy.stack.reconcile import Forgotten, Report, compare, forgotten_by, reconcile
from deploy.stack.remembering import remember
from services.directory.schemas import ProgrammeChange
from shared.contracts import (
    AgeBandChanged,
    CaseReceived,
    IntakeAlertRaised,
    Message,
    ProgrammeChanged,
    Queue,
)
from shared.kit.database import Database, make_engine
from shared.messaging.reopening import Numbers
from tests.faults.exchange import Answer, Exchange, running_exchange

BACKUP = "copy_of_then"


@pytest.fixture(scope="module")
def exchange() -> Iterator[Exchange]:
    folder = Path(mkdtemp(prefix="nhipcau-restored-"))
    with running_exchange(folder) as made:
        yield made
    erase(folder)


@pytest.mark.parametrize("restored", [Queue.VERIFICATION, Queue.NOTIFICATION])
def test_a_database_restored_under_load_is_reconciled_with_the_others_once_and_for_all(
    exchange: Exchange, restored: Queue
) -> None:
    with exchange.stream() as stream:
        stream.goes_on(4)
        back_up(exchange, restored)
        before = heard(exchange, restored)
        stream.goes_on(4)
        assert wait_until(lambda: len(heard(exchange, restored) - before) >= 3, within=60)
        restore(exchange, restored)
        assert heard(exchange, restored) - known(exchange, restored), "it forgot what it told"
        assert any(it.missing or it.forgotten for it in compare(exchange.site.database))

        report = reconciled(exchange)

        assert report.is_in_step, report.differences
        assert report.reopened > 0
        stream.goes_on(3)
    exchange.settle()
    exchange.assert_sound()
    assert compare(exchange.site.database) == []
    again = known_again(exchange, Queue.LIVELIHOOD_SUPPORT, by=restored)
    assert again > 0, "work was done again, and known to be"


def test_a_case_that_intake_has_forgotten_is_the_same_case_when_it_is_submitted_again(
    exchange: Exchange,
) -> None:
    with exchange.stream() as stream:
        stream.goes_on(4)
        back_up(exchange, Queue.INTAKE)
        before = received(exchange)
        stream.goes_on(4)
        assert wait_until(lambda: len(concluded(exchange) - before) >= 3, within=60)
        restore(exchange, Queue.INTAKE)

        report = reconciled(exchange)

        assert len(report.cases) >= 3
        assert report.cases.isdisjoint(received(exchange)), "they wait for their agency"
        assert alerted(exchange) == report.cases
        assert asked_again(exchange) == agencies(exchange)
        stream.goes_on(3)
    submitted_again = submit_again(exchange)
    assert {UUID(each.case_id) for each in submitted_again} >= report.cases
    exchange.settle()

    assert reconciled(exchange).is_in_step
    exchange.assert_sound()
    assert compare(exchange.site.database) == []
    assert concluded(exchange) <= received(exchange)
    assert alerted(exchange) == set()
    assert known_again(exchange, Queue.VERIFICATION, by=Queue.INTAKE) >= len(report.cases)


def submit_again(exchange: Exchange) -> list[Answer]:
    """The agency repeats what intake has forgotten, each under the key it had."""
    kept = {str(case_id) for case_id in received(exchange)}
    lost = [each for each in exchange.answers if each.case_id not in kept]
    exchange.answers[:] = [each for each in exchange.answers if each.case_id in kept]
    client = exchange.client()
    try:
        return [exchange.post(client, each.key) for each in lost]
    finally:
        client.close()


def received(exchange: Exchange) -> set[UUID]:
    return {row[0] for row in exchange.rows(Queue.INTAKE, "SELECT id FROM cases")}


def concluded(exchange: Exchange) -> set[UUID]:
    return {row[0] for row in exchange.rows(Queue.VERIFICATION, KNOWN[Queue.VERIFICATION])}


FORGOTTEN = """
    SELECT object_id, facts ->> 'receiver_id' FROM operator_alerts
     WHERE kind = 'case_forgotten' AND settled_at IS NULL
"""


def alerted(exchange: Exchange) -> set[UUID]:
    """The cases an operator is told of, which their agencies must submit again."""
    return {case_id for case_id, _ in exchange.rows(Queue.INTAKE, FORGOTTEN)}


def asked_again(exchange: Exchange) -> set[str]:
    """The agencies that these alerts name."""
    return {agency_id for _, agency_id in exchange.rows(Queue.INTAKE, FORGOTTEN)}


def agencies(exchange: Exchange) -> set[str]:
    """Whoever submits cases here, as intake knows it."""
    found = exchange.rows(Queue.INTAKE, "SELECT DISTINCT receiver_id FROM cases")
    return {str(row[0]) for row in found}


@pytest.mark.parametrize(
    ("receiver", "first", "is_case"),
    [
        (Queue.VERIFICATION, CaseReceived, True),
        (Queue.LIVELIHOOD_SUPPORT, CaseReceived, True),
        (Queue.NOTIFICATION, IntakeAlertRaised, True),
        (Queue.NOTIFICATION, CaseReceived, False),
        (Queue.VERIFICATION, AgeBandChanged, False),
    ],
)
def test_what_is_told_again_with_its_case_waits_for_the_agency_and_nothing_else_does(
    receiver: Queue, first: type[Message], is_case: bool
) -> None:
    """A reception that notification heard from the release before is not told to it again."""
    forgotten = Forgotten(Numbers(uuid4(), 1, 2), receiver, (first.type,), waits=False)
    assert forgotten.is_case is is_case
    later = Forgotten(Numbers(uuid4(), 2, 2), receiver, (first.type,), waits=False)
    assert not later.is_case


def known_again(exchange: Exchange, receiver: Queue, *, by: Queue) -> int:
    """How many messages of a service were told again, and known."""
    again = "SELECT count(*) FROM inbox WHERE outcome = 'already_known' AND source = '{}'"
    return int(exchange.rows(receiver, again.format(by))[0][0])


def test_a_change_that_directory_has_forgotten_is_named_and_made_again_once(
    exchange: Exchange,
) -> None:
    programme_id, before = programme(exchange)
    with exchange.stream(pause=0.5) as stream:
        stream.goes_on(3)
        back_up(exchange, Queue.DIRECTORY)
        widen(exchange, programme_id, before + 1)
        assert wait_until(lambda: places(exchange, programme_id) == before + 1, within=60)
        stream.goes_on(3)
        restore(exchange, Queue.DIRECTORY)

        report = reconciled(exchange)

        assert report.is_in_step, report.differences
        ((pair, forgotten),) = report.forgotten
        assert pair == (Queue.DIRECTORY, Queue.LIVELIHOOD_SUPPORT)
        assert forgotten.numbers.aggregate_id == programme_id
        assert forgotten.types == (ProgrammeChanged.type,)
        assert places(exchange, programme_id) == before + 1, "nothing is undone by itself"
        widen(exchange, programme_id, before + 2)
        assert wait_until(lambda: places(exchange, programme_id) == before + 2, within=60)
        stream.goes_on(3)
    exchange.settle()
    exchange.assert_sound()
    assert compare(exchange.site.database) == []


def programme(exchange: Exchange) -> tuple[UUID, int]:
    """Some programme, and how many places it has."""
    query = "SELECT id, capacity FROM programmes ORDER BY id LIMIT 1"
    found: tuple[UUID, int] = exchange.rows(Queue.DIRECTORY, query)[0]
    return found


def places(exchange: Exchange, programme_id: UUID) -> int:
    """How many places a programme has, as livelihood support has heard."""
    rows = exchange.rows(Queue.LIVELIHOOD_SUPPORT, "SELECT id, capacity FROM programmes")
    return int(dict(rows)[programme_id])


def widen(exchange: Exchange, programme_id: UUID, capacity: int) -> None:
    """The administrator gives a programme another number of places."""
    client = exchange.site.client(exchange.site.administrator)
    try:
        path = f"/directory/v1/programmes/{programme_id}"
        seen = client.get(path)
        facts = {name: seen.json()[name] for name in ProgrammeChange.model_fields}
        changed = httpx2.put(
            exchange.site.base_url + path,
            json={**facts, "capacity": capacity},
            headers={
                "Authorization": f"Bearer {client.bearer()}",
                "Idempotency-Key": str(uuid4()),
                "If-Match": seen.headers["etag"],
            },
        )
        assert changed.status_code == 200, changed.text
    finally:
        client.close()


def test_a_restored_livelihood_support_asks_nobody_else_and_knows_what_was_answered(
    exchange: Exchange,
) -> None:
    with exchange.stream(pause=0.5) as stream:
        stream.goes_on(4)
        back_up(exchange, Queue.LIVELIHOOD_SUPPORT)
        before = ended(exchange)
        stream.goes_on(5)
        assert wait_until(lambda: len(ended(exchange) - before) >= 5, within=60)
        with quiet_partners(exchange), stopped(exchange, Queue.LIVELIHOOD_SUPPORT) as start:
            forgotten = ended(exchange)
            restore(exchange, Queue.LIVELIHOOD_SUPPORT)
            assert forgotten - ended(exchange), "it forgot what organisations answered"
            assert remembered(exchange) > 0
            start()
            report = reconciled(exchange)
            assert report.is_in_step, report.differences
            assert forgotten <= ended(exchange)
        stream.goes_on(3)
    exchange.settle()
    exchange.assert_sound()
    assert compare(exchange.site.database) == []
    assert stale(exchange) == []
    assert known_again(exchange, Queue.INTAKE, by=Queue.LIVELIHOOD_SUPPORT) > 0
    assert known_again(exchange, Queue.NOTIFICATION, by=Queue.LIVELIHOOD_SUPPORT) > 0


def ended(exchange: Exchange) -> set[UUID]:
    """Offers that were completed, as livelihood support knows."""
    query = "SELECT id FROM offers WHERE status = 'completed'"
    return {row[0] for row in exchange.rows(Queue.LIVELIHOOD_SUPPORT, query)}


def stale(exchange: Exchange) -> list[tuple[object, ...]]:
    """What livelihood support told otherwise than before."""
    query = "SELECT type FROM parked_messages WHERE reason = 'stale_sequence'"
    return [row for peer in Queue for row in exchange.rows(peer, query)]


@contextmanager
def quiet_partners(exchange: Exchange) -> Iterator[None]:
    """No organisation answers, as when the API is stopped; what they answered has been told.

    What a database has told nobody when it is lost is known to nobody else.
    """
    exchange.site.supervisor.kill("partners", SIGSTOP)
    untold = (
        "SELECT count(*) FROM outbox, json_array_elements(messages) AS told"
        " WHERE told ->> 'type' = 'livelihood_support.referral_moved.v1'"
    )
    try:
        assert wait_until(
            lambda: exchange.rows(Queue.LIVELIHOOD_SUPPORT, untold) == [(0,)], within=60
        )
        yield
    finally:
        exchange.site.supervisor.kill("partners", SIGCONT)


@contextmanager
def stopped(exchange: Exchange, service: Queue) -> Iterator[Callable[[], None]]:
    """None of its processes reaches its database until it is started again."""

    def start() -> None:
        with administrator(exchange) as connection:
            connection.execute(f"ALTER ROLE {service} CONNECTION LIMIT -1")

    with administrator(exchange) as connection:
        connection.execute(f"ALTER ROLE {service} CONNECTION LIMIT 0")
    try:
        yield start
    finally:
        start()


def remembered(exchange: Exchange) -> int:
    """What ``nhipcau remember`` does."""
    service = Queue.LIVELIHOOD_SUPPORT
    engine = make_engine(exchange.site.postgres.url(service, "postgres"), pool_size=1)
    try:
        differences = compare(exchange.site.database)
        return remember(
            exchange.site.database,
            Database(engine),
            cases=forgotten_by(service, differences),
            actor="operator:test",
        )
    finally:
        engine.dispose()


def test_where_nothing_was_restored_nothing_is_needed(exchange: Exchange) -> None:
    exchange.settle()
    report = reconciled(exchange)
    assert (report.is_in_step, report.reopened, report.passed) == (True, 0, 0)


def reconciled(exchange: Exchange) -> Report:
    """What ``nhipcau reconcile --apply`` does."""
    url_of = exchange.site.environment.url_of
    engines = {it: make_engine(url_of(it, it), pool_size=1) for it in Queue}
    try:
        return reconcile(
            exchange.site.database,
            lambda it: Database(engines[it]),
            actor="operator:test",
            patience=120.0,
        )
    finally:
        for engine in engines.values():
            engine.dispose()


KNOWN = {
    Queue.VERIFICATION: "SELECT case_id FROM verifications WHERE status = 'concluded'",
    Queue.NOTIFICATION: "SELECT offer_id FROM deliveries WHERE state = 'delivered'",
}
"""What a service has told livelihood support, as it knows it itself."""
HEARD = {
    Queue.VERIFICATION: "SELECT case_id FROM case_files WHERE concluded_at IS NOT NULL",
    Queue.NOTIFICATION: "SELECT id FROM offers WHERE delivered_at IS NOT NULL",
}
"""The same, as livelihood support has heard it."""


def known(exchange: Exchange, service: Queue) -> set[object]:
    return {row[0] for row in exchange.rows(service, KNOWN[service])}


def heard(exchange: Exchange, service: Queue) -> set[object]:
    return {row[0] for row in exchange.rows(Queue.LIVELIHOOD_SUPPORT, HEARD[service])}


def back_up(exchange: Exchange, service: Queue) -> None:
    """Copy the database as it stands; nobody may be connected to it meanwhile."""
    with administrator(exchange) as connection:
        close(connection, service)
        connection.execute(f"CREATE DATABASE {BACKUP} TEMPLATE {service}")
        connection.execute(f"ALTER DATABASE {service} ALLOW_CONNECTIONS true")


def restore(exchange: Exchange, service: Queue) -> None:
    """Put the copy in its place, with the rights the installation gives."""
    with administrator(exchange) as connection:
        close(connection, service)
        connection.execute(f"DROP DATABASE {service} WITH (FORCE)")
        connection.execute(f"ALTER DATABASE {BACKUP} RENAME TO {service}")
    databases.create(
        lambda name: exchange.site.postgres.url(name, "postgres"),
        exchange.site.environment.keys.passwords(),
    )


def administrator(exchange: Exchange) -> "psycopg.Connection[tuple[object, ...]]":
    return psycopg.connect(exchange.site.database("postgres"), autocommit=True)


def close(connection: "psycopg.Connection[tuple[object, ...]]", service: Queue) -> None:
    """Let nobody in, and end every session."""
    connection.execute(f"ALTER DATABASE {service} ALLOW_CONNECTIONS false")
    connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [service]
    )
