"""Messaging under test, in the database of the service ``verification``."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from tempfile import mkdtemp

import pytest
import redis
from fastapi import APIRouter
from sqlalchemy import ColumnElement, Engine

from deploy.local.redis import Redis
from shared.contracts import Queue
from shared.kit.database import Database
from shared.kit.subjects import Subject
from shared.messaging import api
from shared.messaging.broker import Broker
from shared.messaging.tables import OPERATOR_ALERTS
from tests.messaging.desk import Desk
from tests.messaging.parts import EFFECTS, RECEIVER, SENDER, Receiver


@pytest.fixture(scope="session")
def service() -> Queue:
    return RECEIVER


def names_them(subject: Subject, _now: datetime) -> ColumnElement[bool]:
    """Of a service whose case owners reach the alerts that name their organisation."""
    return OPERATOR_ALERTS.c.facts.contains({"organisation_id": str(subject.organisation_id)})


@pytest.fixture
def routers() -> Sequence[APIRouter]:
    return [api.router, api.alerts_routes(names_them)]


@pytest.fixture(scope="session", autouse=True)
def effects(engine_of: Callable[[str], Engine]) -> None:
    EFFECTS.create(engine_of(RECEIVER))


@pytest.fixture
def receiver(database: Database) -> Receiver:
    return Receiver(database)


@pytest.fixture(scope="session")
def redis_server() -> Iterator[Redis]:
    """A broker of this run's own, because these tests empty it."""
    server = Redis.start(Path(mkdtemp(prefix="nhipcau-broker-")))
    yield server
    server.stop()


@pytest.fixture
def queues(redis_server: Redis) -> Iterator["redis.Redis"]:
    """Straight to the broker, empty before each test."""
    with redis.Redis(unix_socket_path=str(redis_server.socket_path)) as client:
        client.flushall()
        yield client


@pytest.fixture
def desk(receiver: Receiver, redis_server: Redis, queues: "redis.Redis") -> Desk:
    found = Desk(receiver, queues, Broker(SENDER, redis_server.url()))
    found.relay().round()  # the first round of a new installation begins an epoch
    queues.delete(RECEIVER, SENDER)
    return found
