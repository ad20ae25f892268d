"""One program, running in a session and process group of its own, under a guard."""

import contextlib
import os
import subprocess
import sys
import threading
from pathlib import Path
from signal import SIGKILL, Signals

from deploy.local.guard import Guard
from deploy.local.program import Program

LAUNCH = Path(__file__).with_name("launch.py")


class Process:
    """A started program: its group ends with it, and it ends with its starter.

    Its output is appended to ``log``. Raises ``OSError`` if it cannot be started at all; a program
    that cannot be executed ends at once with its reason in the log.
    """

    def __init__(self, program: Program, *, log: Path, guard: Guard) -> None:
        self.program = program
        self._guard = guard
        self._lock = threading.Lock()
        self._buried = False
        if program.before is not None:
            program.before()
        gate, go = os.pipe()
        try:
            self._process = _spawn(program, log, gate)
            guard.watch(self.pid, program.orphan_signal)
            os.write(go, b"1")
        finally:
            os.close(gate)
            os.close(go)

    @property
    def pid(self) -> int:
        """The id of the program itself, which is that of its group too."""
        return self._process.pid

    def status(self) -> int | None:
        """Its exit status (minus the signal that ended it), ``None`` while it runs.

        What it left behind in its group is killed when its end is first seen.
        """
        if self._process.poll() is not None:
            self._bury()
        return self._process.returncode

    def signal(self, number: Signals) -> None:
        """Send to the program alone; nothing happens if it has ended."""
        self._process.send_signal(number)

    def signal_group(self, number: Signals) -> None:
        """Send to the program and what it started; nothing happens if it has ended."""
        if self.status() is None:
            os.killpg(self.pid, number)

    def end(self, within: float) -> int:
        """Wait for its end, kill it if that takes too long: the exit status."""
        try:
            self._process.wait(within)
        except subprocess.TimeoutExpired:
            self.signal_group(SIGKILL)
        status = self._process.wait()
        self._bury()
        return status

    def _bury(self) -> None:
        with self._lock:
            if self._buried:
                # The number may be another group's by now.
                return
            self._buried = True
            with contextlib.suppress(ProcessLookupError, PermissionError):
                # Nothing is left (macOS says "not permitted" of a group without living members).
                os.killpg(self.pid, SIGKILL)
            self._guard.forget(self.pid)


def _spawn(program: Program, log: Path, gate: int) -> subprocess.Popen[bytes]:
    uid, gid = ("-", "-")
    if program.account is not None:
        uid, gid = str(program.account.uid), str(program.account.gid)
    with log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-I", "-S", os.fspath(LAUNCH), str(gate), uid, gid, *program.argv],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=program.cwd,
            env=dict(program.env),
            start_new_session=True,
            pass_fds=(gate,),
        )
