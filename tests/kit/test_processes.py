"""What a real HTTP process writes: whatever fails in it, nothing that was submitted."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import orjson
import pytest
from sqlalchemy import Engine

from deploy.local.patience import wait_until
from deploy.local.ports import free_port
from deploy.stack import programs
from deploy.stack.environment import Environment, Process
from deploy.stack.keys import Keys
from shared.contracts import Queue
from shared.kit.database import Database
from tests.guarded import GuardedProcess

FRONT = "deploy.stack.front:create"
OURS = "tests.kit.serving:create"
NAME = "NguyenThiViDu"


@dataclass
class Server:
    """A process started as the front is, serving the tiny service instead."""

    process: GuardedProcess
    port: int
    log: Path

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/verification/v1"

    def end(self) -> str:
        """Stop it; all it has written."""
        self.process.terminate()
        self.process.wait(30)
        return self.log.read_text("utf-8")


@pytest.fixture
def server(engine: Engine, database: Database, tmp_path: Path) -> Iterator[Server]:
    port = free_port()
    environment = Environment(
        keys=Keys.make(tmp_path / "keys"),
        url_of=lambda _database, _role: engine.url.render_as_string(hide_password=False),
        broker_url_of=lambda _: "redis+socket:///nowhere/at/all.sock",
        base_url="https://nhipcau.test",
    )
    front = programs.front(environment, port)
    log = tmp_path / "api.log"
    with log.open("wb") as written:
        process = GuardedProcess(
            [OURS if argument == FRONT else argument for argument in front.argv],
            env=environment.of(Queue.VERIFICATION, Process.API),
            output=written,
            cwd=front.cwd,
        )
    assert wait_until(lambda: programs.answers(port), within=60), log.read_text("utf-8")
    yield Server(process, port, log)
    process.kill()
    process.wait()


def test_a_fault_in_a_real_process_is_told_without_its_text(server: Server) -> None:
    answer = httpx2.get(f"{server.address}/broken", params={"word": NAME})
    assert answer.status_code == 500
    assert NAME not in answer.text
    written = server.end()
    assert NAME not in written
    lines = [orjson.loads(line) for line in written.splitlines()]
    told = [line for line in lines if line.get("error") == "ValueError"]
    assert [line["event"] for line in told] == ["fault", "library"], "ours and uvicorn's"


def test_a_request_that_is_none_is_told_without_its_text(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as raw:
        raw.sendall(f"{NAME} is no request\r\n\r\n".encode())
        assert b" 400 " in raw.recv(1000)
    assert httpx2.get(f"{server.address}/{NAME}").status_code == 404
    assert NAME not in server.end()
