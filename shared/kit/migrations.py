"""One Alembic tree per service: locked, bounded in time, compatible with the release before.

A migration first expands (new nullable columns, new tables), a later release backfills, the next
one enforces; so old and new code run side by side during a roll-out.
"""

import importlib
from collections.abc import Iterable
from pathlib import Path

from alembic import command, context, op
from alembic.config import Config
from sqlalchemy import MetaData, create_engine, text

from shared.kit.columns import listed

URL = "database_url"
LOCK = 7_741_001
"""The advisory lock that keeps two deployments from migrating at once."""


def config(service: str, url: str) -> Config:
    """The Alembic configuration of a service's tree, without any ini file."""
    package = importlib.import_module(f"services.{service}")
    folder = Path(next(iter(package.__path__))) / "migrations"
    made = Config()
    made.set_main_option("script_location", str(folder).replace("%", "%%"))
    made.attributes[URL] = url
    return made


def upgrade(service: str, url: str, revision: str = "head") -> None:
    """Bring a database to a revision."""
    command.upgrade(config(service, url), revision)


def downgrade(service: str, url: str, revision: str) -> None:
    """Take a database back to a revision."""
    command.downgrade(config(service, url), revision)


def check(service: str, url: str) -> None:
    """Raise ``CommandError`` when the tables in code and in migrations differ."""
    command.check(config(service, url))


def revise(service: str, url: str, message: str, number: str) -> None:
    """Write the next migration from the difference between code and a migrated database."""
    command.revision(config(service, url), message=message, autogenerate=True, rev_id=number)


def run(metadata: MetaData) -> None:
    """What every ``env.py`` calls: migrate under a lock, never waiting long for a table."""
    engine = create_engine(context.config.attributes[URL])
    with engine.connect() as connection:
        connection.execute(text(f"SELECT pg_advisory_lock({LOCK})"))
        connection.execute(text("SET lock_timeout = '5s'"))
        connection.commit()
        context.configure(connection=connection, target_metadata=metadata, compare_type=True)
        with context.begin_transaction():
            context.run_migrations()
        connection.execute(text(f"SELECT pg_advisory_unlock({LOCK})"))
        connection.commit()
    engine.dispose()


def allow(table: str, column: str, codes: Iterable[str]) -> None:
    """In a migration: from here on a column may hold these codes and no other."""
    name = op.f(f"ck_{table}_{column}")
    op.drop_constraint(name, table)
    op.create_check_constraint(name, table, f"{column} IN ({listed(codes)})")
