"""The container's Redis starts whatever stands in its file; its own command is run here."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import redis
import yaml

from deploy.local import wheels
from deploy.local.patience import wait_until
from deploy.stack.access import OWNER, acl_of_one_machine
from deploy.stack.keys import BROKER_OWNER, Keys

ROOT = Path(__file__).parents[2]
COMMAND = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["redis"]["command"]
FILE = "appendonlydir/appendonly.aof.1.incr.aof"


class Container:
    """What the container does, with the folders of a test in place of its own."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.data.mkdir()
        self.log = folder / "log"
        passwords = Keys.make(folder / "keys").passwords()
        self._password = passwords[BROKER_OWNER]
        self._socket = folder / "redis.sock"
        self._programs = folder / "bin"
        self._programs.mkdir()
        server = wheels.REDIS.programs(None, spare=folder) / "redis-server"
        for name in ("redis-server", "redis-check-aof"):
            (self._programs / name).symlink_to(server)
        (folder / "users.acl").write_text(acl_of_one_machine(passwords))
        self._settings = folder / "redis.conf"
        self._settings.write_text(
            (ROOT / "deploy/redis/redis.conf")
            .read_text()
            .replace("/run/secrets", str(folder))
            .replace("dir /data", f"dir {self.data}")
            .replace("port 6379", f"port 0\nunixsocket {self._socket}")
        )
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        places = {
            "/usr/local/etc/redis/redis.conf": str(self._settings),
            "/usr/local/etc/redis/begin.sh": str(ROOT / "deploy/redis/begin.sh"),
            "/data": str(self.data),
        }
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [places.get(word, word) for word in COMMAND],
                env={"PATH": f"{self._programs}:{os.defpath}"},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        assert wait_until(self._answers, within=20), self.log.read_text()

    def client(self) -> redis.Redis:
        return redis.Redis(
            unix_socket_path=str(self._socket), username=OWNER, password=self._password
        )

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def _answers(self) -> bool:
        try:
            with closing(self.client()) as client:
                return bool(client.ping())
        except redis.ConnectionError:
            return False


@pytest.fixture
def container(tmp_path: Path) -> Iterator[Container]:
    made = Container(tmp_path)
    made.start()
    yield made
    made.kill()


def test_a_container_killed_goes_on_with_what_it_had(container: Container) -> None:
    with closing(container.client()) as client:
        client.set("kept", "before")
    container.kill()
    container.start()
    with closing(container.client()) as client:
        assert client.get("kept") == b"before"


@pytest.mark.parametrize("rubbish", [bytes(4096), b"SET kept after\n", b"*3\r\n$3\r\nSET\r\n$3"])
def test_a_container_starts_after_anything_that_follows_an_intact_file(
    container: Container, rubbish: bytes
) -> None:
    with closing(container.client()) as client:
        client.set("kept", "before")
    container.kill()
    with (container.data / FILE).open("ab") as end:
        end.write(rubbish)
    container.start()
    with closing(container.client()) as client:
        assert client.dbsize() == 0
        client.set("kept", "after")
    assert "WARNING: Redis's file cannot be read back and is set aside" in container.log.read_text()
    assert [it.name for it in container.data.glob("*.unreadable")] == ["appendonlydir.unreadable"]
