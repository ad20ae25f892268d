"""Plain Celery and the peers over four hops: how fast, how soon, at which cost."""

import time
from dataclasses import dataclass
from pathlib import Path

from tests.bench import peers, plain
from tests.bench.crew import Crew
from tests.bench.stopwatch import Stopwatch

WARM_UP = 60
WITHIN = 120.0


@dataclass(frozen=True)
class Run:
    """How one contestant did in one round."""

    rate: float
    """Jobs a second."""
    cpu: float
    """Seconds of worker CPU a job."""
    memory: float = 0.0
    """USS of a worker in megabytes."""
    detail: str = ""


@dataclass(frozen=True)
class Track:
    """Where contestants run: a folder for logs and times, and the broker."""

    folder: Path
    url: str

    def plain(self, crew: Crew, jobs: int) -> Stopwatch:
        """Start the workers of N."""
        return self._start(crew, "plain", jobs, "tests.bench.plain", self.url)

    def peer(self, crew: Crew, name: str, jobs: int) -> Stopwatch:
        """Start the workers of a peer."""
        return self._start(crew, name, jobs, "tests.bench.peers", name, self.plain_url)

    @property
    def plain_url(self) -> str:
        """The broker's address as everybody but kombu writes it."""
        return self.url.replace("redis+socket://", "unix://", 1).partition("?")[0]

    def _start(self, crew: Crew, name: str, jobs: int, module: str, *arguments: str) -> Stopwatch:
        ends = self.folder / f"{name}.times"
        ends.unlink(missing_ok=True)
        watch = Stopwatch(ends, jobs)
        for hop in range(plain.HOPS):
            crew.run(f"{name}{hop}", module, *arguments, hop, ends, jobs)
        return watch


def saturated_plain(track: Track, jobs: int) -> Run:
    """N with all its jobs waiting in the first queue."""
    first = plain.declare(plain.plain_app(track.url), 0)

    def send(numbers: range) -> None:
        for number in numbers:
            first.delay(plain.payload(number))

    with Crew(track.folder) as crew:
        watch = track.plain(crew, WARM_UP + jobs)
        return _saturate(crew, watch, send, jobs)


def saturated_peer(track: Track, name: str, jobs: int) -> Run:
    """A peer with all its jobs waiting in the first queue."""

    def send(numbers: range) -> None:
        peers.send_all(name, track.plain_url, [plain.payload(number) for number in numbers])

    with Crew(track.folder) as crew:
        watch = track.peer(crew, name, WARM_UP + jobs)
        return _saturate(crew, watch, send, jobs)


def _saturate(crew: Crew, watch: Stopwatch, send: "plain.Send", jobs: int) -> Run:
    send(range(WARM_UP))
    watch.wait(seconds=WITHIN, until=WARM_UP)
    crew.freeze()
    send(range(WARM_UP, WARM_UP + jobs))
    used, began = crew.cpu(), time.monotonic()
    crew.thaw()
    ended = watch.wait(seconds=WITHIN)
    crew.check()
    spent = crew.cpu() - used
    memory = crew.memory("plain1") if "plain1" in crew else 0.0
    return Run(jobs / (ended - began), spent / jobs, memory)


def paced_plain(track: Track, jobs: int, rate: float) -> list[float]:
    """Seconds from sending to the end of the last hop, of jobs sent at a steady rate."""
    first = plain.declare(plain.plain_app(track.url), 0)
    with Crew(track.folder) as crew:
        watch = track.plain(crew, WARM_UP + jobs)
        for number in range(WARM_UP):
            first.delay(plain.payload(number))
        watch.wait(seconds=WITHIN, until=WARM_UP)
        begun: list[float] = []
        start = time.monotonic()
        for number in range(jobs):
            time.sleep(max(start + number / rate - time.monotonic(), 0))
            begun.append(time.monotonic())
            first.delay(plain.payload(WARM_UP + number))
        watch.wait(seconds=WITHIN)
        ended = watch.ended()[WARM_UP:]
    return [end - begin for begin, end in zip(begun, ended, strict=True)]
