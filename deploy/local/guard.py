"""The guard of a starter's programs: nothing outlives the process that started it."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from signal import Signals
from typing import IO

WATCH = Path(__file__).with_name("watch.py")


class Guard:
    """One small process that ends all programs of this one when this one is gone.

    It is told of each program before that program runs (``launch.py`` waits for it), so there is
    no gap. Killed itself, it is replaced by ``check`` or at the next word to it. Both killed at
    the same instant is the one case it cannot cover.

    ``keep``: file descriptors the watching process holds open until it has ended everything, such
    as the lock of the folder the programs work in. ``late``: seconds for which processes it does
    not know may still write into folders to be deleted, when this one was killed.
    """

    def __init__(self, *, keep: Sequence[int] = (), late: float = 0.0) -> None:
        self._keep = tuple(keep)
        self._late = late
        self._groups: dict[int, int] = {}
        self._folders: set[Path] = set()
        self._lock = threading.RLock()
        self._process = self._start()

    @property
    def pid(self) -> int:
        """The process id of the one watching now."""
        return self._process.pid

    def watch(self, group: int, number: Signals) -> None:
        """From now on end this process group with this signal if this process goes away."""
        with self._lock:
            self._groups[group] = int(number)
            self._tell(f"+{group} {int(number)}\n")

    def forget(self, group: int) -> None:
        """The group has ended; its number may soon be somebody else's."""
        with self._lock:
            if self._groups.pop(group, None) is not None:
                self._tell(f"-{group}\n")

    def erase(self, folder: Path) -> None:
        """Delete this folder once everything has ended, in order or not."""
        with self._lock:
            self._folders.add(folder)
            self._tell(_line("~", folder))

    def spare(self, folder: Path) -> None:
        """Leave the folder where it is after all."""
        with self._lock:
            self._folders.discard(folder)
            self._tell(_line("!", folder))

    def check(self) -> None:
        """Replace a watching process that was killed."""
        with self._lock:
            if self._process.poll() is not None:
                self._replace()

    def close(self) -> None:
        """End the watch and, if any are left, the groups and the folders it watches."""
        with self._lock:
            self._tell(".\n")
            self._input().close()
            self._process.wait()

    def _input(self) -> IO[bytes]:
        pipe = self._process.stdin
        if pipe is None:
            raise AssertionError("the watch is always started with a pipe")
        return pipe

    def _tell(self, line: str) -> None:
        try:
            self._input().write(line.encode())
        except BrokenPipeError:
            self._replace()

    def _replace(self) -> None:
        self._process.wait()
        self._input().close()
        self._process = self._start()
        for group, number in self._groups.items():
            self._tell(f"+{group} {number}\n")
        for folder in self._folders:
            self._tell(_line("~", folder))

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-I", "-S", os.fspath(WATCH), str(self._late)],
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            cwd="/",
            env={},
            start_new_session=True,
            pass_fds=self._keep,
        )


def _line(sign: str, folder: Path) -> str:
    return f"{sign}{json.dumps(os.fspath(folder.absolute()))}\n"
