"""The fault tests end, also when what they wait for never does."""

from collections.abc import Callable
from itertools import count, cycle
from pathlib import Path
from typing import Any

import pytest

from deploy.stack.invariants import Balance
from tests.faults import exchange
from tests.faults.exchange import Exchange


class Site:
    """An installation of which something is always on its way."""

    def __init__(self, deliveries: Callable[[], dict[str, int]]) -> None:
        self.deliveries = deliveries

    def balance(self) -> Balance:
        return Balance(told=1, open=1)


def exchange_of(deliveries: Callable[[], dict[str, int]]) -> Exchange:
    parts: Any = Site(deliveries)
    nothing: Any = None
    return Exchange(parts, nothing, nothing, nothing, Path())


def test_a_delivery_that_is_only_tried_again_and_again_stands_still(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(exchange, "MOVES_WITHIN", 1.0)
    states = cycle(["pending", "claimed", "parked"])
    with pytest.raises(AssertionError, match="it stands still"):
        exchange_of(lambda: {next(states): 1}).settle()


def test_what_always_goes_on_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "SETTLED_WITHIN", 1.0)
    more = count()
    with pytest.raises(AssertionError, match="it has no end"):
        exchange_of(lambda: {"delivered": next(more)}).settle()
