"""The demonstration ends alike whatever is killed or forgotten while it runs."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import orjson
import psutil
import pytest
import redis

from deploy.local.place import erase
from deploy.local.state import read_state

pytestmark = [pytest.mark.demo, pytest.mark.xdist_group("demo")]

CODE = Path(__file__).resolve().parents[2]
SPARED = {"postgres", "redis"}
"""The servers are killed in tests/faults; here our own processes are."""


@pytest.fixture
def folder() -> Iterator[Path]:
    made = Path(mkdtemp(prefix="nhipcau-demo-"))
    yield made
    erase(made)


def demonstrate(folder: Path, meddle: Callable[[Path], None]) -> tuple[int, dict[str, Any], str]:
    """Run it in a process of its own; returns its status, its last line, all it printed."""
    command = [sys.executable, "-m", "deploy.cli", "demo", "--data", str(folder)]
    output = folder / "demo.txt"
    with output.open("wb") as file:
        demo = subprocess.Popen(
            [*command, "--seconds", "200"],
            cwd=CODE,
            stdout=file,
            stderr=subprocess.STDOUT,
            env={**os.environ, "COLUMNS": "160"},
        )
        try:
            meddle(folder)
            status = demo.wait(timeout=240)
        finally:
            demo.kill()
            demo.wait()
    text = output.read_text()
    last = text.strip().splitlines()[-1]
    assert last.startswith("DEMO "), text[-3000:]
    return status, orjson.loads(last.removeprefix("DEMO ")), text


def nothing(_folder: Path) -> None:
    """Leave it alone."""


def wait_for(folder: Path, names: set[str], seconds: float = 60.0) -> dict[str, int]:
    """The pids of these programs, once the supervisor has started them."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        state = read_state(folder)
        running = {it.name: it.pid for it in state.programs if it.pid} if state else {}
        if names <= running.keys():
            return running
        time.sleep(0.1)
    return pytest.fail(f"not started: {names}")


def kill_everything_once(folder: Path) -> None:
    """SIGKILL to each of our processes, one after another, while the story goes on."""
    names = set(wait_for(folder, {"partners"})) - SPARED
    for name in sorted(names):
        pid = wait_for(folder, {name})[name]
        os.kill(pid, signal.SIGKILL)
        time.sleep(0.4)


def forget_everything_thrice(folder: Path) -> None:
    """FLUSHALL while the story goes on."""
    wait_for(folder, {"partners"})
    broker = redis.Redis(unix_socket_path=str(socket_of(folder)))
    for _ in range(3):
        time.sleep(1.0)
        broker.flushall()
    broker.close()


def socket_of(folder: Path) -> Path:
    """Redis's socket, wherever it had to be put."""
    note = folder / "moved-to"
    home = Path(note.read_text().strip()) if note.exists() else folder
    return next(home.glob("**/redis.sock"))


def assert_all_is_well(status: int, figures: dict[str, Any], text: str) -> None:
    assert status == 0, text[-4000:]
    assert figures["cases"] == 23
    assert figures["referrals"] > 30
    assert {figures[name] for name in ("lost", "twice", "open", "parked")} == {0}


def test_the_demonstration_loses_nothing_and_leaves_nothing_running(folder: Path) -> None:
    status, figures, text = demonstrate(folder, nothing)
    assert_all_is_well(status, figures, text)
    assert figures["seconds"] < 120
    left = [it.pid for it in psutil.process_iter(["cmdline"]) if str(folder) in str(it.info)]
    assert left == []


def test_killing_each_process_once_changes_nothing_but_times(folder: Path) -> None:
    assert_all_is_well(*demonstrate(folder, kill_everything_once))


def test_a_broker_that_forgets_everything_changes_nothing_but_times(folder: Path) -> None:
    assert_all_is_well(*demonstrate(folder, forget_everything_thrice))
