"""Identity lives in intake's sealed columns only, and shared code knows no word of the field."""

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Column, LargeBinary, MetaData

from shared.contracts import Queue
from tests.architecture.source import python_files, tree

TELLING = re.compile(
    r"(^|_)(name|names|given_name|family_name|alias|aliases|phone|phones|mobile|address|addresses|"
    r"birth|born|email|text|free_text|note|notes|comment|comments|remark|remarks|passport|cccd|"
    r"cmnd|id_number|document_number|nationality|ethnicity)(_|$)",
)
"""Column names that promise identity or free text."""

PUBLIC_BODIES = {
    (Queue.DIRECTORY, table, column)
    for table in ("organisations", "programmes")
    for column in ("name", "name_vi", "name_en")
}
"""Names of public institutions and of what they offer."""

FIELD_WORDS = {
    "referral", "victim", "beneficiary", "survivor", "person", "caseworker", "offer", "consent",
    "programme", "entitlement", "disclosure", "verification", "livelihood", "intake", "directory",
    "notification", "trafficking", "allowance", "loan", "vocational", "regime",
}  # fmt: skip
"""Words of the domain; they belong in services and contracts."""

ALLOW_LIST = Path("shared/kit/logging.py")
"""The keys that may be logged are ids of the field, and named so."""


def columns(service: Queue) -> Iterator[Column[object]]:
    metadata: MetaData = importlib.import_module(f"services.{service}.models").METADATA
    for table in metadata.tables.values():
        yield from table.columns


def is_public(service: Queue, column: Column[object]) -> bool:
    return (service, column.table.name, column.name) in PUBLIC_BODIES


@pytest.mark.parametrize("service", [queue for queue in Queue if queue != Queue.INTAKE])
def test_no_table_outside_intake_holds_identity(service: Queue) -> None:
    found = [
        f"{column.table.name}.{column.name}"
        for column in columns(service)
        if TELLING.search(column.name) and not is_public(service, column)
    ]
    assert not found, f"services/{service} must not keep {found}"


def test_identity_in_intake_is_sealed() -> None:
    found = [
        f"{column.table.name}.{column.name} is {column.type!r}"
        for column in columns(Queue.INTAKE)
        if TELLING.search(column.name) and not isinstance(column.type, LargeBinary)
    ]
    assert not found, f"identity is stored as ciphertext only: {found}"


@pytest.mark.parametrize("path", python_files("shared/kit", "shared/messaging"), ids=str)
def test_shared_code_knows_no_word_of_the_field(path: Path) -> None:
    found = {word for name in names(path) for word in words(name) if word in FIELD_WORDS}
    assert not found, f"{path} knows {sorted(found)}: it belongs in a service or in contracts"


def names(path: Path) -> Iterator[str]:
    """Every identifier of a file, and every text in it that is neither docstring nor allow-list."""
    documentation = set(docstrings(tree(path)))
    for node in ast.walk(tree(path)):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
                yield name
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.alias(name=name):
                yield name
            case ast.Constant(value=str(value)) if (
                path != ALLOW_LIST and id(node) not in documentation
            ):
                yield value


def docstrings(module: ast.Module) -> Iterator[int]:
    """Texts that stand alone as statements."""
    for node in ast.walk(module):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield id(node.value)


def words(name: str) -> set[str]:
    """The words an identifier is made of, in the singular."""
    found = re.findall(r"[A-Z]?[a-z]+|[A-Z]+", name)
    return {word.lower() for word in found} | {word.lower().removesuffix("s") for word in found}


@pytest.mark.parametrize("name", ["ReferralMoved", "open_offers", "CONSENT_SCOPE", "person_id"])
def test_the_search_for_words_of_the_field_finds_them(name: str) -> None:
    assert words(name) & FIELD_WORDS


@pytest.mark.parametrize("column", ["name", "full_name", "phone_number", "home_address", "notes"])
def test_the_search_for_telling_columns_finds_them(column: str) -> None:
    assert TELLING.search(column)


@pytest.mark.parametrize("column", ["case_id", "organisation_kind", "address_digest_key", "code"])
def test_the_search_for_telling_columns_is_about_whole_words(column: str) -> None:
    assert bool(TELLING.search(column)) is (column == "address_digest_key")
