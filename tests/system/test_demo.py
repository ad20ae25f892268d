"""The demonstration ends alike whatever is killed or forgotten while it runs."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any

import orjson
import psutil
import pytest
import redis

from deploy.demo import cases
from deploy.demo.journey import (
    NEEDS_INFORMATION,
    OFFER,
    PLAN,
    RECEPTION,
    SUBMISSION,
    VERIFICATION,
)
from deploy.demo.mended import MEND_ENDPOINT
from deploy.demo.silenced import REACH_PERSON
from deploy.demo.unread import REACH_ORGANISATION
from deploy.local.patience import wait_until
from deploy.local.place import erase
from deploy.local.state import read_state
from deploy.stack import access
from deploy.stack.keys import Keys
from shared.contracts import Queue
from shared.texts import TextLanguage, of_service
from tests.processes import is_gone

pytestmark = pytest.mark.demo

CODE = Path(__file__).resolve().parents[2]
TIME = re.compile(r"\d+\.\d")
CODE_OF_A_CASE = re.compile(r"HP-\w{4}-\w{4}")
COLUMNS = "80"
EVERY = 4
"""How many processes are killed from one time that the broker forgets everything to the next."""
NO_NEEDS = {SUBMISSION, RECEPTION, VERIFICATION, PLAN, OFFER}
"""Legs of a journey that are about no need."""


@dataclass
class Demonstration:
    """One run: what it printed, how it ended, every process it was seen to have."""

    folder: Path
    process: subprocess.Popen[bytes]
    printed: Path
    seen: set[psutil.Process] = field(default_factory=set)

    def programs(self, *names: str, within: float = 90.0) -> dict[str, int]:
        """The pids of what its supervisor runs, once all of these are among them."""
        found: dict[str, int] = {}

        def run() -> bool:
            nonlocal found
            state = read_state(self.folder)
            found = {it.name: it.pid for it in state.programs if it.pid} if state else {}
            return set(names) <= found.keys() or self.process.poll() is not None

        assert wait_until(run, within=within), f"not started: {names}"
        return found

    def guard(self) -> int:
        """The pid of the one who ends everything when the demonstration is gone."""
        state = read_state(self.folder)
        assert state is not None
        return state.guard

    def remember(self) -> None:
        """Note every process it has now, with the children of each."""
        for pid in (*self.programs().values(), self.guard(), self.process.pid):
            with suppress(psutil.NoSuchProcess):
                one = psutil.Process(pid)
                self.seen |= {one, *one.children(recursive=True)}

    def left(self) -> list[psutil.Process]:
        """What is still there of all it was seen to have."""
        return [one for one in self.seen if not is_gone(one)]

    @property
    def text(self) -> str:
        """All it printed."""
        return self.printed.read_text(encoding="utf-8")

    @property
    def table(self) -> list[str]:
        """Its final table without times and case codes, which are other ones each time."""
        lines = self.text.split("Journeys (", 1)[1].split("Invariants", 1)[0].splitlines()
        return [" ".join(CODE_OF_A_CASE.sub("", TIME.sub("", it)).split()) for it in lines]

    @property
    def figures(self) -> dict[str, Any]:
        """Its last line."""
        last = self.text.strip().splitlines()[-1]
        assert last.startswith("DEMO "), self.text[-3000:]
        found: dict[str, Any] = orjson.loads(last.removeprefix("DEMO "))
        return found


Meddle = Callable[[Demonstration], None]


def demonstrate(folder: Path, meddle: Meddle) -> Demonstration:
    """Run one in a process of its own; an earlier one may have worked in the folder."""
    printed = folder.with_name(f"{meddle.__name__}.txt")
    command = [sys.executable, "-m", "deploy.cli", "demo", "--data", str(folder)]
    with printed.open("wb") as file:
        process = subprocess.Popen(
            [*command, "--seconds", "200"],
            cwd=CODE,
            stdout=file,
            stderr=subprocess.STDOUT,
            env={**os.environ, "COLUMNS": COLUMNS},
        )
    demonstration = Demonstration(folder, process, printed)
    try:
        meddle(demonstration)
        process.wait(timeout=240)
    finally:
        process.kill()
        process.wait()
    return demonstration


@contextmanager
def new_folder() -> Iterator[Path]:
    """A folder for an installation, inside one for what its demonstrations print."""
    made = Path(mkdtemp(prefix="nhipcau-demo-"))
    yield made / "data"
    erase(made / "data")
    rmtree(made)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Where all of them run, one after the other."""
    with new_folder() as made:
        yield made


def watch(demonstration: Demonstration) -> None:
    """Leave it alone, but see what it consists of."""
    demonstration.programs("partners")
    demonstration.remember()


@pytest.fixture(scope="module")
def undisturbed(folder: Path) -> Demonstration:
    """One in which nothing was killed."""
    return demonstrate(folder, watch)


def kill_and_forget_everything(demonstration: Demonstration) -> None:
    """SIGKILL to each process of the exchange, one after another, and FLUSHALL between them."""
    names = sorted(demonstration.programs("partners"))
    for place, name in enumerate(names):
        os.kill(demonstration.programs(name)[name], signal.SIGKILL)
        time.sleep(0.4)
        if place % EVERY == 0:
            forget_everything(demonstration.folder)
    os.kill(demonstration.guard(), signal.SIGKILL)
    assert demonstration.process.poll() is None


def forget_everything(folder: Path) -> None:
    """FLUSHALL, once the broker is there again."""
    user, password = access.login(Keys(folder / "keys").passwords(), access.OWNER)

    def is_forgotten() -> bool:
        with (
            suppress(redis.ConnectionError, StopIteration),
            redis.Redis(
                unix_socket_path=str(socket_of(folder)), username=user, password=password
            ) as broker,
        ):
            return bool(broker.flushall())
        return False

    assert wait_until(is_forgotten, within=20)


def socket_of(folder: Path) -> Path:
    """Redis's socket, wherever it had to be put."""
    note = folder / "moved-to"
    home = Path(note.read_text().strip()) if note.exists() else folder
    return next(home.glob("**/redis.sock"))


def assert_all_is_well(demonstration: Demonstration) -> None:
    figures = demonstration.figures
    good = [case for case in cases.load() if not case.refused]
    referred = [
        end
        for case in good
        for what, end in case.must
        if what not in NO_NEEDS and end != NEEDS_INFORMATION
    ]
    assert demonstration.process.returncode == 0, demonstration.text[-6000:]
    assert figures["cases"] == len(good) == 28
    assert figures["referrals"] == len(referred)
    assert {figures[name] for name in ("lost", "twice", "open", "parked")} == {0}


def test_the_demonstration_loses_nothing_and_takes_less_than_two_minutes(
    undisturbed: Demonstration,
) -> None:
    assert_all_is_well(undisturbed)
    assert undisturbed.figures["seconds"] < 120


def test_it_leaves_nothing_running(undisturbed: Demonstration) -> None:
    assert len(undisturbed.seen) > 15
    assert undisturbed.left() == []


def test_it_leaves_the_logs_and_every_step_it_speaks_of(undisturbed: Demonstration) -> None:
    folder = undisturbed.folder
    assert str(folder / "journeys.txt") in undisturbed.text
    assert (folder / "logs" / "postgres.log").read_bytes()
    steps = (folder / "journeys.txt").read_text(encoding="utf-8")
    assert all(case.key in steps for case in cases.load())


@pytest.mark.parametrize(
    ("service", "what"),
    [
        (Queue.INTAKE, REACH_PERSON),
        (Queue.LIVELIHOOD_SUPPORT, REACH_ORGANISATION),
        (Queue.NOTIFICATION, MEND_ENDPOINT),
    ],
)
def test_it_says_what_people_had_to_do_in_the_words_of_their_lists(
    undisturbed: Demonstration, service: Queue, what: str
) -> None:
    lines = " ".join(undisturbed.text.split("Invariants", 1)[0].split())
    languages = [of_service(service).say(each, "duty", what) for each in TextLanguage]
    assert any(f"“{text}”" in lines for text in languages)


def test_its_lines_fit_a_terminal_of_80_columns_and_break_no_word(
    undisturbed: Demonstration,
) -> None:
    # The lines behind the tables name folders, which are as long as they are.
    table = undisturbed.text.split("Journeys (", 1)[1].split("Every step, and who", 1)[0]
    assert max(map(len, table.splitlines())) <= int(COLUMNS)
    words = [word for case in cases.load() for word in (case.key, case.submit_as, *case.ends)]
    assert [word for word in words if word not in table] == []
    assert "…" not in table


@pytest.mark.long
def test_killing_each_process_and_forgetting_the_broker_changes_nothing_but_times(
    folder: Path, undisturbed: Demonstration
) -> None:
    disturbed = demonstrate(folder, kill_and_forget_everything)
    assert_all_is_well(disturbed)
    assert disturbed.table == undisturbed.table


@pytest.mark.long
def test_killing_the_demonstration_itself_leaves_nothing_running() -> None:
    def kill_it(demonstration: Demonstration) -> None:
        watch(demonstration)
        demonstration.process.kill()

    with new_folder() as folder:
        killed = demonstrate(folder, kill_it)
        assert len(killed.seen) > 15
        assert wait_until(lambda: not killed.left(), within=30), killed.left()
