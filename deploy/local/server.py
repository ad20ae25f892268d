"""One server, started without a supervisor: plain start, stop, kill, start again."""

import time
from pathlib import Path
from signal import SIGKILL, SIGTERM, Signals

from deploy.local.guard import Guard
from deploy.local.process import Process
from deploy.local.program import Program
from deploy.words import say

# How long the last traces of a killed predecessor (its child processes, its guard's work) may keep
# a new one from starting.
PATIENCE = 15.0
LAST_WORDS = 2_000


class ServerFailed(RuntimeError):
    """The server ended, or was not ready in time; the message carries the end of its log."""


class Server:
    """A server and the guard that ends it if this process dies."""

    def __init__(self, program: Program, *, log: Path) -> None:
        self._program = program
        self._log = log
        self._guard: Guard | None = None
        self._process: Process | None = None

    @property
    def pid(self) -> int:
        """Its process id; raises ``ServerFailed`` if it does not run."""
        if self._process is None or self._process.status() is not None:
            raise ServerFailed(say("does-not-run", program=self._program.name))
        return self._process.pid

    def start(self, *, within: float, patience: float = 0.0) -> None:
        """Start and wait until it is ready; raises ``ServerFailed``.

        One that ends instead is started again for ``patience`` seconds.
        """
        began = time.monotonic()
        while not self._comes_up(began + within):
            if time.monotonic() - began > min(patience, within):
                self.stop()
                raise ServerFailed(
                    say("ended", program=self._program.name, words=last_words(self._log))
                )
            time.sleep(0.2)

    def stop(self, number: Signals = SIGTERM) -> None:
        """Ask it to end, kill it when its grace is over; nothing happens if it does not run."""
        if self._process is not None:
            self._process.signal(number)
            self._process.end(self._program.grace)
            self._process = None
        if self._guard is not None:
            self._guard.close()
            self._guard = None

    def kill(self) -> None:
        """SIGKILL, to the server process alone; returns when it has ended."""
        if self._process is not None:
            self._process.signal(SIGKILL)
            self._process.end(self._program.grace)

    def _comes_up(self, deadline: float) -> bool:
        self._guard = self._guard or Guard()
        self._process = Process(self._program, log=self._log, guard=self._guard)
        while self._process.status() is None:
            if self._program.ready is None or self._program.ready():
                return True
            if time.monotonic() > deadline:
                self.stop(SIGKILL)
                raise ServerFailed(
                    say("not-ready-yet", program=self._program.name, words=last_words(self._log))
                )
            time.sleep(0.05)
        return False


def run_to_end(program: Program, *, log: Path, within: float) -> int:
    """Run a program that ends by itself: its exit status; killed after so many seconds."""
    guard = Guard()
    try:
        return Process(program, log=log, guard=guard).end(within)
    finally:
        guard.close()


def last_words(log: Path) -> str:
    """The end of a log."""
    return log.read_bytes()[-LAST_WORDS:].decode(errors="replace")
