"""What is asked of everybody who carries cases to their end and loses none.

A case is handed in inside the clock, and it has ended when the transaction that stores its last
step is committed: that moment is read afterwards, from the database itself.
"""

import subprocess
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Protocol

from tests.bench.crew import Crew, go
from tests.bench.patience import count_up_to
from tests.bench.stopwatch import Stopwatch
from tests.bench.usage import Usage

WARM_UP = 128
WITHIN = 240.0
BATCH = 64
KILLED_AT = 200
KILLED_CASES = 600


@dataclass(frozen=True)
class Load:
    """Cases in all, and how they come: in transactions of ``batch``, or ``rate`` a second."""

    cases: int
    batch: int = BATCH
    rate: float = 0.0
    frame: int | None = None
    """Most messages per frame; unset: the product's own."""


@dataclass(frozen=True)
class Run:
    """How one contestant did in one round."""

    rate: float
    """Jobs a second."""
    cpu: float
    """Seconds of worker CPU a job."""
    total: float = 0.0
    """Seconds of everybody's CPU a job: workers, relays, servers, whoever hands it in."""
    memory: float = 0.0
    """USS of a worker in megabytes."""
    messages: float = 0.0
    """Messages a job, its own included."""
    rows: float = 0.0
    """Rows inserted, changed or deleted a job."""
    detail: str = ""


@dataclass(frozen=True)
class Recovery:
    """What became of the cases in hand when all workers were killed at once, and started again."""

    seconds: float
    """From the kill until the last case was stored."""
    standstill: float
    """The longest time in it without a case."""
    lost: int
    doubled: int


class Lap(Protocol):
    """The cases that one feeder hands in."""

    @property
    def feeder(self) -> "subprocess.Popen[bytes]":
        """Waits for a line, everything prepared."""
        ...

    @property
    def begins(self) -> Path:
        """The file of a stopwatch on which each case begins."""
        ...

    def done(self) -> int:
        """How many have ended."""
        ...

    def ends(self) -> list[float]:
        """When each has ended, by its number; 0.0: not yet."""
        ...

    def wrongs(self) -> tuple[int, int]:
        """How many steps are lost and how many doubled, once everything is settled."""
        ...


class Contestant(Protocol):
    """Who carries cases."""

    @property
    def name(self) -> str:
        """As people know it."""
        ...

    def start(self, crew: Crew, load: Load) -> None:
        """Start its processes."""
        ...

    def kill(self, crew: Crew) -> None:
        """Kill all that work at once, and start them again."""
        ...

    def lap(self, crew: Crew, name: str, load: Load) -> Lap:
        """Prepare a feeder; returns when it waits to be let go."""
        ...

    def settle(self) -> None:
        """Wait until nothing is under way."""
        ...

    def usage(self, crew: Crew) -> Usage:
        """Processor time so far of all that have a part in it."""
        ...

    def memory(self, crew: Crew) -> float:
        """Megabytes of a worker; 0.0: not asked."""
        ...

    def told(self) -> int:
        """Messages sent so far between its steps; 0: not counted."""
        ...

    def rows(self) -> int:
        """Rows written so far, once everybody has left its databases."""
        ...


def saturated(contestant: Contestant, folder: Path, load: Load) -> Run:
    """From the moment the first case is handed in until the last one is stored."""
    written = contestant.rows()
    with Crew(folder) as crew:
        _warm(contestant, crew, load)
        told = contestant.told()
        lap = contestant.lap(crew, "feeder", load)
        before = contestant.usage(crew)
        seconds = run(crew, lap, load.cases)
        spent = contestant.usage(crew) - before
        contestant.settle()
        memory = contestant.memory(crew)
        messages = (contestant.told() - told) / load.cases
    rows = (contestant.rows() - written) / (WARM_UP + load.cases)
    return Run(
        rate=load.cases / seconds,
        cpu=spent.of("workers") / load.cases,
        total=spent.total / load.cases,
        memory=memory,
        messages=messages,
        rows=rows,
        detail=f"({spent.per(load.cases)})",
    )


def lone(contestant: Contestant, folder: Path, load: Load) -> list[float]:
    """Seconds from handing in a case to its last step stored, of cases that come one by one."""
    with Crew(folder) as crew:
        _warm(contestant, crew, load)
        lap = contestant.lap(crew, "feeder", load)
        run(crew, lap, load.cases)
        begun = Stopwatch(lap.begins, load.cases).ended()
        ended = lap.ends()
        contestant.settle()
    return [end - begin for begin, end in zip(begun, ended, strict=True)]


def killed(contestant: Contestant, folder: Path) -> Recovery:
    """All that work are killed in the middle, and started again at once."""
    load = Load(KILLED_CASES)
    with Crew(folder) as crew:
        _warm(contestant, crew, load)
        lap = contestant.lap(crew, "feeder", load)
        go(lap.feeder)
        _wait(crew, lap, KILLED_AT)
        at = time.time()
        contestant.kill(crew)
        _wait(crew, lap, load.cases)
        contestant.settle()
        after = [at, *sorted(end for end in lap.ends() if end > at)]
        lost, doubled = lap.wrongs()
    gaps = [later - earlier for earlier, later in pairwise(after)]
    return Recovery(after[-1] - at, max(gaps, default=0.0), lost, doubled)


def run(crew: Crew, lap: Lap, cases: int) -> float:
    """Let the feeder go; returns the seconds until the last case was stored."""
    began = time.time()
    go(lap.feeder)
    _wait(crew, lap, cases)
    return max(lap.ends()) - began


def _wait(crew: Crew, lap: Lap, cases: int) -> None:
    def done() -> int:
        crew.check()
        return lap.done()

    count_up_to(cases, done, seconds=WITHIN, what="cases are stored")


def _warm(contestant: Contestant, crew: Crew, load: Load) -> None:
    contestant.start(crew, load)
    lap = contestant.lap(crew, "warm-up", Load(WARM_UP, load.batch, frame=load.frame))
    run(crew, lap, WARM_UP)
    contestant.settle()
