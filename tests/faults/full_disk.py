"""``python -m tests.faults.full_disk FOLDER LOGS``: a laboratory whose disk is full (13, 36).

To be run in a mount namespace of its own, which ends with it and takes its small disk along: the
servers' data lie on that disk, and a file that is not theirs takes what is left of it. What the
processes say of it is written to another disk, which has room.
"""

import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from tests.faults.lab import Lab, Way, open_lab
from tests.faults.roles import RECEIVER

SIZE = "400m"
CHUNK = 1024 * 1024
PAGE = 4096
MESSAGES = 6000
FULL = "could not extend file"
WRITERS = ("postgres", "redis", "worker", "relay", "sender")


def mount(folder: Path) -> None:
    """A small disk at this folder, which the servers' account can reach."""
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=711", "tmpfs", folder], check=True
    )


def log_elsewhere(lab: Path, logs: Path) -> None:
    """On the full disk a log would lose just the lines that are waited for."""
    lab.mkdir(mode=0o711)
    for name in WRITERS:
        (lab / f"{name}.log").symlink_to(logs / f"{name}.log")


def fill(ballast: Path) -> None:
    """Take all that is left, to the last page; what the servers give back too, when asked again."""
    with ballast.open("ab", buffering=0) as file:
        for size in (CHUNK, PAGE):
            with suppress(OSError):
                while True:
                    file.write(bytes(size))


def has_met(lab: Lab, ballast: Path) -> bool:
    """Whether the server has said that there is no room; until then none is left to it."""
    fill(ballast)
    return FULL in (lab.folder / "postgres.log").read_text("utf-8")


def main(disk: Path, logs: Path) -> None:
    """Fill the disk while messages are handled; make room again; all are handled once."""
    mount(disk)
    log_elsewhere(disk / "lab", logs)
    lab = open_lab(disk / "lab")
    try:
        lab.run_all()
        lab.tell(10)
        lab.settle()
        with lab.frozen("worker"):
            lab.tell(MESSAGES, cases=100, frame=64, way=Way.WORKER)
            fill(disk / "ballast")
        lab.wait(
            lambda: has_met(lab, disk / "ballast"), seconds=60, what="the server has no room left"
        )
        lab.wait(lambda: says_down(lab), seconds=60, what="the worker sees whose fault that is")
        (disk / "ballast").unlink()
        if not lab.postgres.is_ready():
            lab.restart_database()
        lab.settle()
        lab.assert_each_once_in_order()
        assert lab.query(RECEIVER, "SELECT count(*) FROM parked_messages") == [(0,)]
        assert lab.query(RECEIVER, "SELECT count(*) FROM held_messages") == [(0,)]
    finally:
        (disk / "ballast").unlink(missing_ok=True)
        lab.close()


def says_down(lab: Lab) -> bool:
    """Whether the worker has met it."""
    return "OperationalError" in lab.log("worker").read_text("utf-8")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
