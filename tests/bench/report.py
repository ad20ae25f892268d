"""What was measured, for people and for machines."""

import platform
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
import psutil
from rich.console import Console
from rich.table import Table

from tests.bench.exchange import Exchange
from tests.bench.goals import Figure, rounded
from tests.bench.measured import Measured
from tests.bench.stopwatch import percentile, spread
from tests.bench.submissions import moment

BEGIN, END = "<!-- measured -->", "<!-- /measured -->"


def show(console: Console, measured: Measured) -> None:
    """The goals as a table, and the figures they are made of."""
    table = Table(title="Goals: median ratio of all rounds")
    for column in ("goal", "median [least-most]", "must", "aim", "met"):
        table.add_column(column)
    for row in _goal_rows(measured):
        table.add_row(*row)
    console.print(table)
    details = Table(title="What they are made of: medians")
    details.add_column("figure")
    details.add_column("median [least-most]")
    for name, value in _detail_rows(measured):
        details.add_row(name, value)
    console.print(details)
    for part, reason in measured.reasons.items():
        console.print(f"{part} could not be measured: {reason}")


def line(measured: Measured) -> str:
    """The last line: ``BENCH {json}``."""
    told: dict[str, Any] = {it.goal.number: it.line() for it in measured.goals() if it.is_measured}
    return f"BENCH {orjson.dumps(told).decode()}"


def record(path: Path, measured: Measured, machine: str) -> None:
    """Write both tables into a document, between two marks."""
    rows = [f"Measured {moment()} on {machine}.", ""]
    rows += _markdown(("goal", "median [least-most]", "must", "aim", "met"), _goal_rows(measured))
    rows += ["", *_markdown(("figure", "median [least-most]"), _detail_rows(measured))]
    if measured.reasons:
        rows += ["", *(f"- Not measured: {part} ({it})." for part, it in measured.reasons.items())]
    block = "\n".join([BEGIN, "", *rows, "", END])
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(f"{BEGIN}.*{END}", lambda _: block, text, flags=re.DOTALL), "utf-8")


def machine(exchange: Exchange, rounds: int) -> str:
    """Where and with what it was measured."""
    servers = exchange.query("postgres", "SHOW server_version")[0][0]
    cores, memory = psutil.cpu_count(), psutil.virtual_memory().total / 2**30
    return (
        f"{cores} cores ({_processor()}), {memory:.0f} GiB, {platform.system()}, "
        f"Python {platform.python_version()}, PostgreSQL {servers} (fsync on), "
        f"Redis {exchange.broker_version()} (AOF on); "
        f"load, servers and all processes share the cores; {rounds} rounds"
    )


def _processor() -> str:
    text = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    found = re.search(r"model name\s*: (.*)", text)
    return found[1] if found else platform.machine()


def _goal_rows(measured: Measured) -> list[Sequence[str]]:
    return [
        (
            f"{it.goal.number} {it.goal.title}",
            _spread(it),
            it.goal.told(it.goal.must),
            it.goal.told(it.goal.aim),
            it.verdict,
        )
        for it in measured.goals()
    ]


def _spread(figure: Figure) -> str:
    if not figure.is_measured:
        return ""
    least, most = rounded(min(figure.ratios)), rounded(max(figure.ratios))
    return f"{rounded(figure.ratio)} [{least}-{most}]{figure.goal.unit}"


def _detail_rows(measured: Measured) -> list[Sequence[str]]:
    return [
        (name, _percentiles(values) if name.endswith("seconds") else spread(values))
        for name, values in measured.figures.items()
    ]


def _percentiles(values: Sequence[float]) -> str:
    ordered = list(values)
    p50, p99 = (percentile(ordered, share) * 1e3 for share in (0.5, 0.99))
    return f"p50 {p50:.1f} ms, p99 {p99:.1f} ms, {len(ordered)} samples"


def _markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [
        "| " + " | ".join(header) + " |",
        "|" + "---|" * len(header),
        *("| " + " | ".join(row) + " |" for row in rows),
    ]
