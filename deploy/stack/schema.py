"""Migrations held against the tables in code, on a server of their own."""

import importlib
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import typer
from alembic.util.exc import CommandError

from deploy.local.postgres import Postgres
from deploy.local.scratch import scratch
from deploy.stack import steps
from deploy.stack.environment import CODE
from deploy.words import say
from shared.contracts import Queue
from shared.kit import migrations, twins


def check() -> None:
    """Exit 1 unless each service's migrations lead to exactly what its code declares.

    That is the same tables, and in them the same constraints and indexes: a code of a vocabulary
    that the database would refuse is found here.
    """
    with _server() as server:
        found = [line for service in Queue for line in _differences(server, service)]
    for line in found:
        typer.echo(line, err=True)
    if found:
        raise typer.Exit(1)


def _differences(server: Postgres, service: Queue) -> list[str]:
    migrated = _migrated(server, service)
    try:
        migrations.check(service, migrated)
    except CommandError as difference:
        # Without the same tables there is nothing whose rules could be compared.
        return [f"{service}: {difference}"]
    declared = importlib.import_module(f"services.{service}.models").METADATA
    rules = twins.differences(declared, migrated=migrated, twin=_empty(server, f"{service}_twin"))
    return [f"{service}: {rule}" for rule in rules]


def revise(service: Queue, message: str) -> None:
    """Write the next migration, numbered after the last."""
    folder = CODE / "services" / service / "migrations" / "versions"
    number = f"{len(list(folder.glob('[0-9]*.py'))) + 1:04d}"
    with _server() as server:
        migrations.revise(service, _migrated(server, service), message, number)
    typer.echo(say("read-before-commit", file=f"{folder.relative_to(CODE)}/{number}_*.py"))


def write_step(owner: str, message: str) -> None:
    """Write the next step of tables that several services have, and what takes it."""
    steps_of = steps.owner_named(owner)
    with _server() as server:
        written = steps.write(steps_of, message, database=_empty(server, owner), code=CODE)
    for path in written:
        typer.echo(say("read-before-commit", file=path.relative_to(CODE)))


def _migrated(server: Postgres, service: Queue) -> str:
    url = _empty(server, service)
    migrations.upgrade(service, url)
    return url


def _empty(server: Postgres, name: str) -> str:
    admin = server.url("postgres", "postgres").replace("+psycopg", "", 1)
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return server.url(name, "postgres")


@contextmanager
def _server() -> Iterator[Postgres]:
    with scratch() as folder:
        server = Postgres.start(folder)
        try:
            yield server
        finally:
            server.stop()
