"""``make bench``: our durable pipeline beside plain Celery and its peers, interleaved, as ratios.

Every round runs all contestants one after another on the same servers; what counts is the median
of the rounds' ratios, because absolute figures move with the machine. The last line is
``BENCH {json}``.
"""

import argparse
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from deploy.local.scratch import scratch
from deploy.stack import access
from tests.bench import growth, report, rounds
from tests.bench.contestants import Track
from tests.bench.exchange import Exchange, open_exchange
from tests.bench.rounds import Measured, Say

PARTS = ("pipeline", "journeys", "posts", "stored", "sustained", "backlog")
DOCUMENT = Path(__file__).parents[2] / "docs" / "performance.md"


def main() -> None:
    """Measure, print, and record if asked."""
    arguments = _arguments()
    # Ended from outside it still ends what it has started.
    signal.signal(signal.SIGTERM, lambda _signal, _frame: sys.exit(143))
    console = Console(highlight=False)
    began = time.monotonic()

    def say(text: str) -> None:
        console.print(f"{time.monotonic() - began:6.0f} s  {text}", soft_wrap=True)

    measured = Measured()
    with scratch(kept_after_a_fault=True) as folder:
        say(f"opening an exchange; logs in {folder}")
        _measure_in(folder, arguments, measured, say, console)
    print(report.line(measured), flush=True)


def _measure_in(
    folder: Path, arguments: argparse.Namespace, measured: Measured, say: Say, console: Console
) -> None:
    with open_exchange(folder) as exchange:
        _measure(exchange, arguments, measured, say)
        report.show(console, measured)
        if arguments.record:
            report.record(DOCUMENT, measured, report.machine(exchange))


def _measure(
    exchange: Exchange, arguments: argparse.Namespace, measured: Measured, say: Say
) -> None:
    parts = set(arguments.only)
    track = Track(exchange.folder, exchange.environment.broker_url_of(access.OWNER))
    if "stored" in parts:
        say("storing a million rows")
    sets = growth.grow(exchange) if "stored" in parts else []
    in_every_round: dict[str, Callable[[], None]] = {
        "pipeline": lambda: rounds.pipeline(exchange, track, measured, say),
        "journeys": lambda: rounds.journeys(exchange, track, measured, say),
        "posts": lambda: rounds.posts(exchange, measured, say),
        "stored": lambda: rounds.stored_rows(sets, measured, say),
    }
    for number in range(1, arguments.rounds + 1):
        say(f"round {number} of {arguments.rounds}")
        for part, run in in_every_round.items():
            if part in parts:
                run()
    if {"journeys", "sustained"} <= parts:
        rounds.sustained(exchange, measured, say, seconds=arguments.seconds)
    if "backlog" in parts:
        rounds.backlog(exchange, measured, say)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="at least 5 for figures that count")
    parser.add_argument("--seconds", type=float, default=60.0, help="length of the sustained load")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="parts to run")
    parser.add_argument("--record", action="store_true", help="write docs/performance.md")
    return parser.parse_args()


if __name__ == "__main__":
    main()
