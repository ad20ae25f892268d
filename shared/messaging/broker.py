"""The broker: Celery on Redis, declared once. Nothing that must survive is kept in it.

Celery's own retries, countdowns, priorities, results and remote control stay off: the measured
ways in which they lose or repeat work are closed by PostgreSQL instead (outbox, inbox, held
messages). Messages are routed by queue name alone, because with an explicit exchange a broker that
lost its bindings drops them without an error.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from celery import Celery, signals
from kombu import Connection, Producer
from kombu.exceptions import BatchPublishError, KombuError, OperationalError
from kombu.serialization import register
from redis import Redis
from redis.exceptions import RedisError

from shared.kit.identifiers import new_id
from shared.messaging.envelope import Wire

BrokerDown = (OperationalError, BatchPublishError, RedisError, OSError)
"""What publishing raises when the broker cannot be reached: never a reason to lose or to fail."""

Unreadable = (KombuError, ValueError, LookupError, TypeError, AttributeError)
"""What kombu raises for bytes in a queue that no sender of ours has put there."""

DELIVER = "nhipcau.deliver"
BEAT = "nhipcau.beat"
SERIALIZER = "frame"
CONTENT_TYPE = "application/x-nhipcau-frame"

register(
    SERIALIZER,
    lambda value: orjson.dumps(value).decode(),
    orjson.loads,
    content_type=CONTENT_TYPE,
    content_encoding="utf-8",
)


def transport_options(service: str) -> dict[str, Any]:
    """Sockets that cannot hang for ever, and in-flight bookkeeping of this service alone."""
    return {
        "visibility_timeout": 180,
        "unacked_key": f"{service}:unacked",
        "unacked_index_key": f"{service}:unacked_index",
        "unacked_mutex_key": f"{service}:unacked_mutex",
        "unacked_mutex_expire": 30,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "priority_steps": [0],
        "socket_timeout": 5,
        "socket_connect_timeout": 3,
        "socket_keepalive": True,
        "health_check_interval": 10,
        "client_name": f"nhipcau-{service}",
    }


def celery_app(service: str, broker_url: str) -> Celery:
    """The Celery application of one service's worker."""
    # Whoever hears this signal is asked instead of Celery, whose own handlers write tracebacks.
    signals.setup_logging.connect(_keep_our_logging)
    app = Celery(service, broker=broker_url, set_as_current=False)
    app.conf.update(
        broker_transport_options=transport_options(service),
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
    return app


def _keep_our_logging(**_asked: Any) -> None:
    """Logging is configured already, by the composition root."""


def receipts_queue(service: str) -> str:
    """Where receivers tell this service what they have committed."""
    return f"{service}.receipts"


class Broker:
    """One connection for publishing and for looking at the queues. Not thread-safe."""

    def __init__(self, service: str, url: str) -> None:
        self._service = service
        self._url = url
        self._connection: Connection | None = None
        self._producer: Producer | None = None

    def send_frames(self, frames: Iterable[tuple[str, Sequence[Wire]]]) -> None:
        """Publish frames, each for one queue, in one round trip; raises ``BrokerDown``."""
        self._publish((queue, DELIVER, [list(frame)]) for queue, frame in frames)

    def send_beat(self, queue: str) -> None:
        """Send a canary through a queue; raises ``BrokerDown``."""
        self._publish([(queue, BEAT, [])])

    def send_receipts(self, receipts: Iterable[tuple[str, Wire]]) -> None:
        """Publish receipts to the queues of their senders; raises ``BrokerDown``."""
        producer = self._open()
        try:
            with producer.batch():
                for sender, wire in receipts:
                    producer.publish(
                        wire,
                        exchange="",
                        routing_key=receipts_queue(sender),
                        serializer=SERIALIZER,
                    )
        except BrokerDown:
            self.close()
            raise

    def take_receipts(self, most: int) -> list[Any]:
        """Remove up to ``most`` receipts from our own queue; one that cannot be read is ``None``.

        Nothing is acknowledged: a receipt that is lost here costs one more sending, which the
        receiver's inbox absorbs.
        """
        self._open()
        channel = self._channel()
        taken: list[Any] = []
        try:
            while len(taken) < most:
                try:
                    message = channel.basic_get(receipts_queue(self._service), no_ack=True)
                    if message is None:
                        break
                    taken.append(channel.message_to_python(message).payload)
                except BrokerDown:
                    raise
                except Unreadable:
                    taken.append(None)
        except BrokerDown:
            self.close()
            raise
        return taken

    def backlogs(self, queues: Sequence[str]) -> dict[str, int]:
        """How many frames wait in each queue; raises ``BrokerDown``."""
        with self._redis().pipeline(transaction=False) as pipe:
            for queue in queues:
                pipe.llen(queue)
            return dict(zip(queues, self._run(pipe.execute), strict=True))

    def epoch(self) -> str | None:
        """The mark this service left in this life of the broker."""
        value = self._run(lambda: self._redis().get(self._epoch_key))
        return value.decode() if value is not None else None

    def leave_mark(self, epoch: str) -> None:
        """Leave a mark that is gone when the broker loses everything."""
        self._run(lambda: self._redis().set(self._epoch_key, epoch))

    def close(self) -> None:
        """Drop the connection; the next use opens another."""
        connection, self._connection, self._producer = self._connection, None, None
        if connection is not None:
            connection.release()

    @property
    def _epoch_key(self) -> str:
        return f"{self._service}:epoch"

    def _publish(self, tasks: Iterable[tuple[str, str, list[Any]]]) -> None:
        producer = self._open()
        try:
            with producer.batch():
                for queue, task, arguments in tasks:
                    producer.publish(
                        (arguments, {}, {}),
                        exchange="",
                        routing_key=queue,
                        serializer=SERIALIZER,
                        headers=_headers(task),
                        delivery_mode=2,
                    )
        except BrokerDown:
            self.close()
            raise

    def _open(self) -> Producer:
        if self._producer is None:
            self._connection = Connection(
                self._url,
                # Kombu would try for six seconds; whoever publishes has more to do than to wait.
                transport_options={**transport_options(self._service), "max_retries": 0},
            )
            try:
                self._producer = Producer(self._connection.default_channel, auto_declare=False)
            except BrokerDown:
                self.close()
                raise
        return self._producer

    def _channel(self) -> Any:
        self._open()
        assert self._connection is not None  # noqa: S101 - opened on the line above
        return self._connection.default_channel

    def _redis(self) -> "Redis":
        client: Redis = self._channel().client
        return client

    def _run(self, call: Any) -> Any:
        try:
            return call()
        except BrokerDown:
            self.close()
            raise


def _headers(task: str) -> dict[str, Any]:
    """Celery's protocol 2 headers; its own sender would copy the arguments into them in clear."""
    task_id = str(new_id())
    return {
        "lang": "py",
        "task": task,
        "id": task_id,
        "root_id": task_id,
        "parent_id": None,
        "group": None,
        "argsrepr": "",
        "kwargsrepr": "",
        "ignore_result": True,
    }
