"""Started where only its owner may enter, nothing stays in anybody else's folders afterwards."""

import os
import signal
import subprocess
import sys
import venv
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import mkdtemp

import psutil
import pytest

from deploy.local import place, wheels
from deploy.local.account import is_root
from deploy.local.patience import wait_until
from deploy.local.ports import free_port
from deploy.local.state import is_running, read_state
from deploy.stack.environment import CODE
from tests.conftest import SERVERS

pytestmark = [pytest.mark.demo, pytest.mark.long]

NEITHER = (".venv", ".data", ".git")
OF_AN_OUTER_RUN = ("MAKE", "PYTEST", SERVERS)
UP = "It runs until Ctrl-C"
DATA = (".data-demo/exchange", ".data")
# The tests keep their own servers in a temporary folder; the commands they start do not.
LASTING = Path("/var/tmp")  # noqa: S108  # looked at, never written to


@dataclass
class Checkout:
    """One in a folder of mode 700, with an environment of its own, and a temporary folder."""

    folder: Path
    temporary: Path
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def bin(self) -> Path:
        return self.folder / ".venv" / "bin"

    def make(self, target: str, *words: str, **variables: str) -> subprocess.Popen[str]:
        made = subprocess.Popen(
            ["make", "--silent", f"BIN={self.bin}", "READY=Makefile", target, *words],
            cwd=self.folder,
            env={**outer(), "TMPDIR": str(self.temporary), **variables},
            start_new_session=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.started.append(made)
        return made

    def end(self) -> None:
        """Whatever the test came to, nothing it has started outlives it."""
        for each in self.started:
            if each.poll() is None:
                kill_all(each)
            with each:
                pass
        wait_until(self.is_at_rest, within=60)

    def is_at_rest(self) -> bool:
        """Whether nobody makes or deletes anything here any more."""
        return self.is_clean() and not any(is_running(self.folder / it) for it in DATA)

    def is_clean(self) -> bool:
        return not any(self.temporary.iterdir())

    def runs(self, data: str, name: str) -> bool:
        """Whether a program of this name runs in the data folder."""
        state = read_state(self.folder / data)
        return state is not None and any(it.name == name and it.pid for it in state.programs)


def outer() -> dict[str, str]:
    """The environment without what the run this is part of tells its children."""
    return {name: it for name, it in os.environ.items() if not name.startswith(OF_AN_OUTER_RUN)}


@pytest.fixture
def checkout() -> Iterator[Checkout]:
    closed, temporary = (Path(mkdtemp(prefix="nc-")) for _ in range(2))
    temporary.chmod(0o711)
    folder = closed / "checkout"
    folder.mkdir()
    for each in CODE.iterdir():
        if not each.name.startswith(NEITHER):
            (folder / each.name).symlink_to(each)
    environment = folder / ".venv"
    venv.create(environment, symlinks=True)
    site = Path("lib") / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
    (environment / site).rmdir()
    (environment / site).symlink_to(Path(sys.prefix) / site)
    (environment / "servers").symlink_to(wheels.SERVERS)
    (environment / "bin" / "nhipcau").symlink_to("/bin/true")
    made = Checkout(folder, temporary)
    yield made
    made.end()
    for data in DATA:
        place.erase(folder / data)
    place.erase(closed)
    place.erase(temporary)


def is_gone(folder: Path) -> bool:
    return not folder.exists()


def sockets(folder: Path) -> int:
    """How many there are below a folder; others may be at work in it, so what vanishes is none."""
    return sum(name.endswith(".sock") for _, _, names in os.walk(folder) for name in names)


def python_of(make: subprocess.Popen[str]) -> psutil.Process:
    """What make has started, by a shell or not; make itself passes no signal on."""
    found: list[psutil.Process] = []

    def is_started() -> bool:
        for child in psutil.Process(make.pid).children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                if "-m" in child.cmdline():
                    found.append(child)
        return bool(found)

    assert wait_until(is_started, within=20)
    return found[0]


def interrupt(make: subprocess.Popen[str]) -> None:
    python_of(make).send_signal(signal.SIGINT)


def end(make: subprocess.Popen[str]) -> None:
    python_of(make).send_signal(signal.SIGTERM)


def kill(make: subprocess.Popen[str]) -> None:
    python_of(make).kill()


def kill_all(make: subprocess.Popen[str]) -> None:
    """Kill make and its whole group in one instant, as a runner of builds does."""
    os.killpg(make.pid, signal.SIGKILL)


Death = Callable[[subprocess.Popen[str]], None]


@pytest.mark.parametrize("death", [interrupt, kill, kill_all])
def test_a_demonstration_leaves_nothing_however_it_ends(checkout: Checkout, death: Death) -> None:
    demonstration = checkout.make("demo")
    assert wait_until(lambda: checkout.runs(".data-demo/exchange", "partners"), within=120)
    data = place.data_of(checkout.folder / ".data-demo" / "exchange")
    # Root runs servers as somebody else, who cannot walk into the checkout.
    assert (checkout.temporary if is_root() else checkout.folder) in data.parents
    assert (data / "programs").exists() == is_root()

    death(demonstration)
    printed, _ = demonstration.communicate(timeout=120)
    assert wait_until(checkout.is_clean, within=60), printed
    assert list((checkout.folder / ".data-demo" / "exchange" / "logs").iterdir())


def test_what_stays_up_leaves_its_data_and_says_where(checkout: Checkout) -> None:
    for death in (end, kill, kill_all):
        up = checkout.make("up", f"PORT={free_port()}")
        assert up.stdout is not None
        said: list[str] = []
        while not said or (UP not in said[-1] and said[-1]):
            said.append(up.stdout.readline())
        assert UP in said[-1], "".join(said)
        data = place.data_of(checkout.folder / ".data")
        assert data.parent == (LASTING if is_root() else checkout.folder)
        assert (data / "programs").exists() == is_root()
        death(up)
        up.communicate(timeout=120)
        assert wait_until(partial(is_gone, data / "programs"), within=30)
        assert wait_until(checkout.is_clean, within=30)
        assert (data / "postgres" / "data" / "PG_VERSION").exists()

    down, _ = checkout.make("down").communicate(timeout=120)
    shown = data if is_root() else data.relative_to(checkout.folder)
    assert f"Its data stay in {shown} until `make clean DATA=.data`." in down
    checkout.make("clean").communicate(timeout=120)
    assert not data.exists()


def test_what_a_failed_test_has_started_ends_with_its_checkout(checkout: Checkout) -> None:
    up = checkout.make("up", f"PORT={free_port()}")
    assert wait_until(lambda: checkout.runs(".data", "postgres"), within=120)
    checkout.end()
    assert up.returncode == -signal.SIGKILL
    assert up.stdout is not None
    assert up.stdout.closed
    assert not is_running(checkout.folder / ".data")
    place.erase(checkout.folder / ".data")


@pytest.mark.parametrize("death", [None, kill, kill_all])
def test_the_tests_leave_nothing_however_they_end(checkout: Checkout, death: Death | None) -> None:
    tests = checkout.make("test", PYTEST_ADDOPTS="tests/local/test_redis.py -k whatever")
    # They are at work: a broker of theirs has its socket, besides the one of the whole run.
    assert wait_until(lambda: sockets(checkout.temporary) > 1, within=120)
    if death is not None:
        death(tests)
    printed, _ = tests.communicate(timeout=240)
    assert (tests.returncode == 0) == (death is None), printed
    assert wait_until(checkout.is_clean, within=60), list(checkout.temporary.rglob("*"))


FAILING = """
from pathlib import Path
from tempfile import mkdtemp

def test_what_fails():
    Path(mkdtemp(), "seen").write_text("what the test saw")
    assert Path("/").exists() is False
"""


def test_what_failed_tests_have_left_is_kept_in_the_checkout_and_nowhere_else(
    checkout: Checkout,
) -> None:
    failing = checkout.folder / "test_failing.py"
    failing.write_text(FAILING)
    asked = f"tests/local/test_ports.py {failing}"
    for _run in ("at first", "and in place of that"):
        tests = checkout.make("test", PYTEST_ADDOPTS=asked)
        printed, _ = tests.communicate(timeout=240)
        kept = checkout.folder / ".data-tests"
        assert f"What the tests left is kept in {kept}" in printed
        assert [it.read_text() for it in kept.rglob("seen")] == ["what the test saw"]
        assert wait_until(checkout.is_clean, within=60), list(checkout.temporary.rglob("*"))
