"""Each module of fault tests has a laboratory of its own; its tests run one after another."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import pytest

from tests.faults.lab import Lab, open_lab


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One xdist worker a module: its tests share processes."""
    for item in items:
        if "/faults/" in str(item.path):
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    """A sender and a receiver with their processes running."""
    folder = Path(mkdtemp(prefix="nhipcau-lab-"))
    opened = open_lab(folder)
    try:
        opened.run_all()
        opened.tell(10)
        opened.settle(seconds=60)
        yield opened
    finally:
        opened.close()
        shutil.rmtree(folder, ignore_errors=True)
