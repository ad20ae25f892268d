"""The disk of both servers is really full while messages are handled (faults 13 and 36)."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import pytest

from deploy.local.account import is_root
from deploy.local.place import ELSEWHERE, PREFIX
from deploy.stack.environment import CODE
from tests.guarded import GuardedProcess

pytestmark = pytest.mark.long


@pytest.fixture
def disk() -> Iterator[Path]:
    """Where a small disk can be, seen by nobody else; without the right to make one no test.

    The servers' account must be able to walk there, or they would keep their data elsewhere.
    """
    if not is_root() or shutil.which("unshare") is None:
        pytest.skip("only root of a Linux can make a small disk")
    folder = Path(mkdtemp(prefix=PREFIX, dir=ELSEWHERE))
    mount = ["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", os.fspath(folder)]
    can_mount = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    try:
        if not can_mount:
            pytest.skip("this root may not mount, as in most containers")
        yield folder
    finally:
        folder.rmdir()


def test_a_full_disk_delays_and_blames_no_message(disk: Path, tmp_path: Path) -> None:
    log = tmp_path / "full_disk.log"
    argv = ["unshare", "--mount", sys.executable, "-m", "tests.faults.full_disk", os.fspath(disk)]
    with log.open("wb") as output:
        run = GuardedProcess(argv, env=dict(os.environ), output=output, cwd=CODE)
        assert run.wait(timeout=900) == 0, log.read_text("utf-8")
