"""What the demonstration shows: progress while it runs, one table at the end."""

import time
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import zip_longest
from types import TracebackType
from typing import Self

from rich import box
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from deploy.demo.cast import FULL_SCHOOL, NEXT_ASKED, OFFICE, UNREACHED
from deploy.demo.journey import NEEDS_INFORMATION, Leg
from deploy.demo.outcome import Outcome
from deploy.demo.story import CONCLUDED
from deploy.demo.submission import Submission
from deploy.words import headings, say, spelled, text

EVERY = 2.0
"""Seconds between two lines of progress where there is no terminal."""
LATEST = 8
"""Events in sight on a terminal."""


class Progress:
    """The present state: redrawn on a terminal, a line now and then anywhere else."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = Live(console=console, refresh_per_second=4, transient=True)
        self._events: deque[str] = deque(maxlen=LATEST)
        self._known: dict[str, str] = {}
        self._said = ""
        self._said_at = 0.0

    def __enter__(self) -> Self:
        """Take the terminal, if it is one."""
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the terminal as it was."""
        if self._console.is_terminal:
            self._live.stop()

    def show(self, outcome: Outcome) -> None:
        """Show how things stand."""
        counts = _counts(outcome)
        if self._console.is_terminal:
            self._events.extend(self._news(outcome))
            self._live.update(_panel(counts, self._events, outcome.seconds))
            return
        line = " | ".join(f"{name} {value}" for name, value in counts.items())
        if line != self._said and time.monotonic() - self._said_at >= EVERY:
            self._said, self._said_at = line, time.monotonic()
            self._console.print(f"{outcome.seconds:5.1f} s  {line}", soft_wrap=True)

    def wait(self, why: str) -> None:
        """Say that something is away at the moment."""
        if self._console.is_terminal:
            self._events.append(say("waiting", why=why))
        elif self._said != why:
            self._said = why
            self._console.print(say("waiting", why=why), soft_wrap=True)

    def _news(self, outcome: Outcome) -> Iterable[str]:
        """What happened to a referral since the last look."""
        codes = {it.case_id: it.code for it in outcome.story.submissions}
        for referral in outcome.referrals:
            who = outcome.story.names.get(str(referral["organisation_id"]), "")
            news = f"{codes[referral['case_id']]}  {referral['code']} {referral['status']} {who}"
            if self._known.get(referral["id"]) != news:
                self._known[referral["id"]] = news
                yield news


def _counts(outcome: Outcome) -> dict[str, str]:
    submissions = outcome.story.submissions
    balance = outcome.balance
    answered = sum(it.is_answered for it in submissions)
    values = (
        say("some-of", some=answered, all=len(submissions)),
        f"{sum(it['status'] == CONCLUDED for it in outcome.verifications)}",
        _told(Counter(it["status"] for it in outcome.referrals)),
        _told(outcome.deliveries),
        say("counted", told=balance.told, open=balance.open, parked=balance.parked),
    )
    names = headings("cases", "verified", "referrals", "webhooks", "messages")
    return dict(zip(names, values, strict=True))


def _told(counted: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counted.items())) or say("none")


def _panel(counts: Mapping[str, str], events: Iterable[str], seconds: float) -> Group:
    grid = Table.grid(padding=(0, 2))
    for name, value in counts.items():
        grid.add_row(Text(name, style="bold"), value)
    grid.add_row(Text(headings("seconds")[0], style="bold"), f"{seconds:.0f}")
    return Group(grid, *(Text(event, style="dim", no_wrap=True) for event in events))


def journeys(console: Console, submissions: Iterable[Submission]) -> None:
    """Every case with its legs; fits 80 columns, and only times and case codes ever differ."""
    table = Table(
        title=say("journeys"),
        box=box.HORIZONTALS,
        padding=0,
        title_justify="left",
    )
    case, wanted, *times, end = headings(
        "case-code-sender", "asked-for", "asked", "accepted", "ended", "end"
    )
    table.add_column(case, no_wrap=True)
    table.add_column(wanted, no_wrap=True)
    for heading in times:
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column(end)
    for submission in submissions:
        lines = zip_longest(_heading(submission), _legs(submission), fillvalue=None)
        rows = [(head or "", *(leg or ("",) * 5)) for head, leg in lines]
        for number, row in enumerate(rows, 1):
            table.add_row(*row, end_section=number == len(rows))
    console.print(table)
    console.print(
        say("what-was-full", full=FULL_SCHOOL),
        style="dim",
        highlight=False,
    )
    console.print(
        say("what-never-arrived", unreached=UNREACHED, next=NEXT_ASKED),
        style="dim",
        highlight=False,
    )
    console.print(say("who-answered-from-mails", office=OFFICE), style="dim", highlight=False)


def _heading(submission: Submission) -> list[str]:
    return [submission.case.key, submission.code or "-", submission.case.submit_as]


def _legs(submission: Submission) -> list[tuple[str, ...]]:
    """What was asked for, three times, and the end of each; what ended otherwise is marked."""
    if submission.refused_for:
        refused = say("refused")
        end = refused if submission.case.refused else f"[bold red]{refused}[/bold red]"
        return [(say("submission"), "", "", "", end), ("", "", "", "", submission.refused_for)]
    told = [_told_leg(leg, submission) for leg in submission.legs]
    missing = Counter(submission.case.must) - Counter((it.of, it.end) for it in submission.legs)
    return told + [
        (of, "", "", "", _wrong(say("missing"), [end])) for of, end in sorted(missing.elements())
    ]


def _told_leg(leg: Leg, submission: Submission) -> tuple[str, ...]:
    times = (_after(at, submission.submitted_at) for at in (leg.asked, leg.accepted, leg.ended))
    must = submission.case.ends.get(leg.of, ["absent"])
    said = _short(leg.end)
    return (leg.of, *times, said if leg.end in must else _wrong(said, must))


def _wrong(said: str, must: Iterable[str]) -> str:
    wrong = say("not-as-it-must", end=said, must=", ".join(map(_short, must)))
    return f"[bold red]{wrong}[/bold red]"


def _short(end: str) -> str:
    """An end in words that can break a line."""
    return say("needs-facts") if end == NEEDS_INFORMATION else end.replace("_", " ")


INVARIANT, PLACE = "invariant", "place"
"""Vocabularies: what must hold after a demonstration, and what is found where."""


def _after(at: datetime | None, since: float) -> str:
    return "" if at is None else f"{at.timestamp() - since:.1f}"


def steps(outcome: Outcome) -> str:
    """Every step of every journey with the organisations, which differ from run to run."""
    lines: list[str] = []
    for submission in outcome.story.submissions:
        case = submission.case
        lines += [f"{submission.code or '-'}  {case.key}", f"  must happen: {case.expect}"]
        first = submission.refused_first
        lines += [f"  refused at first: {first}"] if first else []
        lines += [f"  {_step(step, outcome, submission)}" for step in submission.steps]
        lines += [f"  refused: {submission.refused_for}"] if submission.refused_for else []
        alert = submission.undelivered
        lines += [f"  the case owner was told: {alert['kind']}"] if alert else []
        lines.append("")
    return "\n".join(lines)


def _step(step: Mapping[str, str | None], outcome: Outcome, submission: Submission) -> str:
    after = _after(datetime.fromisoformat(str(step["at"])), submission.submitted_at)
    who = outcome.story.names.get(str(step["organisation_id"]), "")
    words = [str(step[name]) for name in SHOWN if step[name]]
    return f"{after:>6}  {' '.join(dict.fromkeys((*words, who)))}".rstrip()


SHOWN = ("kind", "code", "status", "outcome", "reason")


def conclusion(console: Console, outcome: Outcome, places: Mapping[str, str]) -> None:
    """Which invariants held, and where to look next."""
    table = Table(
        title=say("invariants"),
        box=box.HORIZONTALS,
        padding=0,
        title_justify="left",
    )
    for heading in headings("must-hold", "does-it"):
        table.add_column(heading)
    for name, holds in outcome.checks.items():
        said = say("yes") if holds else f"[bold red]{say('no')}[/bold red]"
        table.add_row(text(INVARIANT, spelled(name)), said)
    console.print(table)
    for place in outcome.leaks:
        console.print(say("stands-in", place=place), style="bold red")
    for name, place in places.items():
        console.print(f"{text(PLACE, name)}: {place}", highlight=False, soft_wrap=True)
    console.print(say("see-for-yourself"), highlight=False, soft_wrap=True)
