"""Other task queues over the same four hops, set for speed: no durability, nothing to do.

Dramatiq runs without its middleware, so without retries; the others keep no result.
"""

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench.plain import HOPS
from tests.bench.stopwatch import Stopwatch

Send = Callable[[dict[str, Any]], None]
Step = Callable[[int, dict[str, Any]], None]


class Dramatiq:
    """One process, eight threads, as dramatiq recommends for input and output."""

    def __init__(self, url: str) -> None:
        import dramatiq  # noqa: PLC0415 - only the bench group has it
        from dramatiq.brokers.redis import RedisBroker  # noqa: PLC0415

        self._dramatiq = dramatiq
        self._broker = RedisBroker(url=url, middleware=[])

    def declare(self, hop: int, step: Callable[[dict[str, Any]], None]) -> Send:
        """A hop; returns how to send to it."""
        actor = self._dramatiq.actor(
            step, actor_name=f"hop{hop}", queue_name=f"dramatiq{hop}", broker=self._broker
        )
        return lambda body: actor.send(body) and None

    def work(self, hop: int) -> None:
        """Consume one hop for ever."""
        worker = self._dramatiq.Worker(self._broker, queues={f"dramatiq{hop}"}, worker_threads=8)
        worker.start()
        worker.join()
        asyncio.run(asyncio.Event().wait())


class Huey:
    """Four threads; a job popped by a killed worker is lost."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._queues: dict[int, Any] = {}

    def declare(self, hop: int, step: Callable[[dict[str, Any]], None]) -> Send:
        """A hop; returns how to send to it."""
        from huey import RedisHuey  # noqa: PLC0415 - only the bench group has it

        queue = RedisHuey(f"huey{hop}", url=self._url, results=False)
        self._queues[hop] = queue

        def run(body: dict[str, Any]) -> None:
            step(body)

        # Huey names a task after its module, which is another in the process that is run.
        run.__module__ = "bench"
        task = queue.task(name=f"hop{hop}")(run)
        return lambda body: task(body) and None

    def work(self, hop: int) -> None:
        """Consume one hop for ever."""
        self._queues[hop].create_consumer(workers=4, periodic=False).run()


class Taskiq:
    """A list in Redis; a job popped by a killed worker is lost."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._brokers: dict[int, Any] = {}
        self._loop = asyncio.new_event_loop()

    def declare(self, hop: int, step: Callable[[dict[str, Any]], Any]) -> Send:
        """A hop; returns how to send to it."""
        from taskiq_redis import ListQueueBroker  # noqa: PLC0415 - only the bench group has it

        broker = ListQueueBroker(self._url, queue_name=f"taskiq{hop}")
        self._brokers[hop] = broker

        async def run(body: dict[str, Any]) -> None:
            result = step(body)
            if result is not None:
                await result

        task = broker.register_task(run, task_name=f"hop{hop}")
        send: Send = task.kiq
        return send

    def work(self, hop: int) -> None:
        """Consume one hop for ever."""
        from taskiq.api import run_receiver_task  # noqa: PLC0415

        async def forever() -> None:
            for broker in self._brokers.values():
                await broker.startup()
            await run_receiver_task(self._brokers[hop])

        self._loop.run_until_complete(forever())

    def send_all(self, hop: int, send: Send, bodies: list[dict[str, Any]]) -> None:
        """Send from outside any event loop."""

        async def sending() -> None:
            await self._brokers[hop].startup()
            for body in bodies:
                await send(body)  # type: ignore[func-returns-value, misc]

        self._loop.run_until_complete(sending())


PEERS: dict[str, type[Dramatiq | Huey | Taskiq]] = {
    "dramatiq": Dramatiq,
    "huey": Huey,
    "taskiq": Taskiq,
}


def send_all(name: str, url: str, bodies: list[dict[str, Any]]) -> None:
    """Put jobs into a peer's first queue."""
    peer = PEERS[name](url)
    send = peer.declare(0, lambda _body: None)
    if isinstance(peer, Taskiq):
        peer.send_all(0, send, bodies)
        return
    for body in bodies:
        send(body)


def worker(name: str, url: str, hop: int, ends: Path, jobs: int) -> None:
    """One hop of a peer as a process of its own."""
    watch = Stopwatch(ends, jobs)
    peer = PEERS[name](url)
    if hop == HOPS - 1:
        peer.declare(hop, lambda body: watch.stop(body["job"]))
    else:
        onward = peer.declare(hop + 1, lambda _body: None)
        peer.declare(hop, onward)
    peer.work(hop)


if __name__ == "__main__":
    name, url, hop, ends, jobs = sys.argv[1:]
    worker(name, url, int(hop), Path(ends), int(jobs))
