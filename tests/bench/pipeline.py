"""Our four services as a contestant: cases through real databases, handlers and signatures."""

import subprocess
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from deploy.stack.environment import Process
from shared.contracts import Queue
from shared.kit.clock import utc_now
from tests.bench.crew import Crew, go
from tests.bench.exchange import TRAVELLED, Exchange
from tests.bench.patience import wait_until
from tests.bench.races import Load
from tests.bench.submissions import job_of
from tests.bench.usage import Usage, used_by_tree

SEALED_WITHIN = 120.0
REQUESTED = "vn.nhipcau.referral.requested.v1"
# One machine has one clock; ids of deliveries say nothing of when they were made.
_ARRIVED = "FROM deliveries WHERE created_at > %s AND type = %s"
_STORED_AT = "extract(epoch FROM pg_xact_commit_timestamp(xmin))::float8"


@dataclass(frozen=True)
class Offers:
    """Cases on their way to the delivery of their offer."""

    exchange: Exchange
    feeder: "subprocess.Popen[bytes]"
    begins: Path
    since: datetime
    cases: int

    def done(self) -> int:
        """How many offers have their delivery."""
        rows = self._arrived("count(*)")
        return int(rows[0][0])

    def ends(self) -> list[float]:
        """When each one's delivery was committed."""
        ended = [0.0] * self.cases
        for trace, moment in self._arrived(f"traceparent, {_STORED_AT}"):
            ended[job_of(trace)] = moment
        return ended

    def wrongs(self) -> tuple[int, int]:
        """Messages lost and taken twice, counted at both ends."""
        balance = self.exchange.balance()
        return balance.lost, balance.twice

    def _arrived(self, what: str) -> list[tuple[str, float]]:
        statement = f"SELECT {what} {_ARRIVED}"
        return self.exchange.query(Queue.NOTIFICATION, statement, self.since, REQUESTED)


@dataclass(frozen=True)
class Ours:
    """The exchange: a worker (or several) and a relay for each service a case passes."""

    exchange: Exchange
    workers: int = 1
    name: str = "ours"

    def start(self, crew: Crew, load: Load) -> None:
        """Start the services."""
        self.exchange.start_services(crew, load.frame, workers=self.workers)

    def kill(self, crew: Crew) -> None:
        """Kill workers and relays, and start them again."""
        crew.end([name for name in crew.names if name.endswith(("-worker", "-relay"))])
        self.exchange.start_services(crew)

    def lap(self, crew: Crew, name: str, load: Load) -> Offers:
        """A process that has sealed its cases and waits for a line."""
        feeder, begins = _feeder(self.exchange, crew, name, load)
        return Offers(self.exchange, feeder, begins, utc_now(), load.cases)

    def settle(self) -> None:
        """Wait until no message is open or held."""
        self.exchange.settle()

    def usage(self, crew: Crew) -> Usage:
        """Everybody's; the feeder's is the part of intake that stores and tells."""
        named = {
            part: [name for name in crew.names if name.startswith(TRAVELLED) and part in name]
            for part in ("worker", "relay")
        }
        return Usage(
            {
                "workers": crew.cpu(named["worker"]),
                "relays": crew.cpu(named["relay"]),
                "PostgreSQL": used_by_tree(self.exchange.postgres.pid),
                "Redis": used_by_tree(self.exchange.redis.pid),
                "feeder": crew.cpu(["feeder"]) if "feeder" in crew else 0.0,
            }
        )

    def memory(self, crew: Crew) -> float:
        """The mean of the four workers."""
        return sum(crew.memory(f"{service}-worker") for service in TRAVELLED) / len(TRAVELLED)

    def rows(self) -> int:
        """In the databases of the four services."""
        return self.exchange.rows_written(*TRAVELLED)

    def told(self) -> int:
        """Messages times destinations ever stored."""
        return self.exchange.balance().told


def pour(exchange: Exchange, crew: Crew, name: str, load: Load) -> None:
    """Feed cases and return when the last one is stored, whatever becomes of them."""
    feeder, _begins = _feeder(exchange, crew, name, load)
    go(feeder)
    if feeder.wait(timeout=SEALED_WITHIN):
        raise RuntimeError("the feeder failed; see its log")


def _feeder(
    exchange: Exchange, crew: Crew, name: str, load: Load
) -> "tuple[subprocess.Popen[bytes], Path]":
    env = exchange.environment.of(Queue.INTAKE, Process.API)
    if load.frame is not None:
        env["INTAKE_FRAME"] = str(load.frame)
    begins = exchange.folder / f"{name}.begins"
    begins.unlink(missing_ok=True)
    arguments = (load.cases, load.batch, load.rate, exchange.receiver_id(), begins)
    feeder = crew.run(name, "tests.bench.feed", *arguments, env=env)
    wait_until(begins.exists, seconds=SEALED_WITHIN, what="cases are sealed")
    return feeder, begins
