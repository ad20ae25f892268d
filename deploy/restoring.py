"""``nhipcau resend``, ``remember`` and ``reconcile``: after one database was restored."""

from contextlib import ExitStack
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from sqlalchemy import text as sql

from deploy.instants import AN_INSTANT
from deploy.stack import addresses
from deploy.stack.reconcile import Difference, Report, compare, forgotten_by, reconcile
from deploy.stack.refusals import Refused
from deploy.stack.remembering import remember
from deploy.tables import console, show
from deploy.words import headings, say, text
from shared.contracts import Queue
from shared.kit.database import Database
from shared.messaging import reopening

Data = Annotated[Path, typer.Option()]
By = Annotated[str, typer.Option("--as")]
DATA = Path(".data")
DIFFERENCE = "difference"
"""The vocabulary of how two ends differ, and of what is needed then."""


def resend(
    to: Annotated[Queue, typer.Option()],
    since: Annotated[datetime, AN_INSTANT],
    by: By,
    data: Data = DATA,
) -> None:
    """Let every service tell one service again what that had committed since a moment.

    Whatever the service still has is absorbed. Only what is kept closed can be told again.
    """
    total = 0
    for sender in Queue:
        if sender is not to:
            with addresses.database(data, sender) as database:
                total += _resend(database, to, since, f"operator:{by}")
    console.print(say("resent", count=total, service=to))


def _resend(database: Database, to: Queue, since: datetime, actor: str) -> int:
    total = 0
    with database.read() as session:
        until = session.execute(sql("SELECT now()")).scalar_one()
    while True:
        with database.begin() as session:
            many = reopening.resend(session, destination=to, since=since, until=until, actor=actor)
        total += many
        if not many:
            return total


def remember_all(by: By, data: Data = DATA) -> None:
    """Hand a restored livelihood support what the others heard of referrals it has forgotten.

    First of all, while none of its processes runs: what it decides anew stays decided.
    """
    urls = partial(addresses.plain, data)
    restored = Queue.LIVELIHOOD_SUPPORT
    with addresses.database(data, restored) as database:
        cases = forgotten_by(restored, compare(urls))
        steps = remember(urls, database, cases=cases, actor=f"operator:{by}")
    console.print(say("remembered", count=steps))


def reconcile_all(
    apply: Annotated[bool, typer.Option()] = False,
    by: Annotated[str | None, typer.Option("--as")] = None,
    seconds: Annotated[float, typer.Option()] = 300.0,
    data: Data = DATA,
) -> None:
    """Compare both ends of every pair, and say what is needed; exit 1 unless nothing is.

    With --apply: what a restored service lacks is told again to it, and when it has taken that, its
    numbers go on after those its receivers have passed.
    """
    urls = partial(addresses.plain, data)
    if not apply:
        report = Report(compare(urls))
    elif by is None:
        raise Refused(say("say-who"))
    else:
        with ExitStack() as open_ones:
            databases = {it: open_ones.enter_context(addresses.database(data, it)) for it in Queue}
            report = reconcile(
                urls,
                databases.__getitem__,
                actor=f"operator:{by}",
                patience=seconds,
            )
    _say(report)
    raise typer.Exit(0 if report.is_in_step else 1)


def _say(report: Report) -> None:
    if report.reopened:
        console.print(say("told-again", count=report.reopened))
    if report.passed:
        console.print(say("passed-over", count=report.passed))
    for (sender, receiver), it in report.forgotten:
        what = ", ".join(it.types) or say("no-longer-known")
        console.print(
            say(
                "forgotten",
                sender=sender,
                receiver=receiver,
                aggregate=it.numbers.aggregate_id,
                types=what,
            )
        )
    if report.is_in_step:
        console.print(say("ends-agree"))
        return
    table = Table(*headings("from", "to", "what", "about", "numbers", "needed"))
    for difference in report.differences:
        _add(table, difference)
    show(table)


def _add(table: Table, it: Difference) -> None:
    ends = (str(it.sender), str(it.receiver))
    for numbers, what, needed in (
        *((each, "missing", "told-by-apply") for each in it.missing),
        *((each, "gone", "kept-by-nobody") for each in it.gone),
        *(
            (
                each.numbers,
                "forgotten",
                "told-by-agency" if each.is_case else "waits" if each.waits else "passed-by-apply",
            )
            for each in it.forgotten
        ),
    ):
        span = f"{numbers.first}-{numbers.last}"
        about = str(numbers.aggregate_id)
        table.add_row(*ends, text(DIFFERENCE, what), about, span, text(DIFFERENCE, needed))
