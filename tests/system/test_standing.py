"""`make up`, what the README says to do with it, `make down`, `make clean`: two side by side."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from signal import SIGKILL
from tempfile import mkdtemp
from typing import Any
from urllib.request import urlopen

import orjson
import psutil
import psycopg
import pytest

from deploy.local.patience import wait_until
from deploy.local.place import erase
from deploy.local.ports import free_port
from deploy.local.state import read_state, supervisor_of
from deploy.stack import addresses
from deploy.stack.client import ApiClient, Credentials
from deploy.stack.environment import CODE
from deploy.stack.programs import SMALL
from shared.contracts import Queue
from tests.system import curl

pytestmark = pytest.mark.demo

BIN = Path(sys.executable).parent
# The environment of the tests is the one to use, whatever the checkout's own looks like.
MAKE = ["make", "--silent", f"BIN={BIN}", "READY=Makefile"]
UP = "It runs until Ctrl-C"
PHONE = "+84900000001"


@dataclass
class Exchange:
    """One `make up`, in a folder and a range of ports of its own."""

    folder: Path
    process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def output(self) -> Path:
        return self.folder.with_suffix(".txt")

    @property
    def sandbox(self) -> dict[str, Any]:
        found: dict[str, Any] = orjson.loads((self.folder / "sandbox.json").read_bytes())
        return found

    def up(self) -> None:
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [*MAKE, "up", f"DATA={self.folder}", f"PORT={free_port()}"],
                cwd=CODE,
                env=environment(),
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def wait_until_up(self) -> None:
        assert self.process is not None
        process = self.process
        assert wait_until(
            lambda: UP in self.output.read_text() or process.poll() is not None, within=120
        )
        assert process.poll() is None, self.output.read_text()

    def tell(self, target: str) -> subprocess.CompletedProcess[str]:
        """`make down` or `make clean`."""
        return subprocess.run(
            [*MAKE, target, f"DATA={self.folder}"],
            cwd=CODE,
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
        )

    def follow_the_readme(self) -> str:
        """Run the README's shell lines against it: what they print."""
        command = f"{sys.executable} -m deploy.cli"
        script = (
            readme("README.md")
            .replace("http://127.0.0.1:8700", self.sandbox["base_url"])
            .replace(".venv/bin/nhipcau token agency", f"{command} token agency --data '$data'")
            .replace("'$data'", f"'{self.folder}'")
            .replace(".data/", f"{self.folder}/")
        )
        done = subprocess.run(
            ["sh", "-e", "-u", "-c", script],
            cwd=CODE,
            env=environment() | self.curl(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    @contextmanager
    def client(self, name: str) -> Iterator[ApiClient]:
        """One of the sandbox's."""
        credentials = Credentials.read(self.sandbox["clients"][name])
        client = ApiClient(self.sandbox["base_url"], credentials)
        try:
            yield client
        finally:
            client.close()

    def text_an_office(self) -> str:
        """Have a test sent to a phone on duty; the id of the delivery."""
        school = self.sandbox["clients"]["partner"]["organisation_id"]
        points = f"/directory/v1/organisations/{school}/contact-points"
        with self.client("administrator") as administrator:
            made = administrator.post(points, {"number": PHONE})
        assert made.status_code == 201, made.text
        place = f"/notification/v1/endpoints/{made.json()['id']}/tests"
        # Notification learns of the number a moment later.
        with self.client("operator") as operator:
            asked = operator.post(place, {}, may_appear=True)
        assert asked.status_code == 201, asked.text
        delivery_id: str = asked.json()["id"]
        return delivery_id

    def state_of(self, delivery_id: str) -> str:
        with self.client("operator") as operator:
            found = operator.get(f"/notification/v1/deliveries/{delivery_id}")
        state: str = found.json()["state"]
        return state

    def texts(self) -> list[dict[str, Any]]:
        """What the gateway says that it took."""
        with urlopen(self.sandbox["texts_url"], timeout=10) as answer:  # noqa: S310 - ours
            found: list[dict[str, Any]] = orjson.loads(answer.read())["items"]
            return found

    def curl(self) -> dict[str, str]:
        """Where the shell finds curl; a machine may have none."""
        if shutil.which("curl"):
            return {}
        return {"PATH": f"{curl.put_in(self.folder / 'bin')}{os.pathsep}{os.environ['PATH']}"}

    def kill(self) -> None:
        """SIGKILL to whoever supervises it."""
        pid = supervisor_of(self.folder)
        assert pid is not None
        os.kill(pid, SIGKILL)
        assert self.process is not None
        self.process.wait(10)

    def logged(self) -> str:
        """The end of each program's log."""
        logs = sorted((self.folder / "logs").iterdir())
        return "\n".join(f"{log.name}: {log.read_text()[-500:]}" for log in logs)

    def end(self) -> None:
        """Whatever the test came to."""
        if self.process is not None and self.process.poll() is None:
            self.tell("down")
            self.process.kill()
            self.process.wait()
        with suppress(FileNotFoundError):
            erase(self.folder)


def environment() -> dict[str, str]:
    """As of a shell: without what an outer `make test` tells its children."""
    return {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}


def readme(name: str) -> str:
    """The shell lines that submit a case, without their comments."""
    blocks = re.findall(r"```sh\n(.*?)```", (CODE / name).read_text(encoding="utf-8"), re.DOTALL)
    (block,) = [it for it in blocks if "/intake/v1/cases" in it]
    return re.sub(r"^#.*\n|\n(?=\n)", "", block, flags=re.MULTILINE)


def working_in(folder: Path) -> list[int]:
    return [it.pid for it in psutil.process_iter(["cmdline"]) if str(folder) in str(it.info)]


@pytest.fixture
def exchanges() -> Iterator[tuple[Exchange, Exchange]]:
    parent = Path(mkdtemp(prefix="nhipcau-up-"))
    parent.chmod(0o711)
    made = Exchange(parent / "one"), Exchange(parent / "two")
    yield made
    for each in made:
        each.end()
    erase(parent)


def test_both_readmes_say_to_type_the_same() -> None:
    key = re.compile(r"Idempotency-Key: \"[^\"]+\"")
    english, vietnamese = (key.sub("", readme(name)) for name in ("README.md", "README.vi.md"))
    assert english == vietnamese


@pytest.mark.long
def test_what_the_readme_says_of_an_exchange_that_stays_up_is_so(
    exchanges: tuple[Exchange, Exchange],
) -> None:
    one, two = exchanges
    for each in exchanges:
        each.up()
    for each in exchanges:
        each.wait_until_up()

    # The sandbox file has the shape the README shows, and is nobody else's to read.
    has_the_shape_the_readme_shows(one)
    assert (one.folder / "sandbox.json").stat().st_mode & 0o077 == 0
    assert (one.folder / ".gitignore").read_text().splitlines()[-1] == "*"

    # It is made for a small server: worker and relay of a service are one process.
    backs = {f"{service}-back" for service in Queue}
    assert programs(one) == backs | {"api", "postgres", "redis", "sms-gateway"}
    assert kept_in_memory(one) == SMALL.postgres["shared_buffers"]

    # A case submitted with curl is answered, once however often it is sent, and goes its way.
    first = one.follow_the_readme()
    assert "201 Created" in first.splitlines()[0]

    def is_referred() -> bool:
        again = one.follow_the_readme()
        assert location(again) == location(first)
        return '"kind":"referral_requested"' in again

    assert wait_until(is_referred, within=60), one.logged()

    # An SMS leaves for the gateway beside it, which shows it, and comes back as delivered.
    text_id = one.text_an_office()
    assert wait_until(lambda: one.state_of(text_id) == "delivered", within=60), one.logged()
    assert [(each["id"], each["to"]) for each in one.texts()] == [(text_id, PHONE)]

    # Stopped, an exchange goes on later with its data and its clients, at another address. Another
    # that was killed before it had left its sandbox file goes on, too.
    before, lost = one.sandbox, two.sandbox
    stopped = one.tell("down")
    assert stopped.returncode == 0
    kept = f"Its data stay in {one.folder} until `make clean DATA={one.folder}`."
    assert stopped.stdout == f"Stopped.\n{kept}\n"
    assert one.process is not None
    assert one.process.wait(10) == 0, one.output.read_text()
    two.kill()
    (two.folder / "sandbox.json").unlink()
    for each in exchanges:
        each.up()
    for each in exchanges:
        each.wait_until_up()
    assert one.sandbox["base_url"] not in {before["base_url"], two.sandbox["base_url"]}
    assert one.sandbox["token_url"].startswith(one.sandbox["base_url"])
    assert one.sandbox["clients"] == before["clients"]
    assert [each["id"] for each in one.texts()] == [text_id]
    assert two.sandbox["clients"]["agency"] != lost["clients"]["agency"]
    assert location(one.follow_the_readme()) == location(first) != location(two.follow_the_readme())

    # Without the keys its database was written with it does not start, and makes no others.
    assert one.tell("down").returncode == 0
    one.process.wait(10)
    keys = one.folder / "keys" / "master_keys.json"
    keys.unlink()
    one.up()
    assert one.process.wait(60) != 0
    assert "master_keys.json is missing" in one.output.read_text()
    assert not keys.exists()

    # Cleaned, nothing of them is left.
    for each in exchanges:
        cleaned = each.tell("clean")
        assert cleaned.returncode == 0, cleaned.stderr
        assert not each.folder.exists()
        assert wait_until(partial(is_left, each.folder), within=10)


def has_the_shape_the_readme_shows(exchange: Exchange) -> None:
    """The sandbox file."""
    shown = re.search(r"```json\n(.*?)```", (CODE / "README.md").read_text("utf-8"), re.DOTALL)
    assert shown is not None
    example = orjson.loads(shown.group(1))
    assert set(exchange.sandbox) == set(example)
    assert list(exchange.sandbox["clients"]) == list(example["clients"])
    for client in exchange.sandbox["clients"].values():
        assert set(client) == set(example["clients"]["agency"])
        assert set(client["private_jwk"]) >= set(example["clients"]["agency"]["private_jwk"])


def programs(exchange: Exchange) -> set[str]:
    state = read_state(exchange.folder)
    assert state is not None
    return {program.name for program in state.programs}


def kept_in_memory(exchange: Exchange) -> str:
    """How much of its files PostgreSQL keeps."""
    with psycopg.connect(addresses.plain(exchange.folder, Queue.INTAKE)) as connection:
        row = connection.execute("SHOW shared_buffers").fetchone()
    assert row is not None
    return str(row[0])


def is_left(folder: Path) -> bool:
    return not working_in(folder)


def location(answer: str) -> str:
    """Of the case, in what the README's lines print."""
    found: str
    (found,) = re.findall(r"(?i)^location: (\S+)", answer, re.MULTILINE)
    return found
