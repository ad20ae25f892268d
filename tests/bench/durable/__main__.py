"""A process of a peer: ``durable PEER prepare|work|feed URL ...``.

``work PLACE`` carries cases; ``feed FIRST COUNT BATCH RATE BEGINS`` waits for a line and hands in.
"""

import sys
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from tests.bench.durable.steps import Adapter
from tests.bench.pace import batches
from tests.bench.stopwatch import Stopwatch


def main(peer: str, what: str, url: str, *arguments: str) -> None:
    """Be one process of a peer."""
    adapter: Adapter = import_module(f"tests.bench.durable.{peer}").ADAPTER
    match what:
        case "prepare":
            adapter.prepare(url)
        case "work":
            adapter.work(url, int(arguments[0]))
        case "feed":
            first, count, batch, rate, begins = arguments
            adapter.feed(url, _handed_in(begins, int(first), int(count), int(batch), float(rate)))


def _handed_in(begins: str, first: int, count: int, batch: int, rate: float) -> Iterator[list[int]]:
    # Whoever asks for the first batch has its connection: now it can be let go.
    watch = Stopwatch(Path(begins), count, time.time)
    sys.stdin.readline()
    for jobs in batches(watch, batch, rate):
        yield [first + job for job in jobs]


if __name__ == "__main__":
    main(*sys.argv[1:])
