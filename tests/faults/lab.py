"""A laboratory: one sender, one receiver, real servers behind proxies, real processes to kill."""

import os
import secrets
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import cached_property
from itertools import combinations
from pathlib import Path
from types import MappingProxyType
from typing import Any
from uuid import UUID, uuid4

import orjson
import psycopg
import redis
from sqlalchemy import Engine

from deploy.local.postgres import Postgres
from deploy.local.redis import Redis
from deploy.stack.environment import CODE
from deploy.stack.invariants import Balance, balance
from shared.contracts import ConsentGiven, ConsentScope
from shared.contracts.vocabulary import OrganisationKind, Purpose
from shared.kit import migrations
from shared.kit.database import Begin, Database, make_engine
from shared.messaging import outbox
from shared.messaging.broker import Broker
from shared.messaging.envelope import Links
from shared.messaging.publisher import (
    BackgroundPublisher,
    DirectPublisher,
    Publisher,
    publishing,
)
from tests.faults import pace
from tests.faults.proxy import Proxy, Weather
from tests.faults.roles import INTRUDER, MENDED, RECEIVER, SENDER, WELL
from tests.faults.supervised import Role

START = datetime(2026, 1, 1, tzinfo=UTC)
SETTLED_WITHIN = 120.0
"""Seconds, on a slow machine too. A retry that was killed comes again after one minute."""

USUAL = MappingProxyType({"worker": "worker", "relay": "relay", "sender": "sender"})


class Way(Enum):
    """How messages leave after their commit."""

    WORKER = "worker"
    """From the thread that committed, as those of workers do."""
    HTTP = "http"
    """From a thread beside it, as those of HTTP processes do."""
    RELAY = "relay"
    """Not at once: the relay finds them."""


@dataclass
class Lab:
    """The two services and everything that can be broken between them."""

    folder: Path
    postgres: Postgres
    redis_server: Redis
    to_postgres: Proxy
    to_redis: Proxy
    roles: dict[str, Role] = field(default_factory=dict)
    told: list[tuple[UUID, datetime]] = field(default_factory=list)
    publishers: dict[tuple[Way, float], Publisher] = field(default_factory=dict)
    skipped: int = 0
    """Messages an operator gave up, which have no effect."""

    # --- the two services -------------------------------------------------------------------

    def run(self, name: str, role: str, *, shift: float = 0.0, **extra: str) -> Role:
        """Start a process: ``worker``, ``relay``, ``back`` (receiver's), ``sender`` (its relay)."""
        service = SENDER if role == "sender" else RECEIVER
        argv = [sys.executable, "-m", "tests.faults.roles", role, str(shift)]
        self.roles[name] = Role(role, argv, self.environment(service) | extra, self.log(name))
        self.roles[name].start()
        return self.roles[name]

    def run_again(self, name: str, *, shift: float = 0.0, **extra: str) -> None:
        """Kill a process and start the same anew, told something else."""
        self.roles[name].end()
        self.run(name, self.roles[name].kind, shift=shift, **extra)

    def run_all(self, processes: Mapping[str, str] = USUAL) -> None:
        """These, by the names under which tests break them; without, the usual three."""
        for name, role in processes.items():
            self.run(name, role)

    def environment(self, service: str) -> dict[str, str]:
        """What a process of a service is told; the servers are reached through the proxies."""
        database = self.postgres.tcp_url(service, "lab", "lab", port=self.to_postgres.port)
        return {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(CODE),
            "PYTHONUNBUFFERED": "1",
            "LAB_DATABASE_URL": database,
            "LAB_BROKER_URL": self.redis_server.tcp_url(port=self.to_redis.port),
            "LAB_LINK_KEYS_FILE": str(self.folder / f"{service}_links.json"),
            "LAB_JWKS_FILE": str(self.folder / "unused"),
            **pace.LAB,
            MENDED: str(self.folder / "mended"),
        }

    def log(self, name: str) -> Path:
        """Where a process writes."""
        return self.folder / f"{name}.log"

    def links(self, service: str) -> Links:
        """The signing keys of a service."""
        return Links.load(self.folder / f"{service}_links.json")

    # --- telling and counting ---------------------------------------------------------------

    def begin(self, way: Way, lease: float = pace.LEASE) -> Begin:
        """Transactions of the sender, whose messages leave this way."""
        database = Database(self.engine)
        if way is Way.RELAY:
            return database.begin
        return publishing(database.begin, self.publisher(way, lease))

    def publisher(self, way: Way, lease: float) -> Publisher:
        """The sender's, through the proxy: it meets whatever happens to the broker."""
        if (way, lease) not in self.publishers:
            made = DirectPublisher if way is Way.WORKER else BackgroundPublisher
            broker = Broker(SENDER, self.redis_server.tcp_url(port=self.to_redis.port))
            self.publishers[way, lease] = made(self.links(SENDER), broker, lease)
        return self.publishers[way, lease]

    @cached_property
    def engine(self) -> Engine:
        """The sender's database, past the proxy."""
        return make_engine(self.postgres.url(SENDER, "postgres"), pool_size=2)

    @cached_property
    def receiver_engine(self) -> Engine:
        """The receiver's database, past the proxy."""
        return make_engine(self.postgres.url(RECEIVER, "postgres"), pool_size=2)

    @cached_property
    def broker(self) -> Broker:
        """An intruder's way to the broker."""
        return Broker(SENDER, self.redis_server.url())

    def tell(
        self,
        count: int,
        *,
        cases: int = 10,
        kind: OrganisationKind = WELL,
        way: Way = Way.WORKER,
        frame: int = 8,
        lease: float = pace.LEASE,
    ) -> list[UUID]:
        """Commit messages about some cases, in frames."""
        ids = [uuid4() for _ in range(cases)]
        about = [ids[number % cases] for number in range(count)]
        self.tell_about(about, kind=kind, frame=frame, way=way, lease=lease)
        return ids

    def tell_about(
        self,
        about: Sequence[UUID],
        *,
        kind: OrganisationKind = WELL,
        way: Way = Way.WORKER,
        frame: int = 8,
        lease: float = pace.LEASE,
    ) -> None:
        """Commit one message about each of these cases, in frames."""
        begin = self.begin(way, lease)
        for start in range(0, len(about), frame):
            with begin() as session:
                for case_id in about[start : start + frame]:
                    self._tell_one(session, case_id, kind)

    def _tell_one(self, session: Any, case_id: UUID, kind: OrganisationKind) -> None:
        number = START + timedelta(seconds=len(self.told))
        scope = ConsentScope(organisation_kind=kind, purpose=Purpose.SERVICE_REFERRAL)
        outbox.add(session, ConsentGiven(occurred_at=number, case_id=case_id, scope=scope))
        self.told.append((case_id, number))

    def query(self, service: str, statement: str, *values: object) -> list[Any]:
        """Rows of a service's database, straight from the server."""
        url = self.postgres.url(service, "postgres").replace("+psycopg", "", 1)
        with psycopg.connect(url, autocommit=True) as connection:
            cursor = connection.execute(statement, values or None)
            return list(cursor.fetchall()) if cursor.description else []

    def admin_url(self) -> str:
        """The psycopg address of the server itself."""
        return self.postgres.url("postgres", "postgres").replace("+psycopg", "", 1)

    def visitor_url(self) -> str:
        """The address for a role without privileges, who gets no reserved connection."""
        return self.postgres.url("postgres", "visitor").replace("+psycopg", "", 1)

    def effects(self) -> int:
        """How many effects there are."""
        return int(self.query(RECEIVER, "SELECT count(*) FROM effects")[0][0])

    def held(self) -> list[Any]:
        """What the receiver holds: why, tried how often, due in how many seconds."""
        return self.query(
            RECEIVER,
            "SELECT reason, attempts, sequence, extract(epoch FROM next_at - now())::int"
            " FROM held_messages ORDER BY next_at LIMIT 5",
        )

    def balance(self) -> Balance:
        """The messages at both ends."""
        return balance(
            lambda name: self.postgres.url(name, "postgres").replace("+psycopg", "", 1),
            (SENDER, RECEIVER),
        )

    @cached_property
    def redis_client(self) -> "redis.Redis":
        """Straight to the broker, past the proxy."""
        return redis.Redis(unix_socket_path=str(self.redis_server.socket_path))

    def client(self) -> "redis.Redis":
        """Straight to the broker, whose server may have been replaced meanwhile."""
        self.redis_client.connection_pool.disconnect()
        return self.redis_client

    # --- breaking -----------------------------------------------------------------------------

    @contextmanager
    def frozen(self, *names: str) -> Iterator[None]:
        """These processes stand still within the block, and go on after it whatever happens."""
        with ExitStack() as still:
            for name in names:
                still.enter_context(self.roles[name].frozen())
            yield

    @contextmanager
    def weather(self, weather: Weather) -> Iterator[None]:
        """The network to the broker does this within the block, and is well after it."""
        self.to_redis.weather = weather
        try:
            yield
        finally:
            self.to_redis.weather = Weather.PASS

    def terminate_backends(self) -> None:
        """The database ends every session; the laboratory's own connections begin again."""
        with psycopg.connect(self.admin_url(), autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'",
            )
        self.engine.dispose()
        self.receiver_engine.dispose()

    def restart_database(self) -> None:
        """The server is stopped and started; the laboratory's own connections begin again."""
        self.postgres.restart()
        self.engine.dispose()
        self.receiver_engine.dispose()

    # --- waiting ------------------------------------------------------------------------------

    def wait(self, condition: Callable[[], bool], *, seconds: float, what: str) -> None:
        """Look after the processes until a condition holds."""
        seconds *= pace.PATIENCE
        deadline = time.monotonic() + seconds
        while not self._holds(condition):
            for role in self.roles.values():
                role.look()
            if time.monotonic() > deadline:
                raise AssertionError(
                    f"not within {seconds} s: {what}; {self.balance()}; held: {self.held()}"
                )
            time.sleep(0.05)

    def wait_for_effects(self, count: int) -> None:
        """Wait until there are this many effects."""
        self.wait(lambda: self.effects() >= count, seconds=60, what=f"{count} effects")

    def is_listening(self) -> bool:
        """Whether a worker waits for the next frame, and there is none."""
        return self.pops() > 0 and self.client().llen(RECEIVER) == 0

    def pops(self) -> int:
        """How many blocking pops are under way."""
        return int(self.client().info("clients")["blocked_clients"])

    def wait_for_frames(self, count: int = 1) -> list[bytes]:
        """Wait until so many frames are in the receiver's queue; returns what is in it."""
        broker = self.client()
        self.wait(lambda: broker.llen(RECEIVER) >= count, seconds=20, what=f"{count} frames")
        return [bytes(each) for each in broker.lrange(RECEIVER, 0, -1) if isinstance(each, bytes)]

    def settle(self, *, seconds: float = SETTLED_WITHIN) -> Balance:
        """I7: within so many seconds nothing is on its way any more; returns the balance then."""
        # Every message is counted only once the sender believes that all are received.
        self.wait(
            lambda: self._is_quiet() and self.balance().is_settled, seconds=seconds, what="settled"
        )
        return self.balance()

    def _is_quiet(self) -> bool:
        return self.query(SENDER, "SELECT count(*) FROM outbox") == [(0,)]

    def _holds(self, condition: Callable[[], bool]) -> bool:
        try:
            return condition()
        except psycopg.OperationalError:
            # The server is being broken on purpose.
            return False

    def assert_each_once_in_order(self, *, except_for: int = 0) -> None:
        """I2, I3, I4 by SQL: what was told took effect once, in the order of its case."""
        found = self.balance()
        assert found.is_sound, found
        assert found.told == len(self.told)
        rows = self.query(
            RECEIVER,
            "SELECT case_id, number, count(*) FROM effects GROUP BY 1, 2 HAVING count(*) > 1",
        )
        assert rows == []
        assert self.effects() == len(self.told) - self.skipped - except_for
        disordered = self.query(
            RECEIVER,
            "SELECT count(*) FROM (SELECT number, lag(number) OVER"
            " (PARTITION BY case_id ORDER BY place) AS before FROM effects) AS told"
            " WHERE number < before",
        )
        assert disordered == [(0,)]

    def close(self) -> None:
        """End everything."""
        for role in self.roles.values():
            role.end()
        for publisher in self.publishers.values():
            if isinstance(publisher, BackgroundPublisher):
                publisher.close()
        self.engine.dispose()
        self.receiver_engine.dispose()
        self.broker.close()
        self.redis_client.close()
        self.to_redis.close()
        self.to_postgres.close()
        self.redis_server.stop()
        self.postgres.stop()


def open_lab(folder: Path) -> Lab:
    """Servers, proxies, two migrated databases and the keys between them."""
    folder.mkdir(parents=True, exist_ok=True)
    postgres = Postgres.start(folder, listen_tcp=True)
    broker = Redis.start(folder, listen_tcp=True)
    assert broker.port is not None
    lab = Lab(folder, postgres, broker, Proxy(postgres.port), Proxy(broker.port))
    share_keys(folder, (SENDER, RECEIVER, INTRUDER))
    admin = postgres.url("postgres", "postgres").replace("+psycopg", "", 1)
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute("CREATE ROLE lab LOGIN SUPERUSER PASSWORD 'lab'")
        connection.execute("CREATE ROLE visitor LOGIN")
        for service in (SENDER, RECEIVER):
            connection.execute(f'CREATE DATABASE "{service}"')
    for service in (SENDER, RECEIVER):
        # Both ends carry the receiver's tables: the laboratory needs messaging's and no others.
        migrations.upgrade(RECEIVER, postgres.url(service, "postgres"))
        lab.query(
            service,
            "CREATE TABLE shown_times AS SELECT now() AS shown, now() AS noted_at",
        )
    lab.query(
        RECEIVER,
        "CREATE TABLE effects (place bigserial PRIMARY KEY, case_id uuid, number timestamptz,"
        " handled_at timestamptz)",
    )
    return lab


def share_keys(folder: Path, services: Sequence[str]) -> None:
    """A key for each pair of services, in a file of each service."""
    links: dict[str, dict[str, Any]] = {service: {} for service in services}
    for one, other in combinations(services, 2):
        link = {"current": "1", "keys": {"1": secrets.token_hex(32)}}
        links[one][str(other)] = links[other][str(one)] = link
    for service, peers in links.items():
        stored = orjson.dumps({"service": service, "links": peers})
        (folder / f"{service}_links.json").write_bytes(stored)


def receiver_begin(lab: Lab) -> Begin:
    """Transactions of the receiver, for what its API would do."""
    return Database(lab.receiver_engine).begin
