"""``make bench``: our durable pipeline beside plain Celery and its peers, interleaved, as ratios.

Every round runs all contestants one after another on the same servers; what counts is the median
of the rounds' ratios, because absolute figures move with the machine. A part that cannot run says
why, and the others go on. The last line is ``BENCH {json}``.
"""

import argparse
import signal
import sys
import time
from pathlib import Path

from rich.console import Console

from deploy.local.scratch import scratch
from tests.bench import report
from tests.bench.bench import CASES, Bench
from tests.bench.exchange import open_exchange
from tests.bench.growth import GOAL_ROWS
from tests.bench.measured import Measured, Say
from tests.bench.parts import EVERY_ROUND, ONCE, run

PARTS = (*EVERY_ROUND, *ONCE)
DOCUMENT = Path(__file__).parents[2] / "docs" / "performance.md"


def main() -> None:
    """Measure, print, and record if asked."""
    arguments = _arguments()
    # Ended from outside it still ends what it has started.
    signal.signal(signal.SIGTERM, lambda _signal, _frame: sys.exit(143))
    # What is written to a file is not folded to the width of a screen.
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 150)
    began = time.monotonic()

    def say(text: str) -> None:
        console.print(f"{time.monotonic() - began:6.0f} s  {text}", soft_wrap=True)

    measured = Measured()
    with scratch() as folder:
        _measure_in(folder, arguments, measured, say, console)
    print(report.line(measured), flush=True)
    sys.exit(1 if measured.reasons else 0)


def _measure_in(
    folder: Path, arguments: argparse.Namespace, measured: Measured, say: Say, console: Console
) -> None:
    say(f"opening an exchange; logs in {folder}")
    with open_exchange(folder) as exchange:
        bench = Bench(
            exchange,
            measured,
            say,
            rounds=arguments.rounds,
            cases=arguments.cases,
            seconds=arguments.seconds,
            rows=arguments.rows,
            dbos=arguments.dbos,
        )
        run(bench, arguments.only)
        report.show(console, measured)
        if arguments.record:
            report.record(DOCUMENT, measured, report.machine(exchange, arguments.rounds))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="at least 5 for figures that count")
    parser.add_argument(
        "--cases", type=int, default=CASES, help="of a saturated run; fewer only to try something"
    )
    parser.add_argument("--seconds", type=float, default=60.0, help="length of the sustained load")
    parser.add_argument(
        "--rows", type=int, default=GOAL_ROWS, help="stored rows of the largest databases"
    )
    parser.add_argument("--dbos", action="store_true", help="DBOS too, among the same-work peers")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="parts to run")
    parser.add_argument("--record", action="store_true", help="write docs/performance.md")
    return parser.parse_args()


if __name__ == "__main__":
    main()
