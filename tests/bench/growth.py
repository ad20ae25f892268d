"""What a referral costs when much is stored: the same cases through databases of three sizes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

import psycopg

from deploy.stack import keys as names
from services.intake.api.reception import Submission
from tests.bench.conveyor import Conveyor, batches
from tests.bench.exchange import TRAVELLED, Exchange
from tests.bench.measured import Say
from tests.bench.submissions import sealed

BATCH = 64
WARM_UP = 2
MEASURED = 8
GOAL_ROWS = 10_000_000
SIZES = (1_000, 1_000_000)
"""Rows in the databases of all four services together when a measurement begins; and more."""

TOLD_BY_DIRECTORY = {"organisations", "programmes", "endpoints", "alembic_version"}
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"


@dataclass(frozen=True)
class Grown:
    """A set of the four databases that holds so many rows, kept as it is and copied to be used."""

    exchange: Exchange
    size: int

    def database_of(self, service: str) -> str:
        """The database that is kept."""
        return f"{service}_{self.size}"

    def copy_of(self, service: str) -> str:
        """The database that is used up."""
        return f"{service}_{self.size}_used"

    def rows(self) -> int:
        """Rows stored, what the directory has told left out."""
        return sum(self._count(self.database_of(service)) for service in TRAVELLED)

    def _count(self, database: str) -> int:
        tables = {row[0] for row in self.exchange.query(database, _TABLES)} - TOLD_BY_DIRECTORY
        statements = [f"SELECT count(*) FROM {table}" for table in tables]  # noqa: S608 - our own
        return sum(int(self.exchange.query(database, it)[0][0]) for it in statements)


def grow(exchange: Exchange, most: int, say: Say) -> list[Grown]:
    """Fill a set of databases of each size with cases that went all the way."""
    grown = []
    for size in sorted({*(it for it in SIZES if it <= most), most}):
        say(f"storing {size:,} rows")
        one = Grown(exchange, size)
        for service in TRAVELLED:
            _copy(exchange, service, one.database_of(service))
        # One case first, to see how many rows a case leaves.
        told = one.rows()
        _fill(one, 1)
        each = one.rows() - told
        _fill(one, max(size - one.rows(), 0) // each)
        for service in TRAVELLED:
            exchange.query(one.database_of(service), "VACUUM ANALYZE")
        if not 0.8 * size < one.rows() < 1.2 * size:
            raise RuntimeError(f"{one.rows()} rows are not {size}")
        grown.append(one)
    return grown


def seconds_per_case(one: Grown) -> float:
    """Seconds of one case, all four services, in a fresh copy of databases of a size."""
    with _used(one) as conveyor:
        submissions = _submissions(one.exchange, (WARM_UP + MEASURED) * BATCH)
        spent = [conveyor.carry(batch) for batch in batches(submissions, BATCH)]
    return sum(spent[WARM_UP:]) / (MEASURED * BATCH)


@contextmanager
def _used(one: Grown) -> Iterator[Conveyor]:
    for service in TRAVELLED:
        _copy(one.exchange, one.database_of(service), one.copy_of(service))
    conveyor = Conveyor(one.exchange, one.copy_of)
    try:
        yield conveyor
    finally:
        conveyor.close()
        for service in TRAVELLED:
            one.exchange.query("postgres", f'DROP DATABASE "{one.copy_of(service)}" WITH (FORCE)')


def _fill(one: Grown, cases: int) -> None:
    conveyor = Conveyor(one.exchange, one.database_of)
    try:
        for batch in batches(_submissions(one.exchange, cases), BATCH):
            conveyor.carry(batch)
    finally:
        conveyor.close()


def _submissions(exchange: Exchange, count: int) -> list[Submission]:
    receiver: UUID = exchange.receiver_id()
    return list(sealed(exchange.environment.keys.path(names.MASTER_KEYS), receiver, count))


def _copy(exchange: Exchange, template: str, name: str) -> None:
    with psycopg.connect(exchange.database("postgres"), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'.encode())
