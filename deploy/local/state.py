"""What a running stack tells others through its folder: who supervises, what runs."""

import contextlib
import fcntl
import json
import os
import signal
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from deploy.local.patience import wait_until
from deploy.words import say

STATE = "state.json"
SUPERVISED = "supervised.lock"
USED = "used.lock"
GLANCE = 0.2
"""Seconds for which a lock may be held by somebody who only looks whether it is."""


class AlreadyRunning(RuntimeError):
    """Another supervisor works in this folder."""


@dataclass(frozen=True, slots=True)
class ProgramState:
    """One program; ``pid`` is ``None`` between two lives, ``restarts`` counts the later ones."""

    name: str
    pid: int | None
    port: int | None
    restarts: int


@dataclass(frozen=True, slots=True)
class State:
    """The supervisor's and its guard's process ids, and its programs."""

    pid: int
    guard: int
    programs: tuple[ProgramState, ...]

    def write(self, folder: Path) -> None:
        """Replace the folder's state file in one step; raises ``OSError``."""
        new = folder / f"{STATE}.new"
        new.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")
        new.replace(folder / STATE)


def read_state(folder: Path) -> State | None:
    """What the last supervisor of the folder wrote, ``None`` if it left in order or never was."""
    try:
        raw = json.loads((folder / STATE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    programs = tuple(ProgramState(**program) for program in raw["programs"])
    return State(raw["pid"], raw["guard"], programs)


def forget_state(folder: Path) -> None:
    """The supervisor left in order."""
    (folder / STATE).unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Hold:
    """The folder, held for one supervisor alone.

    ``mine`` is held by the supervisor only, whose process id is in that file; ``shared`` by its
    guard too, so it is free again when everything that ran in the folder has ended. Both are open
    descriptors.
    """

    mine: int
    shared: int

    @classmethod
    def take(cls, folder: Path, *, within: float) -> Self:
        """Hold the folder, waiting while a killed predecessor's programs are still being ended.

        Raises ``AlreadyRunning``.
        """
        mine, shared = _open(folder / SUPERVISED), _open(folder / USED)
        if wait_until(lambda: _take(mine), within=GLANCE):
            # At once: whoever wants to stop this process must be able to from its first moment.
            _sign(mine)
            if wait_until(lambda: _take(shared), within=within):
                return cls(mine, shared)
        os.close(mine)
        os.close(shared)
        raise AlreadyRunning(say("already-running", folder=folder))

    def release(self) -> None:
        """Leave the folder to others."""
        os.close(self.shared)
        os.close(self.mine)


def is_running(folder: Path) -> bool:
    """Whether a supervisor, or the end of what it left, is still at work in the folder."""
    if not (folder / USED).exists():
        return False
    used = _open(folder / USED)
    try:
        return not _take(used)
    finally:
        os.close(used)


def supervisor_of(folder: Path) -> int | None:
    """The process id of the supervisor at work in the folder now, ``None`` if there is none.

    It is read from a lock that is held: what a killed supervisor left behind names nobody, for its
    number may be an unrelated process's by now.
    """
    if not (folder / SUPERVISED).exists():
        return None
    lock = _open(folder / SUPERVISED)
    try:
        signed = b"" if _take(lock) else os.pread(lock, 20, 0)
    finally:
        os.close(lock)
    return int(signed) if signed else None


def stop_running(folder: Path, *, within: float = 90.0) -> bool:
    """Ask the folder's supervisor to stop and wait for it; whether nothing runs there any more."""
    asked: set[int] = set()

    def is_over() -> bool:
        pid = None if asked else supervisor_of(folder)
        if pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
            asked.add(pid)
        return not is_running(folder)

    return wait_until(is_over, within=within)


def _open(lock: Path) -> int:
    return os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)


def _sign(lock: int) -> None:
    """Put this process's id in place of a predecessor's."""
    os.ftruncate(lock, 0)
    os.pwrite(lock, str(os.getpid()).encode(), 0)


def _take(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
