"""The broker: queues in Redis, declared once. Nothing that must survive is kept in it.

Messages are routed by queue name alone, because with an explicit exchange a broker that lost its
bindings drops them without an error. Who only sends and looks needs no Celery: a worker consumes
with it (``celery_worker``), everybody else has kombu.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, cast

import orjson
from kombu import Connection, Producer
from kombu.exceptions import BatchPublishError, OperationalError
from kombu.serialization import register
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError
from redis.retry import Retry

from shared.kit.logging import logger
from shared.kit.sentinels import Sentinels
from shared.messaging import door, transport
from shared.messaging.door import BEAT, CONTENT_TYPE, DELIVER
from shared.messaging.envelope import Wire

BrokerDown = (OperationalError, BatchPublishError, RedisError, OSError)
"""What publishing raises when the broker cannot be reached: never a reason to lose or to fail."""

SERIALIZER = "frame"
MOST_RECEIPTS = 1000
"""With so many receipts waiting for a relay, no more are sent to it: it is not running, and a
receipt that is not sent costs no more than one that is lost. They take about 30 MB, and are more
than one worker sends in a minute."""

BLOCKED = 2**31
"""The length of a queue to which nothing can be sent."""

_FORMER_BOOKS = ("unacked", "unacked_index", "unacked_mutex")

transport.install()
register(
    SERIALIZER,
    lambda value: orjson.dumps(value).decode(),
    orjson.loads,
    content_type=CONTENT_TYPE,
    content_encoding="utf-8",
)


TIMEOUTS = {"socket_timeout": 5, "socket_connect_timeout": 3, "socket_keepalive": True}
"""Seconds after which a server that does not answer counts as down."""


def transport_options(service: str, sentinels: Sentinels | None = None) -> dict[str, Any]:
    """Sockets that cannot hang for ever, and no books in the broker of what is in hand.

    What a worker has taken is its sender's to send again when the worker is missed or the lease
    ends, and the inbox absorbs what comes twice. A worker that is told to stop puts back what it
    has not begun.
    """
    return _sentinel_options(sentinels) | {
        "ack_emulation": False,
        "priority_steps": [0],
        **TIMEOUTS,
        "health_check_interval": 10,
        "client_name": f"nhipcau-{service}",
    }


def _sentinel_options(sentinels: Sentinels | None) -> dict[str, Any]:
    if sentinels is None:
        return {}
    asking = TIMEOUTS | {
        "username": sentinels.username,
        "password": sentinels.password,
        # Another one is asked at once: that is what there are several for.
        "retry": Retry(NoBackoff(), retries=0),
    }
    return {"master_name": sentinels.master_name, "sentinel_kwargs": asking}


def receipts_queue(service: str) -> str:
    """Where receivers tell this service what they have committed."""
    return f"{service}.receipts"


class Broker:
    """One connection for publishing and for looking at the queues. Not thread-safe."""

    def __init__(self, service: str, url: str, sentinels: Sentinels | None = None) -> None:
        self._service = service
        self._url = url
        self._sentinels = sentinels
        self._connection: Connection | None = None
        self._producer: Producer | None = None

    def send_frames(self, frames: Iterable[tuple[str, Sequence[Wire]]]) -> None:
        """Publish frames, each for one queue, in one round trip; raises ``BrokerDown``."""
        self._publish((queue, DELIVER, [list(frame)]) for queue, frame in frames)

    def send_beat(self, queue: str) -> None:
        """Send a canary through a queue; raises ``BrokerDown``."""
        self._publish([(queue, BEAT, [])])

    def send_receipts(self, receipts: Sequence[tuple[str, Wire]]) -> None:
        """Publish receipts to those senders whose queue is not full; raises ``BrokerDown``."""
        waiting = self.backlogs([*{receipts_queue(sender) for sender, _ in receipts}])
        producer = self._open()
        try:
            with producer.batch():
                for sender, wire in receipts:
                    queue = receipts_queue(sender)
                    if waiting[queue] < MOST_RECEIPTS:
                        waiting[queue] += 1
                        producer.publish(
                            wire, exchange="", routing_key=queue, serializer=SERIALIZER
                        )
        except BrokerDown:
            self.close()
            raise

    def take_receipts(self, most: int) -> list[Any]:
        """Remove up to ``most`` receipts from our own queue; what is none may be ``Junk``.

        Nothing is acknowledged: a receipt that is lost here costs one more sending, which the
        receiver's inbox absorbs.
        """
        taken = self._run(lambda: self._redis().rpop(receipts_queue(self._service), most))
        return [door.content(item) for item in taken or []]

    def take_waiting(self, most: int) -> list[bytes]:
        """Remove up to ``most`` items from our own queue, oldest first; raises ``BrokerDown``."""
        return self._run(lambda: self._redis().rpop(self._service, most)) or []

    def forget_former_books(self) -> None:
        """Delete what the release before wrote down of frames in hand; they are sent again."""
        former = [f"{self._service}:{name}" for name in _FORMER_BOOKS]
        self._run(lambda: self._redis().delete(*former))

    def backlogs(self, queues: Sequence[str]) -> dict[str, int]:
        """How many frames wait in each queue; raises ``BrokerDown``.

        What should be a queue and is something else counts as too long for anything to be sent,
        until the service it belongs to has set it right: the others go on.
        """
        with self._redis().pipeline(transaction=False) as pipe:
            for queue in queues:
                pipe.llen(queue)
            found = self._run(partial(_answers, pipe))
        lengths = [BLOCKED if length is None else int(length) for length in found]
        return dict(zip(queues, lengths, strict=True))

    def set_right(self) -> list[str]:
        """Delete keys of this service that hold another type than they must; returns these.

        Nobody of ours makes them, and as long as one is there every use of it fails: what cannot
        be read or written is as lost as if it had been deleted, and is told again.
        """
        redis = self._redis()
        with redis.pipeline(transaction=False) as pipe:
            for key, ask in self._keys().items():
                ask(pipe, key)
            found = self._run(partial(_answers, pipe, refused=_WRONG))
        wrong = [key for key, answer in zip(self._keys(), found, strict=True) if answer is _WRONG]
        if wrong:
            self._run(lambda: redis.delete(*wrong))
            logger().error("broker_keys_of_wrong_type", count=len(wrong))
        return wrong

    def epoch(self) -> str | None:
        """The mark this service left in this life of the broker; what is no mark counts as none."""
        value = self._run(self._mark)
        return value.decode("ascii", "replace") if value is not None else None

    def leave_mark(self, epoch: str) -> None:
        """Leave a mark in the broker: it is missing if the broker has lost everything."""
        self._run(lambda: self._redis().set(self._epoch_key, epoch))

    def close(self) -> None:
        """Drop the connection; the next use opens another."""
        connection, self._connection, self._producer = self._connection, None, None
        if connection is not None:
            connection.release()

    def _keys(self) -> dict[str, Callable[[Any, str], object]]:
        """Our own keys, each with a question that only a key of its type answers."""
        return {
            self._service: _length,
            receipts_queue(self._service): _length,
            self._epoch_key: lambda pipe, key: pipe.get(key),
        }

    def _mark(self) -> bytes | None:
        try:
            value = self._redis().get(self._epoch_key)
        except ResponseError as refused:
            if not _is_wrong_type(refused):
                raise
            return None
        return cast("bytes | None", value)

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
                        headers=door.task_headers(task),
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
                transport_options={
                    **transport_options(self._service, self._sentinels),
                    "max_retries": 0,
                },
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


_WRONG = object()


def _answers(pipe: Any, refused: object = None) -> list[Any]:
    """What a pipeline answers; ``refused`` for each question to a key of another type."""
    answers = pipe.execute(raise_on_error=False)
    for fault in answers:
        if isinstance(fault, Exception) and not _is_wrong_type(fault):
            raise fault
    return [refused if isinstance(answer, Exception) else answer for answer in answers]


def _is_wrong_type(fault: Exception) -> bool:
    return isinstance(fault, ResponseError) and str(fault).startswith("WRONGTYPE")


def _length(pipe: Any, key: str) -> object:
    return pipe.llen(key)
