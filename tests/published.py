"""Facts of standards and public tables, as tests read them (``tests/vectors``)."""

import csv
from pathlib import Path
from typing import Any

import orjson

VECTORS = Path(__file__).parent / "vectors"


def published(name: str) -> Any:
    """The facts of a JSON file."""
    return orjson.loads((VECTORS / name).read_bytes())


def published_rows(name: str) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with (VECTORS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
