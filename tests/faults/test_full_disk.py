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


APART = ["unshare", "--mount"]
AS_ONESELF = ["--user", "--map-current-user", "--keep-caps"]
"""Whoever is not root may mount in a namespace of users of their own, where the kernel lets them.

There they stay who they are, so that PostgreSQL, which refuses root, runs.
"""


def apart() -> list[str]:
    """What runs a command where it alone sees what it mounts."""
    return APART if is_root() else [*APART, *AS_ONESELF]


@pytest.fixture
def disk() -> Iterator[Path]:
    """Where a small disk can be, seen by nobody else; where nobody may make one, no test.

    The servers' account must be able to walk there, or they would keep their data elsewhere.
    """
    if shutil.which("unshare") is None:
        pytest.skip("no small disk can be made: this is no Linux")
    folder = Path(mkdtemp(prefix=PREFIX, dir=ELSEWHERE))
    mount = [*apart(), "mount", "-t", "tmpfs", "tmpfs", os.fspath(folder)]
    tried = subprocess.run(mount, capture_output=True, text=True, check=False)
    try:
        if tried.returncode != 0:
            pytest.skip(f"no small disk can be made here: {tried.stderr.strip()}")
        yield folder
    finally:
        folder.rmdir()


def test_a_full_disk_delays_and_blames_no_message(disk: Path, tmp_path: Path) -> None:
    log = tmp_path / "full_disk.log"
    argv = [*apart(), sys.executable, "-m", "tests.faults.full_disk", str(disk), str(tmp_path)]
    with log.open("wb") as output:
        run = GuardedProcess(argv, env=dict(os.environ), output=output, cwd=CODE)
        assert run.wait(timeout=900) == 0, log.read_text("utf-8")
