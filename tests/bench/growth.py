"""What a case costs when much is stored: the same cases through databases of several sizes.

They are filled with cases that went all the way, in the order of time, by two processes at once:
rows, keys and indexes are what years of use would leave. Only the largest databases are used as
they are; of the others a copy is used up, which the cases that are measured would outgrow.
"""

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from deploy.stack import keys as names
from services.intake.api.reception import Submission
from tests.bench.conveyor import Conveyor, batches
from tests.bench.exchange import TRAVELLED, Exchange, untouched
from tests.bench.measured import Say
from tests.bench.submissions import sealed

BATCH = 64
WARM_UP = 2
MEASURED = 8
GOAL_ROWS = 10_000_000
SIZES = (1_000, 1_000_000)
"""Rows in the databases of all four services together when a measurement begins; and more."""
COPIED_UP_TO = 2_000_000
"""Rows: of what is larger, the cases that are measured are a hundredth."""
FIRST = 4
"""Cases that show how many rows a case leaves."""
FILLERS = 2
FILLED_AT_ONCE = 2_048
"""Cases that a filler seals before it carries them."""

TOLD_BY_DIRECTORY = {"organisations", "programmes", "endpoints", "alembic_version"}
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"


@dataclass(frozen=True)
class Grown:
    """A set of the four databases that holds so many rows."""

    exchange: Exchange
    size: int

    def database_of(self, service: str) -> str:
        """The database that was filled."""
        return f"{service}_{self.size}"

    def copy_of(self, service: str) -> str:
        """The database that is used up."""
        return f"{service}_{self.size}_used"

    @property
    def is_copied(self) -> bool:
        """Whether each measurement uses up a copy."""
        return self.size <= COPIED_UP_TO

    def rows(self) -> int:
        """Rows stored, what the directory has told left out."""
        return sum(self._count(self.database_of(service)) for service in TRAVELLED)

    def _count(self, database: str) -> int:
        tables = {row[0] for row in self.exchange.query(database, _TABLES)} - TOLD_BY_DIRECTORY
        statements = [f"SELECT count(*) FROM {table}" for table in tables]  # noqa: S608 - our own
        return sum(int(self.exchange.query(database, it)[0][0]) for it in statements)


def grow(exchange: Exchange, most: int, say: Say) -> list[Grown]:
    """A set of databases of each size; each is filled from where the one before it ended."""
    grown: list[Grown] = []
    for size in sorted({*(it for it in SIZES if it <= most), most}):
        one = Grown(exchange, size)
        for service in TRAVELLED:
            template = grown[-1].database_of(service) if grown else untouched(service)
            exchange.copy_database(template, one.database_of(service))
        _grow(one)
        say(f"stored {one.rows():,} rows")
        grown.append(one)
    return grown


def _grow(one: Grown) -> None:
    before = one.rows()
    _fill(one, FIRST)
    each = (one.rows() - before) / FIRST
    missing = int(max(one.size - one.rows(), 0) / each)
    share = missing // FILLERS
    fork = multiprocessing.get_context("fork")
    fillers = [fork.Process(target=_fill, args=(one, share)) for _ in range(FILLERS)]
    for filler in fillers:
        filler.start()
    for filler in fillers:
        filler.join()
        if filler.exitcode:
            raise RuntimeError(f"a filler ended with {filler.exitcode}")
    for service in TRAVELLED:
        one.exchange.query(one.database_of(service), "VACUUM ANALYZE")
    if not 0.8 * one.size < one.rows() < 1.2 * one.size:
        raise RuntimeError(f"{one.rows()} rows are not {one.size}")


def seconds_per_case(one: Grown) -> float:
    """Seconds of one case, all four services, in databases of a size."""
    with _used(one) as conveyor:
        submissions = _submissions(one.exchange, (WARM_UP + MEASURED) * BATCH)
        spent = [conveyor.carry(batch) for batch in batches(submissions, BATCH)]
    return sum(spent[WARM_UP:]) / (MEASURED * BATCH)


@contextmanager
def _used(one: Grown) -> Iterator[Conveyor]:
    used = one.copy_of if one.is_copied else one.database_of
    if one.is_copied:
        for service in TRAVELLED:
            one.exchange.copy_database(one.database_of(service), used(service))
    conveyor = Conveyor(one.exchange, used)
    try:
        yield conveyor
    finally:
        conveyor.close()
        if one.is_copied:
            for service in TRAVELLED:
                one.exchange.drop_database(used(service))


def _fill(one: Grown, cases: int) -> None:
    conveyor = Conveyor(one.exchange, one.database_of)
    try:
        for first in range(0, cases, FILLED_AT_ONCE):
            count = min(FILLED_AT_ONCE, cases - first)
            for batch in batches(_submissions(one.exchange, count), BATCH):
                conveyor.carry(batch)
    finally:
        conveyor.close()


def _submissions(exchange: Exchange, count: int) -> list[Submission]:
    receiver: UUID = exchange.receiver_id()
    return list(sealed(exchange.environment.keys.path(names.MASTER_KEYS), receiver, count))
