"""Plain Celery and the peers that keep nothing: how fast, how soon, at which cost."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.bench import peers, plain
from tests.bench.crew import Crew
from tests.bench.races import Run
from tests.bench.stopwatch import Stopwatch

WARM_UP = 60
WITHIN = 300.0

Send = Callable[[range], None]


@dataclass(frozen=True)
class Track:
    """Where they run: a folder for logs and times, and the broker."""

    folder: Path
    url: str

    def plain(self, crew: Crew, jobs: int, hops: int) -> Stopwatch:
        """Start the workers of N, or with more hops those of N10."""
        ends, watch = self._watch("plain", jobs)
        for hop in range(hops):
            crew.run(f"plain{hop}", "tests.bench.plain", self.url, hop, hops, ends, jobs)
        return watch

    def peer(self, crew: Crew, name: str, jobs: int) -> Stopwatch:
        """Start the workers of a peer."""
        ends, watch = self._watch(name, jobs)
        for hop in range(plain.HOPS):
            crew.run(f"{name}{hop}", "tests.bench.peers", name, self.plain_url, hop, ends, jobs)
        return watch

    @property
    def plain_url(self) -> str:
        """The broker's address as everybody but kombu writes it."""
        return self.url.replace("redis+socket://", "unix://", 1).partition("?")[0]

    def _watch(self, name: str, jobs: int) -> tuple[Path, Stopwatch]:
        ends = self.folder / f"{name}.times"
        ends.unlink(missing_ok=True)
        return ends, Stopwatch(ends, jobs)


def saturated_plain(track: Track, jobs: int, hops: int = plain.HOPS) -> Run:
    """N with all its jobs waiting in the first queue."""
    first = plain.declare(plain.plain_app(track.url), 0)

    def send(numbers: range) -> None:
        for number in numbers:
            first.delay(plain.payload(number))

    with Crew(track.folder) as crew:
        watch = track.plain(crew, WARM_UP + jobs, hops)
        return _saturate(crew, watch, send, jobs, hops)


def saturated_peer(track: Track, name: str, jobs: int) -> Run:
    """A peer with all its jobs waiting in the first queue."""

    def send(numbers: range) -> None:
        peers.send_all(name, track.plain_url, [plain.payload(number) for number in numbers])

    with Crew(track.folder) as crew:
        watch = track.peer(crew, name, WARM_UP + jobs)
        return _saturate(crew, watch, send, jobs, plain.HOPS)


def _saturate(crew: Crew, watch: Stopwatch, send: Send, jobs: int, hops: int) -> Run:
    """All is sent before the clock starts, while the workers hold still."""
    send(range(WARM_UP))
    watch.wait(seconds=WITHIN, until=WARM_UP)
    crew.freeze()
    send(range(WARM_UP, WARM_UP + jobs))
    used, began = crew.cpu(crew.names), time.monotonic()
    crew.thaw()
    ended = watch.wait(seconds=WITHIN)
    spent = crew.cpu(crew.names) - used
    crew.check()
    memory = crew.memory("plain1") if "plain1" in crew else 0.0
    return Run(jobs / (ended - began), spent / jobs, memory=memory, messages=hops)


def paced_plain(track: Track, jobs: int, rate: float) -> list[float]:
    """Seconds from sending to the end of the last hop, of jobs sent at a steady rate."""
    first = plain.declare(plain.plain_app(track.url), 0)
    with Crew(track.folder) as crew:
        watch = track.plain(crew, WARM_UP + jobs, plain.HOPS)
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
