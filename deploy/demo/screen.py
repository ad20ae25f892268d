"""What the demonstration shows: progress while it runs, one table at the end."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from deploy.demo.story import Submission
from deploy.stack.invariants import Balance


def progress(
    submissions: list[Submission],
    referrals: list[dict[str, Any]],
    balance: Balance,
    deliveries: dict[str, int],
) -> Group:
    """The present state in a few lines."""
    answered = sum(it.is_answered for it in submissions)
    statuses = Counter(str(it["status"]) for it in referrals)
    return Group(
        Text(f"cases answered by intake: {answered} of {len(submissions)}"),
        Text(f"referrals: {_counts(statuses)}"),
        Text(f"notifications: {_counts(deliveries)}"),
        Text(
            f"messages: {balance.told} told, {balance.handled} handled, "
            f"{balance.open} open, {balance.held} held, {balance.parked} parked",
        ),
    )


def _counts(counted: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counted.items())) or "none yet"


def journeys(console: Console, submissions: list[Submission]) -> None:
    """Every case with its steps and the seconds after its submission at which each was known."""
    table = Table(title="Journeys", show_lines=True)
    for heading in ("case", "submitted by", "journey (seconds after submission)"):
        table.add_column(heading, overflow="fold")
    for submission in submissions:
        name = f"{submission.code or '-'}\n{submission.case.key}"
        table.add_row(name, submission.case.submit_as, _journey(submission))
    console.print(table)


def _journey(submission: Submission) -> str:
    if submission.refused_for:
        return f"refused: {submission.refused_for}"
    return "\n".join(_step(step, submission.submitted_at) for step in submission.steps)


def _step(step: dict[str, Any], since: float) -> str:
    after = datetime.fromisoformat(step["at"]).timestamp() - since
    words = [str(step[name]) for name in SHOWN if step.get(name)]
    return f"{after:6.2f}  {' '.join(words)}"


SHOWN = ("kind", "code", "status", "outcome", "reason")


def conclusion(console: Console, checks: dict[str, bool], logs: str) -> None:
    """Which invariants held, and where to look next."""
    table = Table(title="Invariants")
    table.add_column("what must hold")
    table.add_column("does it")
    for name, holds in checks.items():
        table.add_row(name, "yes" if holds else "[bold red]NO[/bold red]")
    console.print(table)
    console.print(f"Logs of every process: {logs}")
    console.print("Run it yourself: make up. How it works: docs/architecture.md.")
