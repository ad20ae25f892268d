"""Neither of the two services that derive webhook secrets works with a master made again."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.stack.environment import CODE
from deploy.stack.keys import STAFF_MASTER, WEBHOOK_MASTER, Keys
from shared.contracts import Queue

DIRECTORY = "from services.directory.app import create; create()"
SENDER = (
    "from services.notification.settings import NotificationWorkerSettings as Settings\n"
    "from services.notification.worker import make_sender\n"
    "from shared.kit.database import Database, make_engine\n"
    "settings = Settings()\n"
    "make_sender(settings, Database(make_engine(settings.database_url)).begin)"
)


@pytest.mark.parametrize(
    ("service", "script"), [(Queue.DIRECTORY, DIRECTORY), (Queue.NOTIFICATION, SENDER)]
)
def test_a_webhook_master_made_anew_is_refused(
    new_database: Callable[[str], str], tmp_path: Path, service: Queue, script: str
) -> None:
    keys, url = Keys.make(tmp_path), new_database(service)
    settings = {
        "DATABASE_URL": url,
        "BROKER_URL": "redis://127.0.0.1:1/0",
        "LINK_KEYS_FILE": keys.link_file(service),
        "JWKS_FILE": keys.path("jwks.json"),
        "TOKEN_KEY_FILE": keys.path("token_key.json"),
        "TOKEN_ENDPOINT": "https://nhipcau.test/directory/v1/token",
        "WEBHOOK_MASTER_FILE": keys.path(WEBHOOK_MASTER),
        "STAFF_MASTER_FILE": keys.path(STAFF_MASTER),
    }

    def start() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", f"{script}\nimport os; os._exit(0)"],
            cwd=CODE,
            env={
                "PATH": os.environ["PATH"],
                **{f"{service.upper()}_{name}": str(it) for name, it in settings.items()},
            },
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    first = start()
    assert first.returncode == 0, first.stderr
    keys.path(WEBHOOK_MASTER).unlink()
    Keys.make(tmp_path)
    refused = start()
    assert refused.returncode == 1
    assert "not the keys that were used here before: webhook_master" in refused.stderr
    assert keys.path(WEBHOOK_MASTER).read_text() not in refused.stderr
