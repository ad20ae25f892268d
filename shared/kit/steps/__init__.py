"""Tables that stand in several services' databases are changed in one place, step by step.

Whoever owns such tables has a folder of steps: one module for each change, ``step_NNNN_….py``, with
``upgrade`` and ``downgrade``. A migration of a service says only whose step it takes, and by its
place when in the service's own history. A step that was released stays as it is, like any
migration: databases have taken it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pkgutil import iter_modules

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, MetaData


@dataclass(frozen=True)
class Step:
    """One change of its owner's tables."""

    number: int
    upgrade: Callable[[], None]
    downgrade: Callable[[], None]


@dataclass(frozen=True)
class Steps:
    """All changes of one owner's tables, which lead to what code declares of them."""

    owner: str
    package: str
    metadata: MetaData

    def step(self, number: int) -> Step:
        """The step with this number; the first is 1."""
        return self.all[number - 1]

    @cached_property
    def all(self) -> tuple[Step, ...]:
        """Every step, in the order in which each database takes them."""
        folder = import_module(self.package).__path__
        return tuple(_read(self.package, it.name) for it in iter_modules(folder))


def _read(package: str, module: str) -> Step:
    read = import_module(f"{package}.{module}")
    _, number, _ = module.split("_", 2)
    return Step(int(number), read.upgrade, read.downgrade)


@contextmanager
def taking(connection: Connection) -> Iterator[MigrationContext]:
    """Where steps are taken outside a migration: on this connection."""
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    with Operations.context(context):
        yield context
