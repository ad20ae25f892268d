"""Every message has somebody who handles it, and every queue somebody who consumes it."""

import importlib
from typing import Any

import pytest
import yaml

from shared.contracts import MESSAGES, Queue
from shared.messaging.consumer import Consumer
from tests.architecture.source import ROOT

COMPOSE = ROOT / "docker-compose.yml"
QUEUES = pytest.mark.parametrize("queue", Queue)


@QUEUES
def test_every_message_to_a_queue_has_a_handler_there(queue: Queue) -> None:
    consumer: Consumer = importlib.import_module(f"services.{queue}.tasks").consumer
    addressed = {message.type for message in MESSAGES if message.is_for(queue)}
    handled = {message.type for message in consumer.handlers}
    assert consumer.queue == queue
    assert handled == addressed, f"services/{queue}/tasks.py lacks {sorted(addressed - handled)}"


@pytest.fixture(scope="module")
def containers() -> dict[str, Any]:
    assert COMPOSE.exists(), "docker-compose.yml is missing"
    found: dict[str, Any] = yaml.safe_load(COMPOSE.read_text("utf-8"))["services"]
    return found


@QUEUES
@pytest.mark.parametrize("process", ["worker", "relay", "app"])
def test_every_process_of_a_service_has_a_container(
    queue: Queue, process: str, containers: dict[str, Any]
) -> None:
    command = ["python", "-m", f"services.{queue}.{process}"]
    if process == "app":
        command = ["sh", "deploy/compose/serve.sh", queue]
    running = [name for name, it in containers.items() if it.get("command") == command]
    assert len(running) == 1, f"{' '.join(command)} runs in {running or 'no container'}"
