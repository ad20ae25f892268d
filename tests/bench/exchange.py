"""Our own contestant: an installation with real servers, its services run as processes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import redis
from sqlalchemy import Engine

from deploy.local.ports import free_port
from deploy.local.postgres import Postgres
from deploy.local.redis import Redis
from deploy.stack import access
from deploy.stack.client import ApiClient, Credentials
from deploy.stack.environment import Environment, Process
from deploy.stack.installation import environment_of, prepare
from deploy.stack.invariants import Balance, balance
from deploy.stack.keys import Keys
from deploy.stack.programs import SERVING, answers
from deploy.stack.sandbox import Sandbox
from shared.contracts import Queue
from shared.kit.database import make_engine
from tests.bench.crew import Crew
from tests.bench.patience import wait_until
from tests.bench.submissions import CALLED, RECEIVER

TRAVELLED = (Queue.INTAKE, Queue.VERIFICATION, Queue.LIVELIHOOD_SUPPORT, Queue.NOTIFICATION)
"""The services a case passes."""
PLENTY = 100_000_000
WITHIN = 120.0


@dataclass(frozen=True)
class Exchange:
    """Servers that run, databases that are seeded, and how to run the rest."""

    folder: Path
    postgres: Postgres
    redis: Redis
    environment: Environment
    administrator: Credentials
    port: int
    sink_port: int
    """Where the schools take webhooks."""
    secrets: dict[str, str] = field(default_factory=dict)
    """The schools' signing secrets, by the id of the school."""

    # --- processes ----------------------------------------------------------------------------

    def start_services(self, crew: Crew, frame: int | None = None, workers: int = 1) -> None:
        """A worker (or several) and a relay for each service a case passes."""
        for service in TRAVELLED:
            for number in range(workers):
                self.start(crew, service, "worker", frame, number)
            self.start(crew, service, "relay", frame)

    def start(
        self, crew: Crew, service: Queue, part: str, frame: int | None = None, number: int = 0
    ) -> None:
        """One process of a service; ``number``: of several alike."""
        env = self.environment.of(service, Process(part))
        if frame is not None:
            env[f"{service.upper()}_FRAME"] = str(frame)
        name = f"{service}-{part}" + (f"-{number}" if number else "")
        crew.run(name, f"services.{service}.{part}", env=env)

    def serve(self, crew: Crew, application: str) -> None:
        """An application factory under uvicorn, as the front is run; returns when it answers."""
        options = ["--host", "127.0.0.1", "--port", self.port]
        env = self.environment.everything()
        crew.run("api", "uvicorn", "--factory", application, *options, *SERVING, env=env)

        def is_there() -> bool:
            crew.check()
            return answers(self.port)

        wait_until(is_there, seconds=WITHIN, what=application)

    # --- databases ----------------------------------------------------------------------------

    def database(self, service: str) -> str:
        """The psycopg address of a database, for the administrator."""
        return self.postgres.url(service, "postgres").replace("+psycopg", "", 1)

    def engine(self, service: str) -> Engine:
        """An engine with the service's own rights."""
        return make_engine(self.environment.url_of(service, service), pool_size=1)

    def query(self, service: str, statement: str, *values: object) -> list[Any]:
        """Rows of a service's database."""
        with psycopg.connect(self.database(service), autocommit=True) as connection:
            cursor = connection.execute(statement.encode(), values or None)
            return list(cursor.fetchall()) if cursor.description else []

    def copy_database(self, template: str, name: str) -> None:
        """A database of its own that holds the same; nobody may be in the template."""
        # File by file: the other way writes all of it into the log first.
        statement = f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy'
        self.query("postgres", statement)

    def drop_database(self, name: str) -> None:
        """Delete it with everything in it, whoever is there."""
        self.query("postgres", f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def rows_written(self, *databases: str) -> int:
        """Rows ever inserted, changed or deleted; what a process has done is told when it left."""
        names = list(databases)
        wait_until(
            lambda: self.query("postgres", _GUESTS, names)[0][0] == 0,
            seconds=WITHIN,
            what="everybody has left",
        )
        return int(self.query("postgres", _WRITTEN, names)[0][0])

    def receiver_id(self) -> UUID:
        """The agency that submits."""
        rows = self.query(Queue.DIRECTORY, "SELECT id FROM organisations WHERE code = %s", RECEIVER)
        found: UUID = rows[0][0]
        return found

    def balance(self) -> Balance:
        """Count every message at its sender and its receiver."""
        return balance(self.database)

    def is_calm(self) -> bool:
        """Whether nothing seems to be on its way: no row of what is stored is counted for it.

        Looked at twice, for what one service has just receipted may be under way to another.
        """
        return not any(self.query(service, _UNDER_WAY)[0][0] for service in (*Queue, *Queue))

    def settle(self) -> Balance:
        """Wait until nothing is on its way."""
        while True:
            wait_until(self.is_calm, seconds=WITHIN, what="settled", every=0.1)
            if (found := self.balance()).is_settled:
                return found

    def empty_queues(self) -> None:
        """Forget what lies in the broker."""
        _client(self).flushall()

    def broker_version(self) -> str:
        """Which Redis carries the frames."""
        return str(_client(self).info("server")["redis_version"])


def _client(exchange: Exchange) -> "redis.Redis":
    path = str(exchange.redis.socket_path)
    user, password = access.login(exchange.environment.keys.passwords(), access.OWNER)
    return redis.Redis(unix_socket_path=path, username=user, password=password)


_UNDER_WAY = "SELECT EXISTS (SELECT FROM outbox) OR EXISTS (SELECT FROM held_messages)"
_GUESTS = "SELECT count(*) FROM pg_stat_activity WHERE datname = ANY(%s)"
_WRITTEN = (
    "SELECT sum(tup_inserted + tup_updated + tup_deleted) FROM pg_stat_database"
    " WHERE datname = ANY(%s)"
)


def untouched(service: str) -> str:
    """The copy of a service's database that no case has passed."""
    return f"{service}_untouched"


@contextmanager
def open_exchange(folder: Path) -> Iterator[Exchange]:
    """An installation with everybody in it and more places than will ever be asked for."""
    keys = Keys.make(folder / "keys")
    # The moment of a commit is read afterwards: nobody asks for it while something is measured.
    postgres = Postgres.start(folder, settings={"track_commit_timestamp": "on"})
    broker = Redis.start(folder, users=access.acl_of_one_machine(keys.passwords()))
    try:
        port = free_port()
        environment = environment_of(keys, postgres, broker, port, {})
        administrator = prepare(environment, postgres)
        exchange = Exchange(folder, postgres, broker, environment, administrator, port, free_port())
        _spread_directory(exchange)
        for service in TRAVELLED:
            exchange.copy_database(service, untouched(service))
        yield exchange
    finally:
        broker.stop()
        postgres.stop()


def _spread_directory(exchange: Exchange) -> None:
    with Crew(exchange.folder) as crew:
        exchange.serve(crew, "deploy.stack.front:create")
        _register_schools(exchange)
        exchange.start(crew, Queue.DIRECTORY, "relay")
        for service in TRAVELLED:
            exchange.start(crew, service, "worker")
        exchange.settle()
    exchange.query(
        Queue.LIVELIHOOD_SUPPORT,
        "UPDATE programmes SET capacity = %s, ceiling = %s,"
        " assured_at = now(), assured_by = 'organisation'",
        PLENTY,
        PLENTY,
    )


def _register_schools(exchange: Exchange) -> None:
    """Every school takes webhooks at the sink, under a path of its own."""
    client = ApiClient(exchange.environment.base_url, exchange.administrator)
    sandbox = Sandbox(client)
    for school in sandbox.organisations().values():
        if school["kind"] == CALLED:
            url = f"http://127.0.0.1:{exchange.sink_port}/{school['id']}"
            exchange.secrets[school["id"]] = sandbox.add_endpoint(school, url)
    client.close()
