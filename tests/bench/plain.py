"""N: Celery with nothing but hops: no database, no durability, tuned as well as can be."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from celery import Celery, Task

from tests.bench.stopwatch import Stopwatch

HOPS = 4
"""Of N itself; N10 has as many as a case of ours has messages."""
MOST_HOPS = 64


def plain_app(url: str) -> Celery:
    """Solo pool, late acknowledgement, nothing on that costs time."""
    app = Celery("plain", broker=url)
    app.conf.update(
        task_ignore_result=True,
        task_acks_late=True,
        worker_prefetch_multiplier=1,
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        worker_hijack_root_logger=False,
        broker_connection_retry_on_startup=True,
        broker_transport_options={"priority_steps": [0], "visibility_timeout": 3600},
        task_routes={f"plain.hop{n}": {"queue": f"plain{n}"} for n in range(MOST_HOPS)},
    )
    return app


def payload(job: int) -> dict[str, Any]:
    """About as many bytes as one of our messages."""
    return {"job": job, "case": "0190f5a0-0000-7000-8000-000000000000", "codes": ["x" * 24] * 8}


Step = Callable[[dict[str, Any]], None]


def nothing(body: dict[str, Any]) -> None:
    """What a hop is to the processes that only send to it."""


def declare(app: Celery, hop: int, step: Step = nothing) -> Task:
    """A hop; only its own worker gives it something to do."""

    def run(body: dict[str, Any]) -> None:
        step(body)

    return app.task(run, name=f"plain.hop{hop}")


def worker(url: str, hop: int, hops: int, ends: Path, jobs: int) -> None:
    """One hop of so many, as a process of its own."""
    app = plain_app(url)
    watch = Stopwatch(ends, jobs)

    def last(body: dict[str, Any]) -> None:
        watch.stop(body["job"])

    if hop == hops - 1:
        declare(app, hop, last)
    else:
        following = declare(app, hop + 1)
        declare(app, hop, following.delay)
    app.worker_main(
        [
            "worker", f"--queues=plain{hop}", "--pool=solo", "--without-gossip",
            "--without-mingle", "--without-heartbeat", "--loglevel=ERROR",
        ],
    )  # fmt: skip


if __name__ == "__main__":
    url, hop, hops, ends, jobs = sys.argv[1:]
    worker(url, int(hop), int(hops), Path(ends), int(jobs))
