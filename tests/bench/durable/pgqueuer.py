"""PgQueuer: a queue in PostgreSQL; each step is an entrypoint and sends its case to the next.

asyncpg and uvloop, as its authors measure it. A step's rows and the next step's job are committed
together; fifty jobs are taken at a time.
"""

from collections.abc import Coroutine, Iterable
from typing import Any

import asyncpg
import orjson
import uvloop
from pgqueuer import PgQueuer
from pgqueuer.db import AsyncpgDriver, AsyncpgPoolDriver
from pgqueuer.queries import Queries

from tests.bench.durable.steps import NUMBERED_EFFECT, STEPS, body_of, written

TAKEN = 50
CONNECTIONS = 10


class PgQueuerAdapter:
    """See the module."""

    def prepare(self, url: str) -> None:
        """Make its own tables."""

        async def preparing() -> None:
            await Queries(AsyncpgPoolDriver(await _pool(url))).install()

        _run(preparing())

    def work(self, url: str, place: int) -> None:
        """One step for ever."""
        _run(_working(url, place))

    def feed(self, url: str, batches: Iterable[list[int]]) -> None:
        """Put cases into the first step's queue."""

        async def feeding() -> None:
            queries = Queries(AsyncpgPoolDriver(await _pool(url)))
            for cases in batches:
                jobs = [orjson.dumps(body_of(number)) for number in cases]
                await queries.enqueue([_name(0)] * len(jobs), jobs, [0] * len(jobs))

        _run(feeding())


async def _working(url: str, place: int) -> None:
    pool = await _pool(url)
    queue = PgQueuer(AsyncpgPoolDriver(pool))

    async def step(job: Any) -> None:
        body = orjson.loads(job.payload)
        async with pool.acquire() as connection, connection.transaction():
            fresh = await connection.fetchval(NUMBERED_EFFECT, place, body["case"], written(body))
            if fresh and place < STEPS - 1:
                onward = Queries(AsyncpgDriver(connection))
                await onward.enqueue(_name(place + 1), job.payload)

    queue.entrypoint(_name(place))(step)
    await queue.run(batch_size=TAKEN, max_concurrent_tasks=None)


def _name(step: int) -> str:
    return f"step{step}"


async def _pool(url: str) -> Any:
    return await asyncpg.create_pool(url, min_size=2, max_size=CONNECTIONS)


def _run(work: Coroutine[Any, Any, None]) -> None:
    uvloop.run(work)


ADAPTER = PgQueuerAdapter()
