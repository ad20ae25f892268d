"""One of five databases is restored to an earlier moment, the others not (faults 28, 35).

This is the runbook's drill: agencies post cases, verification's database is put back, both ends are
reconciled while everything works, and every effect is there once.
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

RESTORED = Queue.VERIFICATION
BACKUP = "verification_then"


@pytest.fixture(scope="module")
def exchange() -> Iterator[Exchange]:
    folder = Path(mkdtemp(prefix="nhipcau-restored-"))
    with running_exchange(folder) as made:
        yield made
    erase(folder)


def test_a_database_restored_under_load_is_reconciled_with_the_others_once_and_for_all(
    exchange: Exchange,
) -> None:
    with exchange.stream() as stream:
        stream.goes_on(4)
        back_up(exchange)
        before = told_livelihood(exchange)
        stream.goes_on(4)
        assert wait_until(lambda: len(told_livelihood(exchange) - before) >= 3, within=60)
        restore(exchange)
        assert told_livelihood(exchange) - concluded(exchange), "it has forgotten what it told"
        assert any(it.missing or it.forgotten for it in compare(exchange.site.database))

        report = reconciled(exchange)

        assert report.is_in_step, report.differences
        assert report.reopened > 0
        stream.goes_on(3)
    exchange.settle()
    exchange.assert_sound()
    assert compare(exchange.site.database) == []
    known = "SELECT count(*) FROM inbox WHERE outcome = 'already_known'"
    assert exchange.rows(Queue.LIVELIHOOD_SUPPORT, known)[0][0] > 0, "work was done again"


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


def concluded(exchange: Exchange) -> set[object]:
    """The cases whose verification has ended, as verification knows it."""
    statement = "SELECT case_id FROM verifications WHERE status = 'concluded'"
    return {row[0] for row in exchange.rows(Queue.VERIFICATION, statement)}


def told_livelihood(exchange: Exchange) -> set[object]:
    """The same, as livelihood support was told it."""
    statement = "SELECT case_id FROM case_files WHERE concluded_at IS NOT NULL"
    return {row[0] for row in exchange.rows(Queue.LIVELIHOOD_SUPPORT, statement)}


def back_up(exchange: Exchange) -> None:
    """Copy the database as it stands; nobody may be connected to it meanwhile."""
    with administrator(exchange) as connection:
        close(connection)
        connection.execute(f"CREATE DATABASE {BACKUP} TEMPLATE {RESTORED}")
        connection.execute(f"ALTER DATABASE {RESTORED} ALLOW_CONNECTIONS true")


def restore(exchange: Exchange) -> None:
    """Put the copy in its place, with the rights the installation gives."""
    with administrator(exchange) as connection:
        close(connection)
        connection.execute(f"DROP DATABASE {RESTORED} WITH (FORCE)")
        connection.execute(f"ALTER DATABASE {BACKUP} RENAME TO {RESTORED}")
    databases.create(
        lambda name: exchange.site.postgres.url(name, "postgres"),
        exchange.site.environment.keys.passwords(),
    )


def administrator(exchange: Exchange) -> "psycopg.Connection[tuple[object, ...]]":
    return psycopg.connect(exchange.site.database("postgres"), autocommit=True)


def close(connection: "psycopg.Connection[tuple[object, ...]]") -> None:
    """Let nobody in, and end every session."""
    connection.execute(f"ALTER DATABASE {RESTORED} ALLOW_CONNECTIONS false")
    connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [RESTORED]
    )
