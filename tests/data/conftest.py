"""The given facts as they lie in the repository, read without any loader of a service."""

import csv
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SEED = ROOT / "services" / "directory" / "seed"
RULES = ROOT / "shared" / "law" / "rules"

Row = dict[str, Any]


def _toml(path: Path) -> Row:
    return tomllib.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def units() -> Sequence[dict[str, str]]:
    """Administrative units, one row for each time a code had a meaning."""
    with (ROOT / "shared" / "places" / "units.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="session")
def organisations() -> Sequence[Row]:
    """Public institutions with their dated roles."""
    rows: list[Row] = _toml(SEED / "organisations.toml")["organisations"]
    return rows


@pytest.fixture(scope="session")
def programmes() -> Sequence[Row]:
    """What the institutions offer in demonstrations."""
    rows: list[Row] = _toml(SEED / "programmes.toml")["programmes"]
    return rows


@pytest.fixture(scope="session")
def entitlements() -> Row:
    """Who is granted what."""
    return _toml(RULES / "entitlements.toml")


@pytest.fixture(scope="session")
def deadlines() -> Sequence[Row]:
    """The clocks."""
    rows: list[Row] = _toml(RULES / "deadlines.toml")["rule"]
    return rows


@pytest.fixture(scope="session")
def demo_cases() -> Sequence[Row]:
    """The demonstration's submissions."""
    rows: list[Row] = _toml(ROOT / "deploy" / "demo" / "cases.toml")["cases"]
    return rows


@pytest.fixture(scope="session")
def glossary() -> Sequence[list[str]]:
    """The cells of every row of every table of the glossary."""
    lines = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if "|" in line]
    return [row for row in rows if row[0] != "key" and set(row[0]) != {"-"}]


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT
