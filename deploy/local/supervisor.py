"""Keeps a stack's programs running, and ends them all with itself.

Programs are started in stages (servers; then, once migrated, services) and stopped stage by stage
from the last. Whatever ends the supervisor, a SIGKILL included, ends its programs: see ``guard``.
"""

import os
import signal
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

from deploy.local import state
from deploy.local.child import Child, Rhythm
from deploy.local.guard import Guard
from deploy.local.program import Program
from deploy.words import say

# A little more than a guard takes to end what a killed supervisor left in the folder.
TAKEOVER = 15.0
# A closed terminal must stop things in order as well.
STOPPING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class NotReady(RuntimeError):
    """A program did not become ready in time; the message names its log."""


class SupervisionEnded(RuntimeError):
    """The supervising thread died of a fault, printed on standard error."""


class Supervisor:
    """A running stack in a folder: ``logs/<program>.log`` and ``state.json``.

    A context manager: leaving the block stops everything. Raises ``AlreadyRunning`` on entering if
    another one works in the folder.
    """

    def __init__(self, folder: Path, *, rhythm: Rhythm | None = None) -> None:
        self.folder = folder.absolute()
        self._rhythm = rhythm or Rhythm()
        self._stages: list[list[Child]] = []
        self._lock = threading.RLock()
        self._stopping = threading.Event()
        self._probes = ThreadPoolExecutor(4, thread_name_prefix="probe")
        self._watcher = threading.Thread(target=self._watch, name="supervisor", daemon=True)
        # The guard of which the state file tells; ``None`` while the file is not up to date.
        self._told_guard: int | None = None

    def __enter__(self) -> Self:
        """Take the folder, start the guard and the supervising thread."""
        (self.folder / "logs").mkdir(parents=True, exist_ok=True)
        self._hold = state.Hold.take(self.folder, within=TAKEOVER)
        self._guard = Guard(keep=(self._hold.shared,))
        self._write_state()
        self._watcher.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop everything."""
        self.stop()

    def start(
        self, programs: Sequence[Program], *, within: float = 60.0, at_most: float = 300.0
    ) -> None:
        """Start one more stage; returns when each program that can tell is ready.

        One that ends meanwhile is started again as always. Raises ``NotReady`` for it ``within``
        so many seconds; for one that only takes long (the first start on a small, busy machine),
        after ``at_most``. ``ValueError`` for a name already in use, ``OSError`` if a start is
        impossible.
        """
        with self._lock:
            stage = [self._child(program) for program in programs]
            names = [child.program.name for child in (*self._children(), *stage)]
            if len(names) != len(set(names)):
                raise ValueError(f"names are not unique: {', '.join(sorted(names))}")
            started: list[Child] = []
            self._stages.append(started)
            for child in stage:
                child.start()
                started.append(child)
            self._write_state()
        began = time.monotonic()
        for child in stage:
            while not child.is_ready():
                patience = within if child.has_ended() else at_most
                if time.monotonic() - began > patience:
                    raise NotReady(say("not-ready", program=child.program.name, log=child.log))
                time.sleep(self._rhythm.look)

    def leave_nothing_of(self, folders: Iterable[Path]) -> None:
        """Delete these when everything has stopped, also if this process is killed."""
        for folder in folders:
            self._guard.erase(folder)

    def stop(self) -> None:
        """Stop every stage, the last first: ask, wait the programs' grace, kill."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        self._watcher.join()
        for stage in reversed(self._stages):
            _stop_together(stage)
        self._guard.close()
        self._probes.shutdown(wait=False, cancel_futures=True)
        state.forget_state(self.folder)
        self._hold.release()

    def wait(self) -> None:
        """Until somebody stops it (see ``stop_on_signals``); raises ``SupervisionEnded``."""
        self._watcher.join()
        if not self._stopping.is_set():
            raise SupervisionEnded

    def pids(self) -> dict[str, int]:
        """The process id of every program that runs now, by name."""
        with self._lock:
            found = {child.program.name: child.pid for child in self._children()}
        return {name: pid for name, pid in found.items() if pid is not None}

    def restarts(self) -> dict[str, int]:
        """How often each program was started again, by name."""
        with self._lock:
            return {child.program.name: child.restarts for child in self._children()}

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal to a program and all it started, as a fault; raises ``KeyError``."""
        with self._lock:
            named = {child.program.name: child for child in self._children()}
            named[name].signal_group(number)

    @property
    def guard_pid(self) -> int:
        """The process id of the guard."""
        return self._guard.pid

    def _child(self, program: Program) -> Child:
        log = self.folder / "logs" / f"{program.name}.log"
        return Child(program, log=log, guard=self._guard, rhythm=self._rhythm, probes=self._probes)

    def _children(self) -> list[Child]:
        return [child for stage in self._stages for child in stage]

    def _watch(self) -> None:
        while not self._stopping.wait(self._rhythm.look):
            with self._lock:
                self._guard.check()
                changed = [child.look() for child in self._children()]
                if any(changed) or self._told_guard != self._guard.pid:
                    self._write_state()

    def _write_state(self) -> None:
        programs = (
            state.ProgramState(child.program.name, child.pid, child.program.port, child.restarts)
            for child in self._children()
        )
        guard, self._told_guard = self._guard.pid, None
        with suppress(OSError):
            # A full disk must not end the supervision: it is written again at the next look.
            state.State(os.getpid(), guard, tuple(programs)).write(self.folder)
            self._told_guard = guard


def _stop_together(stage: Sequence[Child]) -> None:
    asked_at = time.monotonic()
    for child in reversed(stage):
        child.signal(child.program.stop_signal)
    for child in reversed(stage):
        child.end(max(0.0, asked_at + child.program.grace - time.monotonic()))


@contextmanager
def stop_on_signals() -> Iterator[None]:
    """Within the block, the first of ``STOPPING`` ends it as ``SystemExit(128 + number)``.

    Later ones are ignored: what is left to do is to stop in order, and its time is limited. Who
    was told to outlive the terminal (``nohup``) does. To be used on the main thread, around the
    ``Supervisor``.
    """
    heeded = [
        each
        for each in STOPPING
        if each != signal.SIGHUP or signal.getsignal(each) is not signal.SIG_IGN
    ]

    def leave(number: int, _frame: FrameType | None) -> None:
        for each in heeded:
            signal.signal(each, signal.SIG_IGN)
        raise SystemExit(128 + number)

    before = {each: signal.signal(each, leave) for each in heeded}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler or signal.SIG_DFL)
