"""DBOS: durable workflows as a library; a case is one queued workflow of four steps.

A step's rows and its checkpoint are two transactions: a step that was cut short in between is
repeated, and the row of ``inbox`` keeps it from being stored again.
"""

import asyncio
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import asyncpg
from dbos import DBOS, DBOSClient

from tests.bench.durable.steps import NUMBERED_EFFECT, STEPS, body_of, written

QUEUE = "cases"
VERSION = "1"
CONNECTIONS = 10
AT_ONCE = 32
SENDERS = 8


class DbosAdapter:
    """See the module."""

    def prepare(self, url: str) -> None:
        """Make its own tables."""
        _launch(url, 0)
        DBOS.destroy()

    def work(self, url: str, place: int) -> None:
        """Carry cases for ever."""
        pool: list[Any] = []
        lock = asyncio.Lock()

        async def connections() -> Any:
            async with lock:
                if not pool:
                    made = await asyncpg.create_pool(url, min_size=2, max_size=CONNECTIONS)
                    pool.append(made)
            return pool[0]

        async def effect(number: int, body: dict[str, Any]) -> None:
            values = (number, body["case"], written(body))
            await (await connections()).fetchval(NUMBERED_EFFECT, *values)

        step = DBOS.step()(effect)

        async def case(body: dict[str, Any]) -> None:
            for number in range(STEPS):
                await step(number, body)

        DBOS.workflow(name="case")(case)
        _launch(url, place)
        DBOS.register_queue(QUEUE, worker_concurrency=AT_ONCE, polling_interval_sec=0.05)
        threading.Event().wait()

    def feed(self, url: str, batches: Iterable[list[int]]) -> None:
        """Put cases into its queue; it takes one at a time, so several threads do."""
        client = DBOSClient(system_database_url=url)

        def send(number: int) -> None:
            named = {"queue_name": QUEUE, "workflow_name": "case", "app_version": VERSION}
            client.enqueue({**named, "workflow_id": f"case-{number}"}, body_of(number))

        with ThreadPoolExecutor(SENDERS) as senders:
            for cases in batches:
                list(senders.map(send, cases))
        client.destroy()


def _launch(url: str, place: int) -> None:
    DBOS(
        config={
            "name": "peers",
            "system_database_url": url,
            "executor_id": f"worker{place}",
            "application_version": VERSION,
            "sys_db_pool_size": CONNECTIONS,
            "log_level": "WARNING",
        }
    )
    DBOS.launch()


ADAPTER = DbosAdapter()
