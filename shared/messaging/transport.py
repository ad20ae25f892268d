"""Kombu's Redis transports behind our door: only our own tasks come out of a queue."""

from collections.abc import Callable
from typing import Any

from kombu.transport import TRANSPORT_ALIASES
from kombu.transport import redis as kombu_redis
from redis import Redis

from shared.messaging import door


class _Doorkeeper(Redis):
    """The client a worker reads its queue with."""

    def parse_response(self, connection: Any, command_name: Any, **options: Any) -> Any:
        """The answer; for what was taken from a queue, as ``door.admit`` lets it in."""
        parse: Callable[..., Any] = super().parse_response
        answer = parse(connection, command_name, **options)
        if command_name == "BRPOP" and answer:
            queue, item = answer
            return queue, door.admit(item, queue.decode())
        return answer


class _Behind:
    """What both channels have in common."""

    def _get_client(self) -> type[Redis]:
        return _Doorkeeper


class Channel(_Behind, kombu_redis.Channel):  # type: ignore[misc]
    """A channel to one Redis."""


class SentinelChannel(_Behind, kombu_redis.SentinelChannel):  # type: ignore[misc]
    """A channel to the Redis that the sentinels name as master."""


class Transport(kombu_redis.Transport):  # type: ignore[misc]
    """``redis://`` and ``redis+socket://``."""

    Channel = Channel


class SentinelTransport(kombu_redis.SentinelTransport):  # type: ignore[misc]
    """``sentinel://``."""

    Channel = SentinelChannel


def install() -> None:
    """Have kombu use these wherever a broker's address names Redis."""
    ours = f"{__name__}:{Transport.__name__}"
    TRANSPORT_ALIASES.update(
        redis=ours, rediss=ours, sentinel=f"{__name__}:{SentinelTransport.__name__}"
    )
