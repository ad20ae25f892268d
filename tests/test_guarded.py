"""What a run of the tests starts does not outlive it, though the run be killed."""

import os
import subprocess
import sys
from pathlib import Path
from signal import SIGKILL, SIGSTOP

import psutil

from deploy.local.patience import wait_until
from tests.architecture.source import ROOT

STARTER = """
import sys
from tests.guarded import GuardedProcess
log = open(sys.argv[1], "wb")
started = GuardedProcess(["sleep", "1000"], env={}, output=log)
print(started.pid, flush=True)
started.wait()
"""


def test_a_process_ends_with_a_run_that_was_killed_even_if_it_stands_still(
    tmp_path: Path,
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", STARTER, str(tmp_path / "log")],
        cwd=ROOT,
        env={"PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])},
        stdout=subprocess.PIPE,
    ) as run:
        assert run.stdout is not None
        started = int(run.stdout.readline())
        os.kill(started, SIGSTOP)
        run.send_signal(SIGKILL)
        run.wait()
    assert wait_until(lambda: not psutil.pid_exists(started), within=20)
