"""The worker as a process: it ends when it no longer consumes, and never tells what it met."""

import os
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
def worker(
    engine: Engine,
    receiver: Receiver,
    redis_server: Redis,
    queues: "redis.Redis",
    tmp_path: Path,
) -> Iterator[Worker]:
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "WORK_DATABASE_URL": engine.url.render_as_string(hide_password=False),
        "WORK_BROKER_URL": redis_server.url(),
        "WORK_LINK_KEYS_FILE": str(link_file(tmp_path, RECEIVER)),
        "WORK_JWKS_FILE": str(tmp_path / "unused"),
    }
    log = tmp_path / "worker.log"
    with log.open("wb") as written:
        process = GuardedProcess(
            [sys.executable, "-m", "tests.messaging.working"],
            env=environment,
            output=written,
            cwd=ROOT,
        )
    made = Worker(process, log, receiver)
    assert wait_until(lambda: made.has_consumed, within=60), made.written
    yield made
    process.kill()
    process.wait()


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
    assert wait_until(lambda: queues.hlen(f"{RECEIVER}:unacked") == 0, within=30)
    assert "Traceback" not in worker.written


def test_an_entry_of_those_in_flight_that_cannot_be_read_is_dropped(
    worker: Worker, queues: "redis.Redis"
) -> None:
    for number, item in enumerate(BYTES.values()):
        queues.hset(f"{RECEIVER}:unacked", f"junk-{number}", item)
        queues.zadd(f"{RECEIVER}:unacked_index", {f"junk-{number}": 1})
    index = f"{RECEIVER}:unacked_index"
    assert wait_until(lambda: queues.zcount(index, 0, 2) == 0, within=60), worker.written
    assert worker.process.poll() is None, worker.written


def test_a_worker_tells_of_what_escapes_its_handling_without_its_text(
    worker: Worker, redis_server: Redis
) -> None:
    Broker(SENDER, redis_server.url())._publish([(RECEIVER, NAME, [])])
    assert wait_until(lambda: refused(worker) == 1, within=30), worker.written
    worker.receiver.run(
        f"""
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql
            AS $$ BEGIN RAISE EXCEPTION '{NAME}'; END $$;
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
