"""Tables that several services have are the same in each, and as their owner's steps make them."""

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from sqlalchemy import Column, Connection, Engine, MetaData, String, create_engine, text

from deploy.stack.steps import OWNERS, takers, write
from shared.contracts import Queue
from shared.kit.steps import Steps, taking
from tests.conftest import ANY

EACH_OWNER = pytest.mark.parametrize("owner", OWNERS.values(), ids=OWNERS)

TABLES = text(
    "SELECT relname, relpersistence, relkind FROM pg_class"
    " WHERE relnamespace = 'public'::regnamespace AND relname = ANY(:tables)"
)
COLUMNS = text(
    "SELECT attrelid::regclass::text, rank() OVER (PARTITION BY attrelid ORDER BY attnum), attname,"
    " format_type(atttypid, atttypmod), attnotnull, pg_get_expr(adbin, adrelid) FROM pg_attribute"
    " LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum"
    " WHERE attrelid::regclass::text = ANY(:tables) AND attnum > 0 AND NOT attisdropped"
)
CONSTRAINTS = text(
    "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
    " WHERE conrelid <> 0 AND conrelid::regclass::text = ANY(:tables)"
)
INDEXES = text("SELECT indexdef FROM pg_indexes WHERE tablename = ANY(:tables)")


def found(connection: Connection, owner: Steps) -> list[tuple[object, ...]]:
    """Everything PostgreSQL knows of the shape of an owner's tables."""
    told = {"tables": list(owner.metadata.tables)}
    queries = (TABLES, COLUMNS, CONSTRAINTS, INDEXES)
    return [tuple(row) for it in queries for row in sorted(connection.execute(it, told), key=str)]


@pytest.fixture
def empty(servers: Mapping[str, str]) -> Iterator[Callable[[], str]]:
    """Make databases without tables."""
    made: list[str] = []
    admin = servers["postgres"].replace(ANY, "postgres").replace("+psycopg", "")
    with psycopg.connect(admin, autocommit=True) as connection:

        def make() -> str:
            made.append(f"steps_{secrets.token_hex(4)}")
            connection.execute(f'CREATE DATABASE "{made[-1]}"')
            return servers["postgres"].replace(ANY, made[-1])

        yield make
        for name in made:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


@EACH_OWNER
def test_steps_lead_to_what_code_declares_and_back(empty: Callable[[], str], owner: Steps) -> None:
    with connected(empty()) as declared:
        owner.metadata.create_all(declared)
        in_code = found(declared, owner)
    with connected(empty()) as connection, taking(connection) as context:
        shapes = []
        for step in owner.all:
            shapes.append(found(connection, owner))
            step.upgrade()
        assert shapes[0] == []
        assert compare_metadata(context, owner.metadata) == []
        assert sorted(map(placeless, found(connection, owner)), key=str) == sorted(
            map(placeless, in_code), key=str
        )
        for step in reversed(owner.all):
            step.downgrade()
            assert found(connection, owner) == shapes.pop()


def placeless(row: tuple[object, ...]) -> tuple[object, ...]:
    """Without the place of a column: one that was added later stands last."""
    return tuple(it for it in row if not isinstance(it, int) or isinstance(it, bool))


@EACH_OWNER
def test_tables_that_several_services_have_are_the_same_in_each(
    empty: Callable[[], str], engine_of: Callable[[str], Engine], owner: Steps
) -> None:
    with connected(empty()) as connection, taking(connection):
        for step in owner.all:
            step.upgrade()
        alone = found(connection, owner)
    for service in takers(owner):
        with engine_of(service).connect() as connection:
            assert found(connection, owner) == alone, service


def test_every_service_has_messaging_the_audit_and_the_ledger_of_keys() -> None:
    assert takers(OWNERS["messaging"]) == list(Queue)
    assert takers(OWNERS["audit"]) == list(Queue)
    assert takers(OWNERS["idempotency"]) == list(Queue)
    assert takers(OWNERS["key_checks"]) == [Queue.DIRECTORY, Queue.INTAKE, Queue.NOTIFICATION]


def test_the_next_step_is_written_from_the_tables_in_code(
    empty: Callable[[], str], tmp_path: Path
) -> None:
    audit = OWNERS["audit"]
    wider = MetaData()
    for table in audit.metadata.tables.values():
        table.to_metadata(wider).append_column(Column("place", String(10)))
    (tmp_path / "shared/kit/steps/audit").mkdir(parents=True)
    for service in Queue:
        versions = tmp_path / "services" / service / "migrations/versions"
        versions.mkdir(parents=True)
        (versions / "0001_first_tables.py").touch()

    written = write(
        Steps(audit.owner, audit.package, wider),
        "Where it was done",
        database=empty(),
        code=tmp_path,
    )

    step, *migrations = (path.relative_to(tmp_path) for path in written)
    number = len(audit.all) + 1
    assert step == Path(f"shared/kit/steps/audit/step_{number:04d}_where_it_was_done.py")
    content = (tmp_path / step).read_text()
    assert "op.add_column('audit_entries', sa.Column('place'" in content
    assert "op.drop_column('audit_entries', 'place')" in content
    assert [path.parts[1] for path in migrations] == list(Queue)
    for path in migrations:
        assert path.name == "0002_where_it_was_done.py"
        content = (tmp_path / path).read_text()
        assert 'revision = "0002"\ndown_revision = "0001"' in content
        assert f"audit.step({number}).upgrade()" in content
        assert f"audit.step({number}).downgrade()" in content
