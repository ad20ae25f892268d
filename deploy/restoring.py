"""``nhipcau resend`` and ``nhipcau reconcile``: after one database was restored."""

from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from sqlalchemy import text

from deploy.stack import addresses
from deploy.stack.reconcile import Difference, Report, compare, reconcile
from deploy.stack.refusals import Refused
from deploy.tables import console, show
from shared.contracts import Queue
from shared.kit.database import Database
from shared.messaging import reopening

Data = Annotated[Path, typer.Option(help="The folder of an embedded installation.")]
By = Annotated[str, typer.Option("--as", help="Who does this; recorded in the audit.")]
DATA = Path(".data")


def resend(
    to: Annotated[Queue, typer.Option(help="Who is to be told again.")],
    since: Annotated[datetime, typer.Option(help="Since when, UTC unless it says otherwise.")],
    by: By,
    data: Data = DATA,
) -> None:
    """Let every service tell one service again what that had committed since a moment.

    Whatever the service still has is absorbed. Only what is kept closed can be told again.
    """
    aware = since if since.tzinfo else since.replace(tzinfo=UTC)
    total = 0
    for sender in Queue:
        if sender is not to:
            with addresses.database(data, sender) as database:
                total += _resend(database, to, aware, f"operator:{by}")
    console.print(f"{total} messages are told again to {to}.")


def _resend(database: Database, to: Queue, since: datetime, actor: str) -> int:
    total = 0
    with database.read() as session:
        until = session.execute(text("SELECT now()")).scalar_one()
    while True:
        with database.begin() as session:
            many = reopening.resend(session, destination=to, since=since, until=until, actor=actor)
        total += many
        if many < reopening.STEP:
            return total


def reconcile_all(
    apply: Annotated[bool, typer.Option(help="Do what is needed, not only say it.")] = False,
    by: Annotated[str | None, typer.Option("--as", help="Who does it; for --apply.")] = None,
    seconds: Annotated[float, typer.Option(help="For --apply: give up after so long.")] = 300.0,
    data: Data = DATA,
) -> None:
    """Compare both ends of every pair, and say what is needed; exit 1 unless nothing is.

    With --apply: what a restored service lacks is told again to it, and when it has taken that, its
    numbers go on after those its receivers have passed.
    """
    if not apply:
        report = Report(compare(lambda it: addresses.plain(data, it)))
    elif by is None:
        raise Refused("say who does it: --as NAME")
    else:
        with ExitStack() as open_ones:
            databases = {it: open_ones.enter_context(addresses.database(data, it)) for it in Queue}
            report = reconcile(
                lambda it: addresses.plain(data, it),
                databases.__getitem__,
                actor=f"operator:{by}",
                patience=seconds,
            )
    _say(report)
    raise typer.Exit(0 if report.is_in_step else 1)


def _say(report: Report) -> None:
    if report.reopened:
        console.print(f"Told again: {report.reopened} messages.")
    if report.passed:
        console.print(f"Passed over: {report.passed} numbers. A person looks at what they were:")
    for (sender, receiver), it in report.forgotten:
        what = ", ".join(it.types) or "no longer known"
        console.print(
            f"  {sender} has forgotten, {receiver} has had: {it.numbers.aggregate_id} {what}"
        )
    if report.is_in_step:
        console.print("Both ends of every pair agree.")
        return
    table = Table("from", "to", "what", "about", "numbers", "needed")
    for difference in report.differences:
        _add(table, difference)
    show(table)


def _add(table: Table, it: Difference) -> None:
    ends = (str(it.sender), str(it.receiver))
    for numbers, what, needed in (
        *((each, "missing", "is told again by --apply") for each in it.missing),
        *((each, "gone", "nobody keeps it: a person must find out") for each in it.gone),
        *(
            (each.numbers, "forgotten", "waits" if each.waits else "is passed over by --apply")
            for each in it.forgotten
        ),
    ):
        span = f"{numbers.first}-{numbers.last}"
        table.add_row(*ends, what, str(numbers.aggregate_id), span, needed)
