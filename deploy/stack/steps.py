"""A change of tables that several services have: one step, and migrations that take it."""

import importlib
import re
from pathlib import Path

from alembic.autogenerate import produce_migrations, render_python_code
from sqlalchemy import MetaData, create_engine

from deploy.stack.refusals import Refused
from deploy.words import say
from shared.clocks.steps import clocks
from shared.contracts import Queue
from shared.kit.steps import Steps, taking
from shared.kit.steps.audit import audit
from shared.kit.steps.idempotency import idempotency
from shared.kit.steps.key_checks import key_checks
from shared.messaging.steps import messaging
from shared.rulebook.steps import rulebook

OWNERS = {it.owner: it for it in (audit, clocks, idempotency, key_checks, messaging, rulebook)}
"""Whoever has tables in the databases of several services."""

LONGEST_NAME = 40

STEP = '''"""{says}."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql


def upgrade() -> None:
    {upgrade}


def downgrade() -> None:
    {downgrade}
'''

MIGRATION = '''"""{says}."""

from {package} import {owner}

revision = "{number:04d}"
down_revision = "{before:04d}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    {owner}.step({step}).upgrade()


def downgrade() -> None:
    {owner}.step({step}).downgrade()
'''


def owner_named(name: str) -> Steps:
    """Whoever has this name; refused if nobody has."""
    if name not in OWNERS:
        raise Refused(say("no-such-owner", owners=", ".join(OWNERS)))
    return OWNERS[name]


def takers(owner: Steps) -> list[Queue]:
    """The services that have this owner's tables."""
    return [it for it in Queue if owner.metadata.tables.keys() <= _declared(it).tables.keys()]


def write(owner: Steps, message: str, *, database: str, code: Path) -> list[Path]:
    """Write the next step, from the tables in code, and what takes it; returns the files.

    ``database`` is an empty one.
    """
    says = message.rstrip(".")
    name = re.sub(r"\W+", "_", says.lower())[:LONGEST_NAME].strip("_")
    number = len(owner.all) + 1
    folder = code.joinpath(*owner.package.split("."))
    made = {folder / f"step_{number:04d}_{name}.py": _step(owner, says, database)}
    for service in takers(owner):
        versions = code / "services" / service / "migrations" / "versions"
        before = len(list(versions.glob("[0-9]*.py")))
        made[versions / f"{before + 1:04d}_{name}.py"] = MIGRATION.format(
            says=says,
            package=owner.package,
            owner=owner.owner,
            step=number,
            number=before + 1,
            before=before,
        )
    for path, content in made.items():
        path.write_text(content, encoding="utf-8")
    return list(made)


def _step(owner: Steps, says: str, database: str) -> str:
    """The text of a step from what the steps so far make to what code declares."""
    engine = create_engine(database)
    with engine.begin() as connection, taking(connection) as context:
        for step in owner.all:
            step.upgrade()
        found = produce_migrations(context, owner.metadata)
        upgrade, downgrade = (
            render_python_code(change, migration_context=context)
            for (change,) in (found.upgrade_ops_list, found.downgrade_ops_list)
        )
    engine.dispose()
    return STEP.format(says=says, upgrade=upgrade, downgrade=downgrade)


def _declared(service: Queue) -> MetaData:
    found: MetaData = importlib.import_module(f"services.{service}.models").METADATA
    return found
