"""The exchange on this machine alone: servers out of wheels, then our processes, supervised."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
from redis import Redis as Broker

from deploy.local.postgres import Postgres
from deploy.local.program import Program
from deploy.local.redis import Redis
from deploy.local.supervisor import Supervisor
from deploy.stack import access, bootstrap, databases, sealed
from deploy.stack.client import ApiClient, Credentials
from deploy.stack.environment import Environment
from deploy.stack.folder import mark
from deploy.stack.invariants import Balance, Breach, balance, breaches
from deploy.stack.keys import Keys
from deploy.stack.leaks import leaks
from deploy.stack.programs import LARGE, Size
from deploy.stack.sandbox import Sandbox
from shared.contracts import Queue

NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True)
class Installation:
    """A running exchange."""

    folder: Path
    port: int
    environment: Environment
    supervisor: Supervisor
    postgres: Postgres
    redis: Redis
    administrator: Credentials

    @property
    def base_url(self) -> str:
        """Where the APIs are."""
        return self.environment.base_url

    def client(self, credentials: Credentials) -> ApiClient:
        """Call the APIs as somebody."""
        return ApiClient(self.base_url, credentials)

    def sandbox(self) -> Sandbox:
        """Register clients and endpoints."""
        return Sandbox(self.client(self.administrator))

    def database(self, service: str) -> str:
        """The psycopg address of a service's database, for its administrator."""
        url = self.postgres.url(service, "postgres")
        return url.replace("postgresql+psycopg://", "postgresql://", 1)

    def balance(self) -> Balance:
        """Count every message at its sender and its receiver."""
        return balance(self.database)

    def breaches(self) -> list[Breach]:
        """Rules of the field that the rows of some database break."""
        return breaches(self.database)

    def deliveries(self) -> dict[str, int]:
        """How many of notification's deliveries are in which state."""
        with psycopg.connect(self.database(Queue.NOTIFICATION)) as connection:
            rows = connection.execute("SELECT state, count(*) FROM deliveries GROUP BY state")
            return dict(rows.fetchall())

    def leaks(self, words: Iterable[str]) -> list[str]:
        """Places outside the vault where any of these words appears.

        Looked through are the logs of every process and of both servers, what the broker keeps on
        disk (every command since it was new) and in memory, and the tables of every database.
        """
        files = {
            "log": [*self.folder.glob("*.log"), *self.folder.glob("logs/*.log")],
            "broker's file": self.redis.files(),
        }
        with self.broker() as broker:
            return leaks(words, urls=self.database, files=files, broker=broker)

    def broker(self) -> Broker:
        """Straight to the broker, as its owner."""
        user, password = access.login(self.environment.keys.passwords(), access.OWNER)
        path = str(self.redis.socket_path)
        return Broker(unix_socket_path=path, username=user, password=password)

    def start(self, more: Sequence[Program]) -> None:
        """Run further programs beside the exchange."""
        self.supervisor.start(more)


@dataclass(frozen=True)
class Detour:
    """Loopback ports through which processes reach the servers: those of a fault proxy."""

    postgres: int
    redis: int


Wiring = Callable[[Postgres, Redis], Detour]


@contextmanager
def running(
    folder: Path,
    *,
    port: int,
    extra: Mapping[str, str] = NOTHING,
    wiring: Wiring | None = None,
    elsewhere: Path | None = None,
    size: Size = LARGE,
) -> Iterator[Installation]:
    """Start everything in a folder (new or used before); stop everything when the block ends.

    With ``wiring`` the servers listen on loopback too, and the processes take the detour it
    returns; the administrator's own work goes straight to the sockets. What root's servers cannot
    keep in the folder goes ``elsewhere``; without, it goes where it lasts as long as the folder.
    """
    # The processes work in the folder of the code, whatever folder this one was started in.
    folder = folder.absolute()
    mark(folder)
    with Supervisor(folder) as supervisor:
        is_reached_by_tcp = wiring is not None
        postgres = Postgres.prepare(
            folder,
            settings=size.postgres,
            listen_tcp=is_reached_by_tcp,
            elsewhere=elsewhere,
        )
        supervisor.leave_nothing_of(postgres.place.passing)
        supervisor.start([postgres.program()])
        # Asked before anything is made: a lost key may be needed by what the databases hold.
        needed = sealed.needed(lambda name: postgres.url(name, "postgres"))
        keys = Keys.make(folder / "keys", needed)
        users = access.acl_of_one_machine(keys.passwords())
        redis = Redis.prepare(
            folder, listen_tcp=is_reached_by_tcp, elsewhere=elsewhere, users=users
        )
        supervisor.leave_nothing_of(redis.place.passing)
        supervisor.start([redis.program()])
        environment = environment_of(keys, postgres, redis, port, extra)
        administrator = prepare(environment, postgres)
        if wiring is not None:
            environment = rerouted(environment, postgres, redis, wiring(postgres, redis))
        supervisor.start(size.programs(environment, port))
        yield Installation(folder, port, environment, supervisor, postgres, redis, administrator)


def environment_of(
    keys: Keys,
    postgres: Postgres,
    redis: Redis,
    port: int,
    extra: Mapping[str, str],
) -> Environment:
    """What the processes are told: sockets of our own servers, loopback endpoints allowed."""
    passwords = keys.passwords()
    return Environment(
        keys=keys,
        url_of=lambda database, role: postgres.url(database, role, passwords[role]),
        broker_url_of=lambda user: redis.url(access.login(passwords, user)),
        base_url=f"http://127.0.0.1:{port}",
        extra={
            "DIRECTORY_ALLOW_LOOPBACK_ENDPOINTS": "true",
            "NOTIFICATION_ALLOW_LOOPBACK": "true",
            **extra,
        },
    )


def rerouted(
    environment: Environment,
    postgres: Postgres,
    redis: Redis,
    detour: Detour,
) -> Environment:
    """The same installation, reached through other ports."""
    passwords = environment.keys.passwords()
    return replace(
        environment,
        url_of=lambda database, role: postgres.tcp_url(
            database, role, passwords[role], port=detour.postgres
        ),
        broker_url_of=lambda user: redis.tcp_url(access.login(passwords, user), port=detour.redis),
    )


def prepare(environment: Environment, postgres: Postgres) -> Credentials:
    """Databases with their tables, the directory's institutions, an administrator's client."""
    databases.create(lambda name: postgres.url(name, "postgres"), environment.keys.passwords())
    databases.migrate(environment.url_of)
    return bootstrap.directory(
        environment.url_of(Queue.DIRECTORY, Queue.DIRECTORY), environment.keys.folder
    )
