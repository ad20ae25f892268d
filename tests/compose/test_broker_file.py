"""The container's Redis starts whatever stands in its file, and is the embedded one's like.

Its own command is run here.
"""

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import pytest
import redis
import yaml

from deploy.compose import keys
from deploy.local import wheels
from deploy.local.patience import wait_until
from deploy.local.place import erase
from deploy.local.redis import WATCHER, Redis
from deploy.stack.access import OWNER, acl, acl_of_one_machine
from deploy.stack.keys import BROKER_OWNER, Keys
from shared.contracts import Queue

ROOT = Path(__file__).parents[2]
COMMAND = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["redis"]["command"]
FILE = "appendonlydir/appendonly.aof.1.incr.aof"


def as_owner(socket: Path, passwords: Mapping[str, str]) -> redis.Redis:
    return redis.Redis(
        unix_socket_path=str(socket), username=OWNER, password=passwords[BROKER_OWNER]
    )


class Container:
    """What the container does, with the folders of a test in place of its own."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.data.mkdir()
        self.log = folder / "log"
        keys.hand_out(folder / "secrets", folder / "nothing yet")
        self.passwords = Keys(folder / "secrets" / keys.EVERYTHING).passwords()
        handed = (folder / "secrets" / "redis" / "users.acl").read_text()
        self._socket = folder / "redis.sock"
        self._programs = folder / "bin"
        self._programs.mkdir()
        server = wheels.REDIS.programs(None, spare=folder) / "redis-server"
        for name in ("redis-server", "redis-check-aof"):
            (self._programs / name).symlink_to(server)
        # Nobody may look around in a container's broker; the tests look as its owner.
        owner = acl_of_one_machine(self.passwords).removeprefix(acl(self.passwords))
        (folder / "users.acl").write_text(handed + owner)
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
        return as_owner(self._socket, self.passwords)

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


ANOTHER_MATTER = {"bind", "port", "unixsocket", "unixsocketperm", "protected-mode"} | {
    *("daemonize", "logfile", "tcp-backlog"),
    *("dir", "aclfile"),
}
"""On one's own machine than in a container: the way in, the supervisor's wishes, the places."""


def test_the_embedded_server_has_the_container_s_users_and_settings(
    container: Container, tmp_path: Path
) -> None:
    folder = tmp_path / "embedded"
    embedded = Redis.start(folder, users=acl_of_one_machine(container.passwords))
    here, there = as_owner(embedded.socket_path, container.passwords), container.client()
    try:
        with closing(here), closing(there):
            users = here.acl_list()
            assert users == there.acl_list()
            assert {user.split()[1] for user in users} == {"default", WATCHER, OWNER, *Queue}
            ours, theirs = here.config_get(), there.config_get()
    finally:
        embedded.stop()
        erase(folder)
    assert set(ours) == set(theirs)
    differing = {name: (ours[name], theirs[name]) for name in ours if ours[name] != theirs[name]}
    assert not differing.keys() - ANOTHER_MATTER, differing
    kept = ("appendonly", "appendfsync", "save", "maxmemory", "maxmemory-policy")
    assert [ours[name] for name in kept] == ["yes", "everysec", "", "268435456", "noeviction"]
