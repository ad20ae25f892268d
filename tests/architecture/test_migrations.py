"""Tables that several services have are changed by their owner's steps, and by nothing else."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.stack.steps import OWNERS, takers
from shared.contracts import Queue
from shared.contracts.steps import _ORGANISATION_KINDS, organisation_kinds
from shared.contracts.vocabulary import OrganisationKind
from shared.kit.steps import Steps
from tests.architecture.source import ROOT

SERVICES = pytest.mark.parametrize("service", Queue)
SHARED = {table for owner in OWNERS.values() for table in owner.metadata.tables}
SHAPED = re.compile(
    rf"\b(?:CREATE|ALTER|DROP)\b.*\b(?:{'|'.join(sorted(SHARED))})\b", re.IGNORECASE | re.DOTALL
)
CALL = re.compile(r"(\w+)\.step\((\d+)\)\.(upgrade|downgrade)\(\)")


def migrations(service: Queue) -> list[Path]:
    return sorted((ROOT / "services" / service / "migrations" / "versions").glob("*.py"))


def taken(path: Path) -> Iterator[tuple[str, str, int]]:
    """In the order of the file: whether it goes up or down, by which owner's step."""
    for function in ast.parse(path.read_text("utf-8")).body:
        if isinstance(function, ast.FunctionDef):
            for owner, number, way in CALL.findall(ast.unparse(function)):
                assert way == function.name, f"{path}: {way} in {function.name}"
                yield way, owner, int(number)


@SERVICES
def test_a_service_takes_every_step_of_each_owner_once_and_in_order(service: Queue) -> None:
    up = [
        (owner, number)
        for path in migrations(service)
        for way, owner, number in taken(path)
        if way == "upgrade"
    ]
    for owner in OWNERS.values():
        steps = [step.number for step in owner.all] if service in takers(owner) else []
        assert [number for name, number in up if name == owner.owner] == steps, owner.owner


@SERVICES
def test_a_migration_takes_back_the_steps_it_took_the_last_first(service: Queue) -> None:
    for path in migrations(service):
        up = [step for way, *step in taken(path) if way == "upgrade"]
        down = [step for way, *step in taken(path) if way == "downgrade"]
        assert down == up[::-1], path


@pytest.mark.parametrize("owner", OWNERS.values(), ids=OWNERS)
def test_steps_are_numbered_without_a_gap(owner: Steps) -> None:
    assert [step.number for step in owner.all] == list(range(1, len(owner.all) + 1))


def shaped_by_itself(source: str) -> list[str]:
    """What a migration says of a table that several services have, other than in its rows."""
    return [
        node.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and (node.value in SHARED or SHAPED.search(node.value))
    ]


@SERVICES
def test_no_migration_shapes_a_table_that_several_services_have(service: Queue) -> None:
    found = {path.name: shaped_by_itself(path.read_text("utf-8")) for path in migrations(service)}
    assert not {name: said for name, said in found.items() if said}, (
        f"services/{service}: `nhipcau step` writes a step of the owner, and what takes it"
    )


@pytest.mark.parametrize(
    "source",
    [
        'op.add_column("outbox", sa.Column("day", sa.Date()))',
        'op.drop_index("ix_outbox_due", table_name="outbox")',
        'op.execute("ALTER TABLE inbox SET UNLOGGED")',
        'op.execute("create index on audit_entries (actor)")',
    ],
)
def test_the_search_for_what_shapes_a_shared_table_finds_it(source: str) -> None:
    assert shaped_by_itself(source)


def test_the_search_lets_rows_be_written() -> None:
    assert not shaped_by_itself("""op.execute("INSERT INTO operator_alerts SELECT 1")""")


def test_the_last_step_of_a_vocabulary_allows_the_codes_there_are() -> None:
    assert set(organisation_kinds(step=len(_ORGANISATION_KINDS))) == set(OrganisationKind)
