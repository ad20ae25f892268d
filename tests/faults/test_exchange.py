"""The whole exchange with its partners is broken while an agency posts cases (faults 1 to 12).

Whatever happens, every case that was answered with 201 is there once and reaches an end (I1, I8),
no partner is asked twice (I2), and all messages are accounted for in order (I3, I4), soon (I7).
"""

import os
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from signal import SIGCONT, SIGINT, SIGSTOP
from tempfile import mkdtemp

import psycopg
import pytest

from deploy.local.patience import wait_until
from deploy.local.place import erase
from deploy.local.ports import free_port
from deploy.local.program import Program
from deploy.stack.environment import CODE
from deploy.stack.invariants import breaches
from deploy.stack.programs import SERVING, answers
from shared.contracts import Queue
from tests.faults.crashing import MARKER
from tests.faults.exchange import CASE, CASES, Exchange, Stream, running_exchange
from tests.faults.proxy import Weather
from tests.faults.wrongs import WRONGS, do_every_wrong

pytestmark = pytest.mark.long

OUTAGE = 60.0
"""Seconds the broker stands still."""
NEVER_WAITED = 4.5
"""Seconds; who had waited for the broker's answer would have needed its five at least."""
HOLE = 8.0
"""Seconds the network swallows everything: longer than any time-out of a socket."""


@pytest.fixture(scope="module")
def exchange() -> Iterator[Exchange]:
    folder = Path(mkdtemp(prefix="nhipcau-site-"))
    with running_exchange(folder) as made:
        yield made
    erase(folder)


def test_every_process_killed_while_cases_come_loses_and_repeats_nothing(
    exchange: Exchange,
) -> None:
    supervisor = exchange.site.supervisor
    killed = [f"{service}-{role}" for service in Queue for role in ("worker", "relay")]
    before = supervisor.restarts()
    with exchange.stream() as stream:
        for name in (*killed, "api", "partners"):
            supervisor.kill(name)
            stream.goes_on(2)
    exchange.settle()
    after = supervisor.restarts()
    assert all(after[name] > before[name] for name in (*killed, "api", "partners"))
    exchange.assert_sound()


def test_a_broker_killed_emptied_cut_off_and_reset_while_cases_come_loses_nothing(
    exchange: Exchange,
) -> None:
    with exchange.stream() as stream:
        kill_broker(exchange, stream)
        empty_broker(exchange, stream)
        swallow_traffic(exchange, stream)
        for _ in range(5):
            exchange.to_redis.reset_all()
            stream.goes_on(2)
    exchange.settle()
    exchange.assert_sound()


def kill_broker(exchange: Exchange, stream: Stream) -> None:
    """SIGKILL; it is started again on its file."""
    restarts = exchange.site.supervisor.restarts()["redis"]
    exchange.site.supervisor.kill("redis")
    stream.goes_on()
    assert wait_until(exchange.site.redis.is_ready, within=30)
    assert exchange.site.supervisor.restarts()["redis"] > restarts


def empty_broker(exchange: Exchange, stream: Stream) -> None:
    """FLUSHALL; every service notices that a new life of the broker began."""
    before = {service: epoch(exchange, service) for service in Queue}
    exchange.broker().flushall()
    stream.goes_on()
    for service, known in before.items():
        assert wait_until(partial(is_new, exchange, service, known), within=30), service


def is_new(exchange: Exchange, service: Queue, known: object) -> bool:
    return epoch(exchange, service) != known


def epoch(exchange: Exchange, service: Queue) -> object:
    """Which life of the broker a service believes in."""
    return exchange.rows(service, "SELECT epoch FROM broker_epochs")


def swallow_traffic(exchange: Exchange, stream: Stream) -> None:
    """Nothing comes through to the broker for a while, and nobody hangs up."""
    with exchange.weather(Weather.HOLE):
        began = time.monotonic()
        while time.monotonic() - began < HOLE:
            stream.goes_on(1)


def test_a_database_restarted_and_cut_off_while_cases_come_loses_nothing(
    exchange: Exchange,
) -> None:
    supervisor = exchange.site.supervisor
    restarts = supervisor.restarts()["postgres"]
    with exchange.stream() as stream:
        supervisor.kill("postgres", SIGINT)
        stream.goes_on()
        assert supervisor.restarts()["postgres"] > restarts
        exchange.to_postgres.reset_all()
        stream.goes_on()
        terminate_backends(exchange)
        stream.goes_on()
    exchange.settle()
    exchange.assert_sound()


def terminate_backends(exchange: Exchange) -> None:
    """The server ends every session."""
    with psycopg.connect(exchange.site.database("postgres"), autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'",
        )


def test_a_broker_that_stands_still_for_a_minute_slows_no_answer_to_an_agency(
    exchange: Exchange,
) -> None:
    with exchange.stream(pause=1.0) as stream:
        stream.goes_on(5)
        usual = max(it.seconds for it in stream.answers)
        broker = exchange.site.supervisor.pids()["redis"]
        os.kill(broker, SIGSTOP)
        try:
            seen = len(stream.answers)
            began = time.monotonic()
            while time.monotonic() - began < OUTAGE:
                stream.goes_on(1)
            during = stream.answers[seen:]
        finally:
            os.kill(broker, SIGCONT)
    slowest = max(it.seconds for it in during)
    assert slowest < max(NEVER_WAITED, 5 * usual), (usual, slowest)
    assert len(during) > OUTAGE / 3
    exchange.settle()
    exchange.assert_sound()


@pytest.fixture
def crashing(exchange: Exchange, tmp_path: Path) -> str:
    """A second front of the same exchange, which dies once before it answers a new case."""
    port = free_port()
    program = Program(
        name=f"crashing-{port}",
        argv=[
            sys.executable, "-m", "uvicorn", "--factory", "tests.faults.crashing:create",
            "--host", "127.0.0.1", "--port", str(port), *SERVING,
        ],
        env=exchange.site.environment.everything() | {MARKER: str(tmp_path / "died")},
        cwd=CODE,
        port=port,
        ready=lambda: answers(port),
    )  # fmt: skip
    exchange.site.start([program])
    return f"http://127.0.0.1:{port}"


def test_a_case_whose_answer_was_lost_is_found_and_not_made_again(
    exchange: Exchange,
    crashing: str,
    tmp_path: Path,
) -> None:
    client = exchange.client(crashing)
    answer = exchange.post(client, "one-case-however-often")
    again = exchange.post(client, "one-case-however-often")
    found = client.get(f"{CASES}/{answer.case_id}")
    client.close()

    assert (tmp_path / "died").exists(), "the process died before its first answer"
    assert answer.case_id == again.case_id
    assert found.status_code == 200
    exchange.settle()
    exchange.assert_sound()


def test_a_refused_case_stores_nothing_and_names_the_field(exchange: Exchange) -> None:
    client = exchange.client()
    answer = client.post(CASES, {**CASE, "route": "Nguyễn Thị Ví Dụ"})
    client.close()
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/route"
    assert "Nguyễn" not in answer.text
    assert wait_until(lambda: exchange.site.balance().is_settled, within=60)
    exchange.assert_sound()


def test_every_rule_these_tests_rely_on_names_the_rows_that_break_it(exchange: Exchange) -> None:
    """The last one: it spoils the installation."""
    with exchange.stream() as stream:
        stream.goes_on(6)
    exchange.settle()
    do_every_wrong(exchange.site)
    assert {found.rule for found in breaches(exchange.site.database)} == WRONGS.keys()
