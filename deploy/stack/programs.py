"""The processes of the exchange: one front for HTTP, and for each service a worker and a relay.

On a small server these two are one process, which does the same (``back``).
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException

import psycopg

from deploy.local.program import Program
from deploy.stack.environment import CODE, Environment, Process
from shared.contracts import Queue

STALE = 60
"""Seconds without a canary after which a worker that looks alive is ended and started again."""


SERVING = (
    "--http", "shared.kit.wire:Wire", "--no-access-log", "--no-server-header",
    "--timeout-keep-alive", "150",
)  # fmt: skip
"""How uvicorn serves our applications.

A connection without work is closed by whoever asked, never by us: what is sent on it at the moment
we close it would be lost. The console keeps one for a minute, the front of a server for two.
"""


def apart(environment: Environment, port: int) -> Sequence[Program]:
    """Worker and relay of each service by themselves: one of them at fault leaves the other."""
    return [
        *(worker(environment, service) for service in Queue),
        *(relay(environment, service) for service in Queue),
        front(environment, port),
    ]


def together(environment: Environment, port: int) -> Sequence[Program]:
    """Worker and relay of each service in one process, for the sake of memory."""
    return [*(back(environment, service) for service in Queue), front(environment, port)]


@dataclass(frozen=True)
class Size:
    """How large the machine is: which processes of ours run, and what PostgreSQL is told."""

    programs: Callable[[Environment, int], Sequence[Program]]
    """In the order they are started; HTTP is at this port."""
    postgres: Mapping[str, str] = field(default_factory=dict)


LARGE = Size(apart)
SMALL = Size(together, {"shared_buffers": "64MB"})
"""All of it within 1 GiB."""


def front(environment: Environment, port: int) -> Program:
    """The HTTP process on a loopback port."""
    options = ["--host", "127.0.0.1", "--port", str(port), *SERVING]
    return Program(
        name="api",
        argv=[sys.executable, "-m", "uvicorn", "--factory", "deploy.stack.front:create", *options],
        env=environment.everything(),
        cwd=CODE,
        port=port,
        ready=lambda: answers(port),
    )


def worker(environment: Environment, service: Queue) -> Program:
    """A service's Celery worker, watched by its canary."""
    return _consuming(environment, service, Process.WORKER)


def back(environment: Environment, service: Queue) -> Program:
    """A service's worker and relay in one, watched as a worker is; its relay watches itself."""
    return _consuming(environment, service, Process.BACK)


def _consuming(environment: Environment, service: Queue, process: Process) -> Program:
    return Program(
        name=f"{service}-{process}",
        argv=[sys.executable, "-m", f"services.{service}.{process}"],
        env=environment.of(service, process),
        cwd=CODE,
        is_alive=canary(environment.url_of(service, service), service),
        grace=20.0,
    )


def relay(environment: Environment, service: Queue) -> Program:
    """A service's relay."""
    return Program(
        name=f"{service}-relay",
        argv=[sys.executable, "-m", f"services.{service}.relay"],
        env=environment.of(service, Process.RELAY),
        cwd=CODE,
    )


def canary(url: str, service: str) -> Callable[[], bool]:
    """Whether a message came through the worker's queue lately, by the database's clock."""
    address = url.replace("postgresql+psycopg://", "postgresql://", 1)

    def is_alive() -> bool:
        try:
            with psycopg.connect(address, connect_timeout=2) as connection:
                row = connection.execute(
                    "SELECT now() - seen_at < make_interval(secs => %s) FROM heartbeats"
                    " WHERE queue = %s",
                    [STALE, service],
                ).fetchone()
        except psycopg.OperationalError:
            # A database that is down is not the worker's fault.
            return True
        return row is None or bool(row[0])

    return is_alive


def answers(port: int) -> bool:
    """Whether the front answers and reaches a database."""
    connection = HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
