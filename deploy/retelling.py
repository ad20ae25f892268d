"""``nhipcau retell``: a service that joins a living installation is told what was before it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

import typer
from rich.progress import Progress
from rich.table import Table

from deploy.stack import addresses
from deploy.stack.refusals import Refused
from deploy.stack.retelling import steps
from deploy.tables import console, show
from deploy.words import headings, say
from services.directory.domain.retelling import PASTS as DIRECTORYS
from services.intake.domain.retelling import PASTS as INTAKES
from shared.contracts import Queue
from shared.kit.database import Database
from shared.messaging import retelling
from shared.messaging.retelling import Past

Data = Annotated[Path, typer.Option()]
DATA = Path(".data")
PASTS: Mapping[Queue, Sequence[Past]] = MappingProxyType(
    {Queue.DIRECTORY: DIRECTORYS, Queue.INTAKE: INTAKES}
)
"""Whoever can tell how its things stand. What the others tell follows from what they are told."""


def retell(
    service: Queue,
    to: Annotated[Queue, typer.Option()],
    by: Annotated[str | None, typer.Option("--as")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run")] = False,
    data: Data = DATA,
) -> None:
    """Let a service tell one that joined later how everything stands that it may be told of.

    What it has been told of already is passed over, so a run that was cut short is repeated.
    """
    pasts = [past for past in PASTS.get(service, ()) if past.is_for(to)]
    if not pasts:
        raise Refused(say("nothing-to-retell", service=service, to=to))
    if by is None and not dry_run:
        raise Refused(say("say-who"))
    with addresses.database(data, service) as database:
        counted = _count(database, pasts, to)
        _show(pasts, counted, to)
        if not dry_run:
            many = _retell(database, pasts, to, f"operator:{by}", sum(it.untold for it in counted))
            console.print(say("retold", count=many, to=to))


def _count(database: Database, pasts: Sequence[Past], to: Queue) -> list[retelling.Counted]:
    with database.read() as session:
        return [retelling.count(session, past, to) for past in pasts]


def _show(pasts: Sequence[Past], counted: Sequence[retelling.Counted], to: Queue) -> None:
    table = Table(*headings("type", "to-tell", "known"))
    for past, found in zip(pasts, counted, strict=True):
        types = "\n".join(it.type for it in past.messages if to in it.to)
        table.add_row(types, str(found.untold), str(found.told))
    show(table)


def _retell(database: Database, pasts: Sequence[Past], to: Queue, actor: str, expected: int) -> int:
    total = 0
    with Progress(console=console, transient=True) as progress:
        bar = progress.add_task("", total=expected)
        for past in pasts:
            for many in steps(database, past, to, actor):
                total += many
                progress.advance(bar, many)
    return total
