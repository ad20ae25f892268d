"""A host goes silent and another takes its place (faults 29 and 39): the product's own processes.

Nothing is reset: who waits for an answer hears nothing, and only those who mind how long it may
take find out. Relays, workers, the front and the sender of webhooks run as `make up` runs them.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from tempfile import mkdtemp

import psycopg
import pytest

from deploy.compose.alive import STALE, is_alive
from deploy.local.patience import wait_until
from deploy.local.place import erase
from deploy.stack.environment import CODE
from shared.contracts import Queue
from tests.faults import pace
from tests.faults.exchange import Exchange, running_exchange
from tests.faults.lab import Lab, Way
from tests.messaging.watched import Watched

pytestmark = pytest.mark.long
ROLES = ("worker", "relay")


@pytest.fixture(scope="module")
def exchange() -> Iterator[Exchange]:
    folder = Path(mkdtemp(prefix="nhipcau-site-"))
    with running_exchange(folder) as made:
        # Longer than the silence: whoever asks goes on asking.
        made.patience = 300.0 * pace.PATIENCE
        yield made
    erase(folder)


def test_a_database_host_that_goes_silent_is_noticed_by_every_process_and_loses_nothing(
    exchange: Exchange,
) -> None:
    with exchange.stream(pause=0.5) as stream:
        stream.goes_on(5)
        said = complaints(exchange, Queue.NOTIFICATION)
        with silent_database(exchange):
            everybody(lambda service, role: not shows_life(exchange, service, role))
            assert asked_by_command(exchange, Queue.NOTIFICATION) == 1
            assert not is_ready(exchange)
            assert complaints(exchange, Queue.NOTIFICATION) > said, "the sender has noticed too"
        stream.goes_on(5)
        everybody(partial(shows_life, exchange))
        assert asked_by_command(exchange, Queue.NOTIFICATION) == 0
        assert wait_until(partial(is_ready, exchange), within=60)
    exchange.settle()
    exchange.assert_sound()


def test_when_another_database_host_takes_over_nobody_waits_for_the_former(
    exchange: Exchange,
) -> None:
    with exchange.stream(pause=0.5) as stream:
        stream.goes_on(5)
        assert exchange.to_postgres.silence_all() > len(Queue), "all had connections"
        stream.goes_on(10)
    exchange.settle()
    exchange.assert_sound()


def test_when_another_broker_host_takes_over_nobody_waits_for_the_former(
    exchange: Exchange,
) -> None:
    with exchange.stream(pause=0.5) as stream:
        stream.goes_on(5)
        assert exchange.to_redis.silence_all() > len(Queue), "all had connections"
        stream.goes_on(10)
    exchange.settle()
    exchange.assert_sound()


@contextmanager
def silent_database(exchange: Exchange) -> Iterator[None]:
    """Its host answers nobody within the block; after it another one does, and knows nobody."""
    with exchange.to_postgres.hole():
        yield
        exchange.to_postgres.silence_all()


def everybody(holds: Callable[[Queue, str], bool]) -> None:
    """Wait until this holds of every worker and relay."""
    for service in Queue:
        for role in ROLES:
            what = partial(holds, service, role)
            assert wait_until(what, within=2 * STALE * pace.PATIENCE, every=0.5), (service, role)


def past_the_proxy(exchange: Exchange, service: Queue) -> str:
    """The address of a service's database, as this process may reach it the whole time."""
    password = exchange.site.environment.keys.passwords()[service]
    return exchange.site.postgres.tcp_url(service, service, password)


def shows_life(exchange: Exchange, service: Queue, role: str) -> bool:
    """What the health check of its container would say."""
    url = past_the_proxy(exchange, service).replace("+psycopg", "", 1)
    with psycopg.connect(url, application_name="alive") as connection:
        return is_alive(connection, service, role)


def asked_by_command(exchange: Exchange, service: Queue) -> int:
    """The exit status of `nhipcau alive`."""
    known = {f"{service}_database_url".upper(): past_the_proxy(exchange, service)}
    return subprocess.run(
        [sys.executable, "-m", "deploy.cli", "alive", service],
        env={"PATH": os.environ["PATH"], **known},
        cwd=CODE,
        check=False,
        capture_output=True,
    ).returncode


def is_ready(exchange: Exchange) -> bool:
    """What intake says of itself to whoever would send it work."""
    connection = HTTPConnection("127.0.0.1", exchange.site.port, timeout=10)
    try:
        connection.request("GET", "/intake/readyz")
        return connection.getresponse().status == 200
    finally:
        connection.close()


def complaints(exchange: Exchange, service: Queue) -> int:
    """How often the sender of a worker has found its database away."""
    log = exchange.site.folder / "logs" / f"{service}-worker.log"
    return log.read_text("utf-8").count("database_unavailable")


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    opened = Watched.start(tmp_path)
    yield opened
    opened.stop()


def test_when_the_sentinels_name_another_master_relay_sender_and_worker_find_it(
    lab: Lab, watched: Watched
) -> None:
    told = {
        "LAB_BROKER_URL": watched.url,
        "LAB_BROKER_MASTER_NAME": watched.sentinels.master_name,
        "LAB_BROKER_SENTINEL_PASSWORD": watched.sentinels.password or "",
    }
    for name in ("worker", "relay", "sender"):
        lab.roles[name].end()
        lab.run(name, name, shift=0.0, **told)
    before = lab.effects()
    lab.tell(40, way=Way.RELAY)
    lab.wait_for_effects(before + 40)
    with lab.frozen("worker"):
        lab.tell(40, way=Way.RELAY)
        watched.lose_the_master()
        lab.tell(40, way=Way.RELAY)
    lab.settle()
    lab.assert_each_once_in_order()
