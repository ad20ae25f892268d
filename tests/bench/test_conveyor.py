"""A case passes the four services in one process: what that costs, and what it would have to."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event

from deploy.local.scratch import scratch
from deploy.stack.keys import MASTER_KEYS
from tests.bench import floor
from tests.bench.conveyor import CONSUMERS, Conveyor
from tests.bench.exchange import Exchange, open_exchange
from tests.bench.submissions import sealed


@pytest.fixture(scope="module")
def exchange() -> Iterator[Exchange]:
    with scratch() as folder, open_exchange(folder) as opened:
        yield opened


@contextmanager
def executed() -> Iterator[list[Any]]:
    """The statements that are asked for by any connection meanwhile, as they were built."""
    seen: list[Any] = []

    def note(_connection: Any, statement: Any, *_facts: Any) -> None:
        seen.append(statement)

    event.listen(Engine, "before_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_execute", note)


def test_no_statement_is_built_anew_for_a_case(exchange: Exchange) -> None:
    """Building one costs three times what all the rest of it costs, and each hop has several."""
    keys = exchange.environment.keys.path(MASTER_KEYS)
    first, second = sealed(keys, exchange.receiver_id(), 2)
    conveyor = Conveyor(exchange)
    with executed() as before:
        conveyor.carry([first])
    with executed() as now:
        conveyor.carry([second])
    conveyor.close()
    assert len(now) > len(CONSUMERS), "all services have asked something"
    anew = [it for it in now if not isinstance(it, str) and all(it is not one for one in before)]
    assert [str(it) for it in anew] == []


def test_the_floor_is_measured_in_every_round(exchange: Exchange) -> None:
    first, second = floor.measure(exchange), floor.measure(exchange)
    assert min(first.row, second.row) > 0
