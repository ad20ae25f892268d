"""What a started process holds for its whole life: nothing it does not run."""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import redis
from sqlalchemy import Engine

from deploy.local.patience import wait_until
from deploy.local.redis import Redis
from tests.architecture.source import ROOT
from tests.guarded import GuardedProcess
from tests.loaded import IDLE, OF_A_WORKER, needless
from tests.messaging.parts import RECEIVER, Receiver, link_file

PROGRAM = """
import atexit, sys
from services.{service}.{role} import main
atexit.register(lambda: print("LOADED", *sys.modules, flush=True))
main()
"""
"""An entry point as it is, which says at its end what has been loaded since its beginning."""

UNWANTED = {"worker": IDLE, "relay": IDLE | OF_A_WORKER, "back": IDLE}


@pytest.fixture
def environment(engine: Engine, redis_server: Redis, tmp_path: Path) -> dict[str, str]:
    prefix = RECEIVER.upper()
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        f"{prefix}_DATABASE_URL": engine.url.render_as_string(hide_password=False),
        f"{prefix}_BROKER_URL": redis_server.url(),
        f"{prefix}_LINK_KEYS_FILE": str(link_file(tmp_path, RECEIVER)),
        f"{prefix}_JWKS_FILE": str(tmp_path / "unused"),
    }


@pytest.mark.parametrize("role", sorted(UNWANTED))
def test_a_started_process_holds_what_it_runs(
    role: str,
    environment: dict[str, str],
    receiver: Receiver,
    queues: "redis.Redis",
    tmp_path: Path,
) -> None:
    def consumes() -> bool:
        return bool(receiver.rows("SELECT * FROM heartbeats"))

    def sweeps() -> bool:
        return queues.get(f"{RECEIVER}:epoch") is not None

    has_begun: dict[str, Callable[[], bool]] = {
        "worker": consumes,
        "relay": sweeps,
        "back": lambda: consumes() and sweeps(),
    }
    log = tmp_path / "log"
    with log.open("wb") as written:
        process = GuardedProcess(
            [sys.executable, "-c", PROGRAM.format(service=RECEIVER, role=role)],
            env=environment,
            output=written,
            cwd=ROOT,
        )
    assert wait_until(has_begun[role], within=60), log.read_text("utf-8")
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0, log.read_text("utf-8")
    (told,) = [line for line in log.read_text("utf-8").splitlines() if line.startswith("LOADED")]
    modules = told.split()[1:]
    assert f"services.{RECEIVER}.domain" in modules
    assert not needless(modules, UNWANTED[role])
