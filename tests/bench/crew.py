"""The processes of one contestant: started for its round, ended by their ids after it."""

import os
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from signal import SIGCONT, SIGKILL, SIGSTOP, Signals
from socket import socket
from types import TracebackType
from typing import Self

import psutil

from tests.bench.usage import used_by

CODE = Path(__file__).resolve().parents[2]
MEGABYTE = 2**20


def environment() -> dict[str, str]:
    """What a process needs that is none of ours."""
    inherited = {name: os.environ[name] for name in ("PATH", "LANG", "HOME") if name in os.environ}
    return {**inherited, "PYTHONPATH": str(CODE), "PYTHONUNBUFFERED": "1"}


class Crew:
    """A context manager: whatever was started in it is killed when it ends."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._spent: dict[str, float] = {}
        """What those have used that are gone, as it was last seen."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end()

    def run(
        self,
        name: str,
        module: str,
        *arguments: object,
        env: Mapping[str, str] | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start ``python -m module arguments``; one line may be written to it to let it go."""
        with (self._folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", module, *map(str, arguments)],
                env={**(env or environment())},
                cwd=CODE,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE if module.startswith("tests.bench.drive") else log,
                stderr=log,
                start_new_session=True,
            )
        self._processes[name] = process
        return process

    def freeze(self, names: Sequence[str] = ()) -> None:
        """Let them hold still."""
        self._signal(SIGSTOP, names)

    def thaw(self, names: Sequence[str] = ()) -> None:
        """Let them go on."""
        self._signal(SIGCONT, names)

    def cpu(self, names: Iterable[str]) -> float:
        """Seconds of processor time these have used so far."""
        return sum(self._used(name) for name in names)

    def memory(self, name: str) -> float:
        """Megabytes that would be free if this process ended (USS)."""
        return float(psutil.Process(self._processes[name].pid).memory_full_info().uss) / MEGABYTE

    @staticmethod
    def listens(port: int) -> bool:
        """Whether something takes connections on a loopback port."""
        with socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    @property
    def names(self) -> list[str]:
        """Who is in it."""
        return list(self._processes)

    def __contains__(self, name: str) -> bool:
        return name in self._processes

    def pid(self, name: str) -> int:
        """The process id of one."""
        return self._processes[name].pid

    def end(self, names: Sequence[str] = ()) -> None:
        """Kill these (or all)."""
        ending = [self._processes.pop(name) for name in names or list(self._processes)]
        for process in ending:
            if process.poll() is None:
                os.killpg(process.pid, SIGKILL)
        for process in ending:
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()

    def check(self) -> None:
        """Raise if one of them has failed; some end by themselves when their work is done."""
        for name, process in self._processes.items():
            self._spent[name] = self._used(name)
            if process.poll():
                raise RuntimeError(f"{name} ended with {process.returncode}; see its log")

    def _used(self, name: str) -> float:
        process = self._processes[name]
        return self._spent[name] if process.returncode is not None else used_by(process.pid)

    def _signal(self, number: Signals, names: Sequence[str]) -> None:
        for name in names or self._processes:
            os.killpg(self._processes[name].pid, number)


def go(process: subprocess.Popen[bytes]) -> None:
    """Let a process go that waits for a line."""
    assert process.stdin is not None
    process.stdin.write(b"go\n")
    process.stdin.flush()
