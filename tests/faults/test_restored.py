"""One of five databases is restored to an earlier moment, the others not (faults 28, 35).

This is the runbook's drill: agencies post cases, the database of one service is put back, both ends
are reconciled while everything works, and every effect is there once.
"""

from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import psycopg
import pytest

from deploy.local.patience import wait_until
from deploy.local.place import erase
from deploy.stack import databases
from deploy.stack.reconcile import Report, compare, reconcile
from shared.contracts import Queue
from shared.kit.database import Database, make_engine
from tests.faults.exchange import Exchange, running_exchange

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
    again = "SELECT count(*) FROM inbox WHERE outcome = 'already_known' AND source = '{}'"
    rows = exchange.rows(Queue.LIVELIHOOD_SUPPORT, again.format(restored))
    assert rows[0][0] > 0, "work was done again, and known to be"


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
