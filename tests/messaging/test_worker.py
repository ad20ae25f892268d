"""The worker as a process: it ends when it no longer consumes, and never tells what it met."""

import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import orjson
import pytest
import redis
from sqlalchemy import Engine

from deploy.local.patience import wait_until
from deploy.local.redis import Redis
from shared.messaging import presence
from shared.messaging.broker import Broker
from shared.messaging.watchdog import SILENCE, STUCK
from tests.architecture.source import ROOT
from tests.guarded import GuardedProcess
from tests.messaging.junk import BYTES
from tests.messaging.parts import RECEIVER, SENDER, Receiver, link_file, wires
from tests.messaging.working import STAND_STILL

NAME = "Nguyễn Thị Ví Dụ"


@dataclass
class Worker:
    """The process, and what can be seen of it."""

    process: GuardedProcess
    log: Path
    receiver: Receiver

    @property
    def has_consumed(self) -> bool:
        """Whether a canary has come out."""
        return bool(self.receiver.rows("SELECT * FROM heartbeats"))

    @property
    def written(self) -> str:
        return self.log.read_text("utf-8")


@pytest.fixture
def role() -> str:
    return "worker"


@pytest.fixture
def environment(engine: Engine, redis_server: Redis, tmp_path: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "WORK_DATABASE_URL": engine.url.render_as_string(hide_password=False),
        "WORK_BROKER_URL": redis_server.url(),
        "WORK_LINK_KEYS_FILE": str(link_file(tmp_path, RECEIVER)),
        "WORK_JWKS_FILE": str(tmp_path / "unused"),
    }


@pytest.fixture
def worker(
    role: str,
    environment: dict[str, str],
    receiver: Receiver,
    queues: "redis.Redis",
    tmp_path: Path,
) -> Iterator[Worker]:
    log = tmp_path / "worker.log"
    with log.open("wb") as written:
        process = GuardedProcess(
            [sys.executable, "-m", "tests.messaging.working", role],
            env=environment,
            output=written,
            cwd=ROOT,
        )
    made = Worker(process, log, receiver)
    assert wait_until(lambda: made.has_consumed, within=60), made.written
    yield made
    process.kill()
    process.wait()


@pytest.mark.parametrize("role", ["worker", "back"])
def test_a_worker_that_no_longer_consumes_ends_itself(
    worker: Worker, queues: "redis.Redis"
) -> None:
    worker.process.send_signal(STAND_STILL)
    assert worker.process.wait(SILENCE + 60) == STUCK
    assert queues.llen(RECEIVER) > 0, "its last canaries were never taken"
    assert "worker_stuck" in worker.written


def refused(worker: Worker) -> int:
    (row,) = worker.receiver.rows("SELECT coalesce(sum(times), 0) AS n FROM refused_envelopes")
    return int(row["n"])


def test_no_bytes_in_its_queue_end_a_worker_or_hold_up_what_lies_beside_them(
    worker: Worker, redis_server: Redis, queues: "redis.Redis"
) -> None:
    case_id = uuid4()
    queues.lpush(RECEIVER, *BYTES.values())
    Broker(SENDER, redis_server.url()).send_frames([(RECEIVER, wires(case_id, 1))])
    queues.lpush(RECEIVER, *BYTES.values())
    assert wait_until(lambda: refused(worker) == 2 * len(BYTES), within=60), worker.written
    assert worker.process.poll() is None, worker.written
    assert list(worker.receiver.states().values()) == ["handled"]
    assert queues.llen(RECEIVER) == 0
    assert "Traceback" not in worker.written


FORMER_BOOKS = [f"{RECEIVER}:{name}" for name in ("unacked", "unacked_index", "unacked_mutex")]


@pytest.fixture
def former_books(queues: "redis.Redis") -> None:
    """What a worker of the release before has left of the frame it was killed with."""
    unacked, index, mutex = FORMER_BOOKS
    queues.hset(unacked, "tag", "[{}, null, null]")
    queues.zadd(index, {"tag": 1})
    queues.set(mutex, "token")


@pytest.mark.usefixtures("former_books")
def test_a_worker_keeps_no_books_in_the_broker_and_forgets_those_of_the_release_before(
    worker: Worker, redis_server: Redis, queues: "redis.Redis"
) -> None:
    Broker(SENDER, redis_server.url()).send_frames([(RECEIVER, wires(uuid4(), 1))])
    assert wait_until(lambda: bool(worker.receiver.states()), within=30), worker.written
    assert queues.exists(*FORMER_BOOKS) == 0
    assert {key for key in queues.keys(f"{RECEIVER}*") if queues.type(key) != b"list"} == set()


def test_what_waits_is_handled_in_few_transactions(
    worker: Worker, redis_server: Redis, queues: "redis.Redis"
) -> None:
    frames = [wires(uuid4(), 1) for _ in range(100)]
    worker.process.send_signal(signal.SIGSTOP)
    Broker(SENDER, redis_server.url()).send_frames([(RECEIVER, each) for each in frames])
    queues.lpush(RECEIVER, BYTES["word"])
    worker.process.send_signal(signal.SIGCONT)
    assert wait_until(lambda: len(worker.receiver.states()) == 100, within=30), worker.written
    assert wait_until(lambda: refused(worker) == 1, within=30), worker.written
    handled = worker.receiver.rows("SELECT count(DISTINCT xmin::text) AS n FROM inbox")
    assert handled[0]["n"] <= 10, "a hundred frames of one message"


def test_a_worker_tells_of_what_escapes_its_handling_without_its_text(
    worker: Worker, redis_server: Redis
) -> None:
    Broker(SENDER, redis_server.url())._publish([(RECEIVER, NAME, [])])
    assert wait_until(lambda: refused(worker) == 1, within=30), worker.written
    worker.receiver.run(
        f"""
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql
            AS $$ BEGIN RAISE EXCEPTION '{NAME}'; END $$
        """
    )
    worker.receiver.run(
        """
        CREATE TRIGGER refuse BEFORE INSERT ON heartbeats
            FOR EACH STATEMENT EXECUTE FUNCTION refuse()
        """
    )
    try:
        assert wait_until(lambda: "celery.app.trace" in worker.written, within=30), worker.written
    finally:
        worker.receiver.run("DROP FUNCTION refuse CASCADE")
    worker.process.terminate()
    worker.process.wait(30)
    assert NAME not in worker.written
    assert "Nguy" not in worker.written
    lines = [orjson.loads(line) for line in worker.written.splitlines() if line.startswith("{")]
    assert "ProgrammingError" in {line.get("error") for line in lines}


def is_missed(worker: Worker) -> bool:
    with worker.receiver.database.begin() as session:
        return presence.missed(session) is not None


def test_a_worker_that_was_killed_is_missed(worker: Worker) -> None:
    assert not is_missed(worker)
    worker.process.kill()
    worker.process.wait(30)
    assert wait_until(lambda: is_missed(worker), within=10)
    assert not is_missed(worker)


def test_a_worker_that_was_told_to_stop_is_missed_by_nobody(worker: Worker) -> None:
    worker.process.terminate()
    assert worker.process.wait(30) == 0
    assert not worker.receiver.rows("SELECT * FROM workers")


def test_a_worker_that_was_cut_off_from_its_broker_is_missed(
    worker: Worker, queues: "redis.Redis"
) -> None:
    """It may have been given what it never saw."""
    queues.client_kill_filter(_type="normal", skipme=True)
    worker.process.wait(60)
    assert wait_until(lambda: is_missed(worker), within=10), worker.written
