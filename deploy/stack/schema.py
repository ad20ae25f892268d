"""Migrations held against the tables in code, on a server of their own."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import typer
from alembic.util.exc import CommandError

from deploy.local.postgres import Postgres
from deploy.stack.environment import CODE
from shared.contracts import Queue
from shared.kit import migrations


def check() -> None:
    """Exit 1 unless each service's migrations lead to exactly the tables its code declares."""
    is_true = True
    for service, url in _migrated(tuple(Queue)):
        try:
            migrations.check(service, url)
        except CommandError as difference:
            is_true = False
            typer.echo(f"{service}: {difference}", err=True)
    if not is_true:
        raise typer.Exit(1)


def revise(service: Queue, message: str) -> None:
    """Write the next migration, numbered after the last."""
    folder = CODE / "services" / service / "migrations" / "versions"
    number = f"{len(list(folder.glob('[0-9]*.py'))) + 1:04d}"
    for name, url in _migrated((service,)):
        migrations.revise(name, url, message, number)
    typer.echo(f"{folder.relative_to(CODE)}/{number}_*.py: read it before you commit it")


def _migrated(services: tuple[Queue, ...]) -> Iterator[tuple[Queue, str]]:
    with _server() as server:
        admin = server.url("postgres", "postgres").replace("+psycopg", "", 1)
        for service in services:
            with psycopg.connect(admin, autocommit=True) as connection:
                connection.execute(f'CREATE DATABASE "{service}"')
            url = server.url(service, "postgres")
            migrations.upgrade(service, url)
            yield service, url


@contextmanager
def _server() -> Iterator[Postgres]:
    with tempfile.TemporaryDirectory(prefix="nhipcau-schema-") as folder:
        server = Postgres.start(Path(folder))
        try:
            yield server
        finally:
            server.stop()
