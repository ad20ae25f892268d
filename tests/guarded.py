"""Processes that tests start by themselves, and that end with the tests, however those end."""

import subprocess
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from signal import SIGKILL
from typing import IO, Any

from deploy.local.guard import Guard


@cache
def guard() -> Guard:
    """The one guard of this run; its watch ends with this process, by whatever death."""
    return Guard()


class GuardedProcess(subprocess.Popen[bytes]):
    """A process in a group of its own, which is killed when the run that started it is gone.

    Its output, errors included, goes to ``output``.
    """

    def __init__(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str],
        output: IO[Any],
        cwd: Path | None = None,
    ) -> None:
        super().__init__(
            argv,
            env=dict(env),
            cwd=cwd,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        guard().watch(self.pid, SIGKILL)

    def poll(self) -> int | None:
        """Its exit status, or ``None``; the number of a group that ended may be another's soon."""
        return self._forgotten(super().poll())

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end, and watch it no longer."""
        status = super().wait(timeout)
        self._forgotten(status)
        return status

    def _forgotten(self, status: int | None) -> int | None:
        if status is not None:
            guard().forget(self.pid)
        return status
