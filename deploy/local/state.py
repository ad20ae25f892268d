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

STATE = "state.json"
SUPERVISED = "supervised.lock"
USED = "used.lock"


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

    ``mine`` is held by the supervisor only; ``shared`` by its guard too, so it is free again when
    everything that ran in the folder has ended. Both are open descriptors.
    """

    mine: int
    shared: int

    @classmethod
    def take(cls, folder: Path, *, within: float) -> Self:
        """Hold the folder, waiting while a killed predecessor's programs are still being ended.

        Raises ``AlreadyRunning``.
        """
        mine, shared = _open(folder / SUPERVISED), _open(folder / USED)
        if _take(mine) and wait_until(lambda: _take(shared), within=within):
            return cls(mine, shared)
        os.close(mine)
        os.close(shared)
        raise AlreadyRunning(f"a stack runs in {folder}")

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


def stop_running(folder: Path, *, within: float = 90.0) -> bool:
    """Ask the folder's supervisor to stop and wait for it; whether nothing runs there any more."""
    state = read_state(folder)
    if state is not None and is_running(folder):
        with contextlib.suppress(ProcessLookupError):
            os.kill(state.pid, signal.SIGTERM)
    return wait_until(lambda: not is_running(folder), within=within)


def _open(lock: Path) -> int:
    return os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)


def _take(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
