"""What all parts of a measurement share: the servers, what was asked for, what was found."""

from dataclasses import dataclass, field
from functools import cached_property

from deploy.stack import access
from tests.bench import growth
from tests.bench.contestants import Track
from tests.bench.durable.peers import Peer
from tests.bench.exchange import Exchange
from tests.bench.measured import Measured, Say
from tests.bench.pipeline import Ours
from tests.bench.races import Load, Run, saturated
from tests.bench.stopwatch import percentile

CASES = 6_000
"""Of one saturated run: filling and draining are then a few hundredths of it."""
SAMPLES = 500
"""Latencies in all rounds together, at least: what a 99th percentile is worth something with."""
LONE_SAMPLES = 200
"""The same where only the middle one counts."""
PACE = 10.0
"""Jobs a second in the runs that measure latency."""


@dataclass
class Bench:
    """One measurement."""

    exchange: Exchange
    measured: Measured
    say: Say
    rounds: int
    cases: int
    """Cases or jobs of one saturated run."""
    seconds: float
    """How long the sustained load lasts."""
    rows: int
    """The largest number of stored rows."""
    dbos: bool
    """Whether DBOS is among the peers that do the same work."""
    _frames: Run | None = field(default=None, init=False)
    _peers: dict[str, Peer] = field(default_factory=dict, init=False)

    def begin(self) -> None:
        """What was measured before is of another minute."""
        self._frames = None

    @property
    def frames(self) -> Run:
        """Our saturated run of this round: several parts compare with it."""
        if self._frames is None:
            self._frames = self.ours(Load(self.cases))
            self.tell("ours, frames", self._frames)
            self.measured.note("messages of a case", self._frames.messages)
            self.measured.note("rows of a case", self._frames.rows)
        return self._frames

    def peer(self, name: str) -> Peer:
        """A peer that does the same work, prepared when it is first asked for."""
        if name not in self._peers:
            self._peers[name] = Peer(self.exchange, name)
        return self._peers[name]

    def share_of(self, samples: int) -> int:
        """How many of them each round takes."""
        return -(-samples // self.rounds)

    @cached_property
    def track(self) -> Track:
        """Where those run that only need a broker."""
        broker = self.exchange.environment.broker_url_of(access.OWNER)
        return Track(self.exchange.folder, broker)

    @cached_property
    def sets(self) -> list[growth.Grown]:
        """Databases that hold so many rows, filled when they are first asked for."""
        return growth.grow(self.exchange, self.rows, self.say)

    def ours(self, load: Load) -> Run:
        self.exchange.empty_queues()
        return saturated(Ours(self.exchange), self.exchange.folder, load)

    def quiet(self, run: Run) -> Run:
        """What one contestant left in the broker must not be in the way of the next."""
        self.exchange.empty_queues()
        return run

    def tell(self, name: str, run: Run) -> None:
        self.measured.note(f"{name}, jobs/s", run.rate)
        self.measured.note(f"{name}, worker CPU us/job", run.cpu * 1e6)
        if run.total:
            self.measured.note(f"{name}, all CPU us/job", run.total * 1e6)
        if run.memory:
            self.measured.note(f"{name}, USS of a worker MB", run.memory)
        counted = f"{run.messages:.1f} messages, " if run.messages else ""
        counted += f"{run.rows:.0f} rows, " if run.rows else ""
        cost = f"{counted}{run.cpu * 1e6:.0f} us worker CPU a job"
        self.say(f"{name}: {run.rate:.0f}/s, {cost} {run.detail}")

    def tell_latency(self, name: str, values: list[float]) -> None:
        self.measured.figures[f"{name} at {PACE:.0f}/s, seconds"].extend(values)
        p50, p99 = (percentile(values, share) * 1e3 for share in (0.5, 0.99))
        self.say(f"{name} at {PACE:.0f}/s: p50 {p50:.1f} ms, p99 {p99:.1f} ms")
