"""``nhipcau``: run the exchange, look into it, and settle what waits for an operator."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import orjson
import psycopg
import typer
from rich.table import Table
from sqlalchemy.orm import Session

from deploy import restoring, retelling
from deploy.compose.alive import is_alive
from deploy.help import PROGRAM, command_of
from deploy.instants import AN_INSTANT
from deploy.stack import addresses
from deploy.stack.refusals import Refused, in_one_line
from deploy.tables import console, show
from deploy.words import headings, say, spelled, text
from shared.contracts import Queue
from shared.contracts.vocabulary import Role
from shared.kit.clock import utc_now
from shared.messaging import alerts as operator_alerts
from shared.messaging import parking, replays, settling
from shared.messaging.parking import ParkedReason, ReplayReason
from shared.messaging.replays import Choice

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
parked = typer.Typer(no_args_is_help=True)
app.add_typer(parked, name="parked")

app.command("resend")(restoring.resend)
app.command("reconcile")(restoring.reconcile_all)
app.command("remember")(restoring.remember_all)
app.command("retell")(retelling.retell)

Data = Annotated[Path, typer.Option()]
ASKED_BY = typer.Option("--as")
ASKED_FOR = typer.Option("--reason")
By = Annotated[str, ASKED_BY]
Reason = Annotated[ReplayReason, ASKED_FOR]
DATA = Path(".data")
BREACH = "breach"
"""The vocabulary of what must hold in the rows of all services."""


class Stack(StrEnum):
    """Where the exchange of a demonstration runs."""

    EMBEDDED = "embedded"
    COMPOSE = "compose"


@app.command()
def demo(
    stack: Annotated[Stack, typer.Option()] = Stack.EMBEDDED,
    data: Annotated[Path | None, typer.Option()] = None,
    seconds: Annotated[float, typer.Option()] = 110.0,
) -> None:
    """Pass invented cases through the whole exchange and check that nothing was lost."""
    from deploy.demo import composed, run  # noqa: PLC0415 - only this command needs them

    if stack is Stack.COMPOSE and composed.BASE_URL not in os.environ:
        raise Refused(say("for-the-demonstrations-container"))
    raise typer.Exit(run.run(stack=stack, data=data, seconds=seconds))


@app.command()
def deadlines(data: Annotated[Path, typer.Option()] = Path(".data-deadlines")) -> None:
    """Let weeks of the law pass in a minute, and see that every period is told in time."""
    from deploy.deadlines import run  # noqa: PLC0415 - only this command needs them

    raise typer.Exit(run.run(data))


@app.command()
def up(
    data: Data = DATA,
    port: Annotated[int, typer.Option(min=1, max=65_535)] = 8700,
) -> None:
    """Start the exchange here and keep it running until `nhipcau down` or Ctrl-C."""
    from deploy.stack import standing  # noqa: PLC0415 - brings the whole stack with it

    standing.up(data, port)


@app.command()
def down(
    data: Data = DATA,
    delete: Annotated[bool, typer.Option()] = False,
) -> None:
    """Stop what `nhipcau up` started."""
    from deploy.stack import standing  # noqa: PLC0415 - brings the whole stack with it

    standing.down(data, delete=delete)


@app.command()
def token(
    client: Annotated[str, typer.Argument()],
    data: Data = DATA,
) -> None:
    """Print an access token for a client of the sandbox."""
    from deploy.stack import standing  # noqa: PLC0415 - brings the whole stack with it

    typer.echo(standing.token(data, client))


@app.command()
def prepare() -> None:
    """Make databases, tables and first facts of an installation in containers."""
    from deploy.stack import container  # noqa: PLC0415 - needs secrets only containers have

    container.prepare()


@app.command()
def migrations() -> None:
    """Check that every service's migrations make exactly the tables and rules its code declares."""
    from deploy.stack import schema  # noqa: PLC0415 - starts a server

    schema.check()


@app.command()
def revision(service: Queue, message: str) -> None:
    """Write the next migration of a service: the tables in code compared with a database."""
    from deploy.stack import schema  # noqa: PLC0415 - starts a server

    schema.revise(service, message)


@app.command()
def step(owner: str, message: str) -> None:
    """Write the next step of tables that several services have, and the migrations that take it."""
    from deploy.stack import schema  # noqa: PLC0415 - starts a server

    schema.write_step(owner, message)


@app.command()
def documents(
    check: Annotated[bool, typer.Option("--check")] = False,
) -> None:
    """Write the pages of docs/ that are made from code and rows."""
    from deploy.documents import render_all  # noqa: PLC0415 - needs development packages

    stale = []
    for path, content in render_all(Path("docs")).items():
        if not path.exists() or path.read_text(encoding="utf-8") != content:
            stale.append(path)
            if not check:
                path.write_text(content, encoding="utf-8")
    if check and stale:
        raise Refused(say("documents-stale", paths=", ".join(map(str, stale))))


@app.command()
def alive(service: Queue, data: Data = DATA) -> None:
    """Exit 0 if the worker showed within the last minute that messages come through its queue."""
    with psycopg.connect(addresses.plain(data, service), connect_timeout=3) as connection:
        if not is_alive(connection, service, "worker"):
            raise Refused(say("no-canary", service=service))


@app.command()
def balance(data: Data = DATA) -> None:
    """Count every message at its sender and its receiver; exit 1 unless everything agrees."""
    from deploy.stack.invariants import balance as count  # noqa: PLC0415 - used here only

    found = count(partial(addresses.plain, data))
    table = Table(*headings("messages", "count"))
    for name, value in vars(found).items():
        table.add_row(name, str(value))
    show(table)
    raise typer.Exit(0 if found.is_sound else 1)


@app.command()
def breaches(data: Data = DATA) -> None:
    """Name the rows that break a rule of the field; exit 1 unless there are none.

    May be asked while the exchange works: what has been on its way for less than five minutes is no
    breach.
    """
    from deploy.stack.invariants import SOON  # noqa: PLC0415 - used here only
    from deploy.stack.invariants import breaches as find  # noqa: PLC0415 - used here only

    found = find(partial(addresses.plain, data), soon=SOON)
    if not found:
        console.print(say("every-rule-holds"))
        return
    table = Table(*headings("rule", "must-hold", "broken-by"))
    for breach in found:
        says = text(BREACH, spelled(breach.rule))
        table.add_row(breach.invariant, says, "\n".join(breach.rows))
    show(table)
    raise typer.Exit(1)


@app.command()
def register(
    client_id: Annotated[str, typer.Argument()],
    organisation: Annotated[str, typer.Argument()],
    by: By,
    key: Annotated[typer.FileText, typer.Option()] = "-",  # type: ignore[assignment]
    data: Data = DATA,
) -> None:
    """Let a system ask for tokens in the name of an organisation, with a key of its own."""
    from services.directory import domain  # noqa: PLC0415 - used here only

    public_jwk = _json_object(key.read())
    with _begin(data, Queue.DIRECTORY) as session:
        found = domain.organisation_with_code(session, code=organisation)
        domain.register_client(
            session,
            client_id=client_id,
            organisation_id=found.id,
            public_jwk=public_jwk,
            now=utc_now(),
            actor=f"operator:{by}",
        )
        console.print(say("may-speak", client=client_id, organisation=found.name_vi))


@app.command()
def alerts(data: Data = DATA, most: int = 100) -> None:
    """Show what an operator must look at in every service; exit 1 if there is anything."""
    table = Table(*headings("service", "kind", "subject", "about", "times", "since"))
    for service in Queue:
        with addresses.database(data, service) as database, database.read() as session:
            for row in operator_alerts.list_open(session, size=most, must_act=Role.OPERATOR):
                since = row["raised_at"].isoformat(timespec="seconds")
                cells = (service, row["kind"], row["subject"], row["object_id"], row["times"])
                table.add_row(*map(str, (*cells, since)))
    if not table.row_count:
        console.print(say("nothing-waits"))
        return
    show(table)
    raise typer.Exit(1)


@parked.command("list")
def list_parked(service: Queue, data: Data = DATA, most: int = 100) -> None:
    """Show what waits for an operator in a service; bodies are not shown."""
    with addresses.database(data, service) as database, database.read() as session:
        rows = settling.list_parked(session, size=most)
    if not rows:
        console.print(say("nothing-parked"))
        return
    where = headings("message", "type", "from", "aggregate")
    why = headings("number", "reason", "parked-at", "behind")
    table = Table(*where, *why)
    for row in rows:
        cells = (row["message_id"], row["type"], row["source"], row["aggregate_id"])
        place = (row["sequence"], row["reason"], row["parked_at"].isoformat(timespec="seconds"))
        table.add_row(*map(str, (*cells, *place, row["waiting_behind"])))
    show(table)


@parked.command()
def replay(
    service: Queue,
    message_id: Annotated[UUID | None, typer.Argument()] = None,
    *,
    by: Annotated[str | None, ASKED_BY] = None,
    reason: Annotated[ReplayReason | None, ASKED_FOR] = None,
    parked_for: Annotated[ParkedReason | None, typer.Option()] = None,
    of_type: Annotated[str | None, typer.Option("--type")] = None,
    since: Annotated[datetime | None, AN_INSTANT] = None,
    until: Annotated[datetime | None, AN_INSTANT] = None,
    count: Annotated[int | None, typer.Option()] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run")] = False,
    data: Data = DATA,
) -> None:
    """Give a parked message its tries again, or all those chosen by reason, type and time."""
    choice = Choice(parked_for, of_type, since=since, until=until)
    if message_id is not None:
        if choice != Choice() or count is not None or dry_run:
            raise Refused(say("one-or-chosen"))
        actor, why = _recorded(by, reason)
        with _begin(data, service) as session:
            parking.replay(session, message_id=message_id, actor=actor, reason=why, now=utc_now())
        console.print(say("tried-again"))
        return
    if dry_run or count is None:
        with _begin(data, service) as session:
            found = replays.count(session, choice)
        console.print(say("would-be-replayed", count=found))
        raise typer.Exit(0 if dry_run else 1)
    actor, why = _recorded(by, reason)
    with _begin(data, service) as session:
        replays.replay_all(
            session, choice=choice, expected=count, actor=actor, reason=why, now=utc_now()
        )
    console.print(say("many-tried-again", count=count))


def _recorded(by: str | None, reason: ReplayReason | None) -> tuple[str, ReplayReason]:
    """Who does it and why, which only looking does not need."""
    if not by or reason is None:
        raise Refused(say("say-who-and-why"))
    return f"operator:{by}", reason


@parked.command("propose-skip")
def propose_skip(
    service: Queue, message_id: UUID, by: By, reason: Reason, data: Data = DATA
) -> None:
    """Propose that a parked message is given up: another has to confirm it with `skip`."""
    with _begin(data, service) as session:
        parking.propose_skip(
            session,
            message_id=message_id,
            actor=f"operator:{by}",
            reason=reason,
            now=utc_now(),
        )
    console.print(say("skip-proposed"))


@parked.command()
def skip(service: Queue, message_id: UUID, by: By, reason: Reason, data: Data = DATA) -> None:
    """Give a parked message up, as another proposed, and let the messages behind it pass."""
    with _begin(data, service) as session:
        parking.skip(
            session,
            message_id=message_id,
            actor=f"operator:{by}",
            reason=reason,
            now=utc_now(),
        )
    console.print(say("skipped"))


def _json_object(text: str) -> dict[str, Any]:
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise Refused(say("key-no-object"))
    return found


@contextmanager
def _begin(data: Path, service: Queue) -> Iterator[Session]:
    """A transaction, after which nothing stays open."""
    with addresses.database(data, service) as database, database.begin() as session:
        yield session


def main() -> None:
    """The command; a known refusal is printed in one line."""
    with in_one_line():
        command_of(app)(prog_name=PROGRAM)


if __name__ == "__main__":
    main()
