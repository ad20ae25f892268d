"""Absurd: durable workflows inside PostgreSQL; a case is one workflow of four steps.

Four queues, one for each step, were slower. A worker claims sixteen workflows at a time, and a
step's rows share their transaction with its checkpoint.
"""

from collections.abc import Iterable
from typing import Any

import absurdctl
import psycopg
from absurd_sdk import Absurd

from tests.bench.durable.steps import EFFECT, STEPS, body_of, written

QUEUE = "cases"
LEASE = 20
"""Seconds after which a silent worker's workflows are another's."""
CLAIMED = 16


class AbsurdAdapter:
    """See the module."""

    def prepare(self, url: str) -> None:
        """Make its own tables."""
        connection = psycopg.connect(url, autocommit=True)
        connection.execute(absurdctl.BUNDLED_SCHEMA_SQL)
        Absurd(connection, queue_name=QUEUE).create_queue()

    def work(self, url: str, place: int) -> None:  # noqa: ARG002 - all of them are alike
        """Carry cases for ever."""
        connection = psycopg.connect(url, autocommit=True)
        app = Absurd(connection, queue_name=QUEUE)

        def case(body: dict[str, Any], context: Any) -> None:
            for number in range(STEPS):
                with connection.transaction():
                    step = context.begin_step(f"step{number}")
                    if not step.done:
                        values = {"step": number, "case": body["case"], "body": written(body)}
                        connection.execute(EFFECT, values)
                        context.complete_step(step, number)

        app.register_task(name="case")(case)
        app.start_worker(claim_timeout=LEASE, concurrency=1, batch_size=CLAIMED, poll_interval=0.02)

    def feed(self, url: str, batches: Iterable[list[int]]) -> None:
        """Put cases into its queue."""
        connection = psycopg.connect(url, autocommit=True)
        app = Absurd(connection, queue_name=QUEUE)
        for cases in batches:
            with connection.transaction():
                for number in cases:
                    app.spawn("case", body_of(number), queue=QUEUE)


ADAPTER = AbsurdAdapter()
