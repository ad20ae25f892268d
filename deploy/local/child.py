"""One program of a stack, kept running."""

import contextlib
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from signal import SIGKILL, Signals

from deploy.local.guard import Guard
from deploy.local.process import Process
from deploy.local.program import Program


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How a supervisor paces itself, in seconds.

    ``look``: between looks at the programs. ``first_delay``, ``longest_delay``: before a program
    that ended is started again, doubling; forgotten once it ran for ``settled_after``.
    ``probe_after``, ``probe_every``: when a program must first show that it works, and how often.
    """

    look: float = 0.2
    first_delay: float = 0.5
    longest_delay: float = 10.0
    settled_after: float = 30.0
    probe_after: float = 60.0
    probe_every: float = 20.0


class Child:
    """Starts its program again whenever it ends, and ends it when it no longer works.

    Not safe for threads: its supervisor lets one in at a time.
    """

    def __init__(
        self,
        program: Program,
        *,
        log: Path,
        guard: Guard,
        rhythm: Rhythm,
        probes: ThreadPoolExecutor,
    ) -> None:
        self.program = program
        self.log = log
        self.restarts = 0
        self._guard = guard
        self._rhythm = rhythm
        self._probes = probes
        self._process: Process | None = None
        self._started_at = 0.0
        self._start_at = 0.0
        self._delay = rhythm.first_delay
        self._probe: Future[bool] | None = None
        self._probe_at = 0.0

    @property
    def pid(self) -> int | None:
        """The process id, ``None`` while it does not run."""
        if self._process is None or self._process.status() is not None:
            return None
        return self._process.pid

    def is_ready(self) -> bool:
        """Whether the program says so; one that cannot tell is ready at once."""
        return self.program.ready is None or self.program.ready()

    def has_ended(self) -> bool:
        """Whether it has ended at least once, by itself or by whatever kills it."""
        return self.restarts > 0 or self.pid is None

    def start(self) -> None:
        """Start the program; raises ``OSError`` if that is impossible."""
        self._process = Process(self.program, log=self.log, guard=self._guard)
        self._started_at = time.monotonic()
        self._probe = None
        self._probe_at = self._started_at + self._rhythm.probe_after

    def look(self) -> bool:
        """Do what is due; whether the program started or ended."""
        now = time.monotonic()
        if self._process is None:
            return now >= self._start_at and self._start_again()
        status = self._process.status()
        if status is not None:
            self._lay_off(now, f"ended with {status}")
            return True
        if now - self._started_at >= self._rhythm.settled_after:
            self._delay = self._rhythm.first_delay
        self._look_alive(now)
        return False

    def signal(self, number: Signals) -> None:
        """Send to the program alone; nothing happens if it does not run."""
        if self._process is not None:
            self._process.signal(number)

    def signal_group(self, number: Signals) -> None:
        """Send to the program and what it started; nothing happens if it does not run."""
        if self._process is not None:
            self._process.signal_group(number)

    def end(self, within: float) -> None:
        """Wait for its end, kill it if that takes too long; it is not started again."""
        if self._process is not None:
            self._process.end(within)
            self._process = None

    def _start_again(self) -> bool:
        self.restarts += 1
        try:
            self.start()
        except OSError as fault:
            # The machine is short of something (processes, files, disk): that can pass.
            self._lay_off(time.monotonic(), f"could not start: {fault.strerror}")
        return True

    def _lay_off(self, now: float, why: str) -> None:
        self._process = None
        self._start_at = now + self._delay
        self._note(f"{why}; starts again in {self._delay:g} s")
        self._delay = min(self._delay * 2, self._rhythm.longest_delay)

    def _look_alive(self, now: float) -> None:
        if self.program.is_alive is None or now < self._probe_at:
            return
        if self._probe is None:
            # On another thread: a slow answer about one program must not hold up the others.
            self._probe = self._probes.submit(self.program.is_alive)
        elif self._probe.done():
            self._judge(self._probe)
            self._probe = None
            self._probe_at = now + self._rhythm.probe_every

    def _judge(self, probe: Future[bool]) -> None:
        fault = probe.exception()
        if fault is not None:
            # Not being able to ask (a database restarting) says nothing against the program.
            self._note(f"could not be asked whether it works: {type(fault).__name__}")
        elif not probe.result():
            self._note("runs but does not work; killed")
            self.signal_group(SIGKILL)

    def _note(self, what: str) -> None:
        with contextlib.suppress(OSError), self.log.open("a", encoding="utf-8") as log:
            # A full disk must not end the supervision.
            log.write(f"[supervisor] {self.program.name} {what}\n")
