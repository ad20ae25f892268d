"""Peers that do the same durable work as contestants, each in a database of its own."""

import subprocess
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from tests.bench.crew import Crew
from tests.bench.durable.steps import SCHEMA, STEPS, WORKERS
from tests.bench.exchange import Exchange
from tests.bench.patience import wait_until
from tests.bench.races import Load
from tests.bench.usage import Usage, used_by_tree

PACKAGES = {"absurd": "absurd_sdk", "pgqueuer": "pgqueuer", "dbos": "dbos"}
USUAL = ("pgqueuer", "absurd")
PREPARED_WITHIN = 60.0
_LAST = "FROM state WHERE step = %s AND case_id >= %s AND case_id < %s"
_STORED_AT = "extract(epoch FROM pg_xact_commit_timestamp(xmin))::float8"


class NotInstalled(Exception):
    """A peer that this environment does not have: only ``make bench`` installs them."""


@dataclass(frozen=True)
class Cases:
    """Cases on their way to a peer's last step."""

    exchange: Exchange
    database: str
    feeder: "subprocess.Popen[bytes]"
    begins: Path
    numbers: range

    def done(self) -> int:
        """How many have their last step stored."""
        return int(self._last_steps("count(*)")[0][0])

    def ends(self) -> list[float]:
        """When each one's last step was committed."""
        ended = [0.0] * len(self.numbers)
        for case, moment in self._last_steps(f"case_id, {_STORED_AT}"):
            ended[int(case) - self.numbers.start] = moment
        return ended

    def wrongs(self) -> tuple[int, int]:
        """Steps that are not stored, and steps noted twice."""
        statement = (
            "SELECT count(*), count(DISTINCT (step, case_id)) FROM audit"
            " WHERE case_id >= %s AND case_id < %s"
        )
        here = (self.numbers.start, self.numbers.stop)
        noted, different = self.exchange.query(self.database, statement, *here)[0]
        return STEPS * len(self.numbers) - different, noted - different

    def _last_steps(self, what: str) -> list[tuple[float, float]]:
        here = (STEPS - 1, self.numbers.start, self.numbers.stop)
        return self.exchange.query(self.database, f"SELECT {what} {_LAST}", *here)


@dataclass
class Peer:
    """Another's library that carries cases through four steps and loses none."""

    exchange: Exchange
    name: str
    _next: int = field(default=1, init=False)
    """Cases are numbered on, over all laps in its database."""

    def __post_init__(self) -> None:
        if find_spec(PACKAGES[self.name]) is None:
            raise NotInstalled(f"{PACKAGES[self.name]} is not installed; `make bench` does it")
        self.exchange.query("postgres", f'CREATE DATABASE "{self._database}"')
        self.exchange.query(self._database, SCHEMA)
        with Crew(self.exchange.folder) as crew:
            if self._run(crew, f"{self.name}-prepare", "prepare").wait(PREPARED_WITHIN):
                raise RuntimeError(f"{self.name} could not be prepared; see its log")

    def start(self, crew: Crew, _load: Load) -> None:
        """Start its workers."""
        for place in range(WORKERS):
            self._run(crew, f"{self.name}{place}", "work", place)

    def kill(self, crew: Crew) -> None:
        """Kill its workers, and start them again."""
        crew.end(self._workers(crew))
        self.start(crew, Load(0))

    def lap(self, crew: Crew, name: str, load: Load) -> Cases:
        """A process that has its connection and waits for a line."""
        numbers = range(self._next, self._next + load.cases)
        self._next += load.cases
        begins = self.exchange.folder / f"{self.name}-{name}.begins"
        begins.unlink(missing_ok=True)
        arguments = (numbers.start, load.cases, load.batch, load.rate, begins)
        feeder = self._run(crew, name, "feed", *arguments)
        wait_until(begins.exists, seconds=PREPARED_WITHIN, what=f"{self.name} can be fed")
        return Cases(self.exchange, self._database, feeder, begins, numbers)

    def settle(self) -> None:
        """Nothing is under way once the last step is stored."""

    def usage(self, crew: Crew) -> Usage:
        """Of its workers, of whoever hands in, and of the server."""
        return Usage(
            {
                "workers": crew.cpu(self._workers(crew)),
                "PostgreSQL": used_by_tree(self.exchange.postgres.pid),
                "feeder": crew.cpu(["feeder"]) if "feeder" in crew else 0.0,
            }
        )

    def memory(self, _crew: Crew) -> float:
        """Not asked."""
        return 0.0

    def rows(self) -> int:
        """The steps' and its own."""
        return self.exchange.rows_written(self._database)

    def told(self) -> int:
        """Its own matter."""
        return 0

    @property
    def _database(self) -> str:
        return f"peer_{self.name}"

    def _workers(self, crew: Crew) -> list[str]:
        return [name for name in crew.names if name.startswith(self.name)]

    def _run(
        self, crew: Crew, name: str, what: str, *arguments: object
    ) -> "subprocess.Popen[bytes]":
        url = self.exchange.database(self._database)
        return crew.run(name, "tests.bench.durable", self.name, what, url, *arguments)
