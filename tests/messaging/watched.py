"""Two Redis servers, one the other's copy, and a sentinel that says which of them is the master."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import redis

from deploy.local.patience import wait_until
from deploy.local.ports import LOOPBACK, free_port
from deploy.local.redis import Redis
from shared.kit.sentinels import Sentinels
from tests.guarded import GuardedProcess

NAME = "nhipcau-broker"
USERS = """user default off resetpass resetchannels allkeys +@all
user watcher on nopass resetkeys resetchannels -@all +ping
user exchange on >of-the-servers allkeys allchannels +@all
"""
LOGIN = {"masteruser": "exchange", "masterauth": "of-the-servers"}


@dataclass
class Watched:
    """The group of servers under a sentinel with a password of its own."""

    folder: Path
    servers: list[Redis] = field(default_factory=list)
    port: int = 0
    sentinels: Sentinels = field(default=Sentinels(NAME, password="of-the-sentinels"))
    _process: GuardedProcess | None = None

    @classmethod
    def start(cls, folder: Path) -> Self:
        """Begin with the first server as the master."""
        watched = cls(folder)
        watched._serve("first")
        first = watched.servers[0].port
        watched._serve("second", replicaof=f"{LOOPBACK} {first}")
        watched._watch()
        return watched

    @property
    def url(self) -> str:
        """The first address is nobody's, as when one sentinel is down."""
        dead = f"sentinel://exchange:of-the-servers@{LOOPBACK}:{free_port()}/0"
        return f"{dead};sentinel://{LOOPBACK}:{self.port}"

    @property
    def master(self) -> int:
        """The port of the master, as the sentinel sees it."""
        with redis.Redis(port=self.port, password=self.sentinels.password) as asked:
            return int(asked.sentinel_master(NAME)["port"])

    def lose_the_master(self) -> None:
        """Kill the master for good; returns when the sentinel has made the other one master."""
        lost = next(server for server in self.servers if server.port == self.master)
        lost.kill()
        assert wait_until(lambda: self.master != lost.port, within=60), "nobody took over"

    def stop(self) -> None:
        """End all."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        for server in self.servers:
            server.stop()

    def _serve(self, name: str, **settings: str) -> None:
        folder = self.folder / name
        folder.mkdir()
        self.servers.append(
            Redis.start(folder, listen_tcp=True, users=USERS, settings=LOGIN | settings)
        )

    def _watch(self) -> None:
        self.port = free_port()
        written = self.folder / "sentinel.conf"
        written.write_text(
            f"port {self.port}\nbind {LOOPBACK}\ndir {self.folder}\n"
            f"requirepass {self.sentinels.password}\n"
            f"sentinel monitor {NAME} {LOOPBACK} {self.servers[0].port} 1\n"
            f"sentinel auth-user {NAME} exchange\n"
            f"sentinel auth-pass {NAME} of-the-servers\n"
            f"sentinel down-after-milliseconds {NAME} 1000\n"
            f"sentinel failover-timeout {NAME} 3000\n"
        )
        with (self.folder / "sentinel.log").open("wb") as log:
            argv = [str(self.servers[0].binary), str(written), "--sentinel"]
            self._process = GuardedProcess(argv, env={}, output=log)
        assert wait_until(self._knows_both, within=60), "the sentinel does not know the copy"

    def _knows_both(self) -> bool:
        try:
            with redis.Redis(port=self.port, password=self.sentinels.password) as asked:
                copies = asked.sentinel_slaves(NAME)
        except redis.RedisError:
            return False
        return any(copy["master-link-status"] == "ok" for copy in copies)
