"""Logs hold what was declared safe and nothing else."""

import re
import subprocess
import sys

import orjson
from hypothesis import given
from hypothesis import strategies as st

from shared.kit.logging import ALLOWED, keep_allowed

TELLING = re.compile(r"(^|_)(name|phone|address_line|birth|text|body|email|token|secret|key)(_|$)")

PROGRAM = """
import logging
from shared.kit.logging import configure, logger
configure("intake", "api", "INFO")
logger().info("case_received", case_id="c-1", name="Thu", phone="0912345678", body={"name": "Thu"})
logger().debug("too_quiet", case_id="c-2")
logging.getLogger("kombu").warning("argument %s", "0912345678")
logging.getLogger("sqlalchemy").error("parameters %s", {"name": "Thu"})
"""

ON_A_THREAD = """
import threading
from shared.kit.logging import configure, logger
configure("intake", "worker", "INFO")
thread = threading.Thread(target=lambda: logger().info("broker_down"))
thread.start()
thread.join()
"""

ESCAPING = """
import gc, logging, logging.config, threading, warnings
import uvicorn.config
from shared.kit.logging import configure
from shared.kit.pages import decode

class Unclosed:
    def __del__(self):
        raise ValueError("Thu")

def fail():
    raise LookupError("Thu")

logging.config.dictConfig(uvicorn.config.LOGGING_CONFIG)
configure("intake", "api", "INFO")
for name in ("uvicorn.error", "celery.app.trace", "asyncio"):
    try:
        raise RuntimeError("Thu")
    except RuntimeError as error:
        logging.getLogger(name).exception("said %s", "Thu", stack_info=True)
        logging.getLogger(name).error(error)
logging.getLogger("uvicorn.access").info('"GET /%s"', "Thu")
warnings.warn("Thu")
thread = threading.Thread(target=fail)
thread.start()
thread.join()
Unclosed()
gc.collect()
try:
    raise RuntimeError("Thu")
except RuntimeError:
    decode("Thu", b"")
"""

ESCAPED = ("uvicorn.error", "celery.app.trace", "asyncio")


def written(program: str = PROGRAM, *, status: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == status, done.stderr
    return done.stdout + done.stderr


def test_a_line_is_json_with_its_service_and_without_what_nobody_declared_safe() -> None:
    lines = written().splitlines()
    line = orjson.loads(lines[0])
    assert line["event"] == "case_received"
    assert (line["service"], line["process"], line["level"]) == ("intake", "api", "info")
    assert line["case_id"] == "c-1"
    assert set(line) <= ALLOWED


def test_what_another_thread_writes_is_its_process_s_too() -> None:
    line = orjson.loads(written(ON_A_THREAD))
    assert (line["service"], line["process"]) == ("intake", "worker")


def test_libraries_that_log_arguments_are_heard_without_them() -> None:
    text = written()
    assert "0912345678" not in text
    assert "Thu" not in text
    assert "too_quiet" not in text
    assert "kombu" in text


def test_of_an_exception_only_its_class_and_our_place_are_told() -> None:
    lines = [orjson.loads(line) for line in written(ESCAPING, status=1).splitlines()]
    assert "Thu" not in str(lines)
    told = [(line.get("source", line["event"]), line.get("error")) for line in lines]
    assert told == [
        *[(name, "RuntimeError") for name in ESCAPED for _ in range(2)],
        ("py.warnings", None),
        ("uncaught", "LookupError"),
        ("uncaught", "ValueError"),
        ("uncaught", "CursorUnknown"),
    ]
    assert re.fullmatch(r"shared/kit/pages\.py:\d+", lines[-1]["place"])


@given(event=st.dictionaries(st.text(max_size=12) | st.sampled_from(sorted(ALLOWED)), st.text()))
def test_a_key_that_is_not_declared_never_passes(event: dict[str, str]) -> None:
    kept = keep_allowed(event)
    assert set(kept) == set(event) & ALLOWED
    assert all(kept[key] == event[key] for key in kept)


def test_no_declared_key_promises_identity() -> None:
    assert not [key for key in ALLOWED if TELLING.search(key)]
