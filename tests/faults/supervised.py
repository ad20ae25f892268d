"""One process of a laboratory: started, frozen, killed, started again."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from signal import SIGCONT, SIGKILL, SIGSTOP, Signals

import psutil

from deploy.local.patience import wait_until
from deploy.stack.environment import CODE
from tests.guarded import GuardedProcess


@dataclass
class Role:
    """A process of the laboratory, started again when it ends, as a supervisor would."""

    kind: str
    """What the process is, whatever tests call it."""
    argv: Sequence[str]
    env: dict[str, str]
    log: Path
    process: GuardedProcess | None = None
    restarts: int = -1

    def start(self) -> None:
        """Run it."""
        self.restarts += 1
        with self.log.open("ab") as log:
            self.process = GuardedProcess(self.argv, env=self.env, output=log, cwd=CODE)

    def look(self) -> None:
        """Start it again if it has ended."""
        if self.process is not None and self.process.poll() is not None:
            self.start()

    def signal(self, number: Signals) -> None:
        """Send a signal to it and to whatever it started."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, number)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """It stands still from the first line of the block on, and never after the last."""
        self.look()
        self.signal(SIGSTOP)
        try:
            assert wait_until(self._stands_still, within=10, every=0.002)
            yield
        finally:
            self.signal(SIGCONT)

    def end(self) -> None:
        """Kill it for good."""
        self.signal(SIGKILL)
        if self.process is not None:
            self.process.wait()
        self.process = None

    def _stands_still(self) -> bool:
        assert self.process is not None
        return psutil.Process(self.process.pid).status() == psutil.STATUS_STOPPED
