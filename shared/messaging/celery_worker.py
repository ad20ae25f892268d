"""Celery, as a worker consumes with it: no command line, no pool, no remote control.

Celery's own retries, countdowns, priorities, results and remote control stay off: the measured
ways in which they lose or repeat work are closed by PostgreSQL instead (outbox, inbox, held
messages).
"""

from collections.abc import Callable, Mapping
from typing import Any

from celery import Celery, signals

from shared.kit.sentinels import Sentinels
from shared.messaging.broker import SERIALIZER, transport_options
from shared.messaging.door import CONTENT_TYPE

Tasks = Mapping[str, Callable[..., None]]
"""What is called with the argument of each task, by its name."""


def celery_app(service: str, broker_url: str, sentinels: Sentinels | None, tasks: Tasks) -> Celery:
    """The Celery application of one service's worker."""
    # Whoever hears this signal is asked instead of Celery, whose own handlers write tracebacks.
    signals.setup_logging.connect(_keep_our_logging)
    app = Celery(service, broker=broker_url, set_as_current=False)
    app.conf.update(
        broker_transport_options=transport_options(service, sentinels),
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        # A worker that lost its connection ends and is started again: reconnecting in place can
        # leave a consumer that never consumes (seen here after a killed broker).
        broker_connection_retry=False,
        task_default_queue=service,
        task_create_missing_queues=False,
        task_serializer=SERIALIZER,
        accept_content=[CONTENT_TYPE],
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=False,
        task_publish_retry=False,
        worker_prefetch_multiplier=1,
        worker_concurrency=1,
        worker_pool="solo",
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_cancel_long_running_tasks_on_connection_loss=True,
        worker_soft_shutdown_timeout=10,
    )
    for name, call in tasks.items():
        app.task(call, name=name)
    return app


def consume(app: Celery) -> int:
    """Work until told to stop, on the main thread; returns the exit status of the process.

    Not ``worker_main``: the command line and what it imports would stay for the worker's life.
    """
    worker = app.Worker(
        queues=[app.main],
        loglevel="WARNING",
        quiet=True,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )
    worker.start()
    return int(worker.exitcode or 0)


def _keep_our_logging(**_asked: Any) -> None:
    """Logging is configured already, by the composition root."""
