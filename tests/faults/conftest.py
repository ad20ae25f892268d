"""Each module of fault tests has a laboratory of its own; its tests run one after another."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import pytest

from tests.faults.lab import Lab, open_lab


def pytest_itemcollected(item: pytest.Item) -> None:
    """One xdist worker a module: its tests share processes. Later hooks would be too late."""
    item.add_marker(pytest.mark.xdist_group(item.path.stem))


@pytest.fixture(scope="module")
def lab(request: pytest.FixtureRequest) -> Iterator[Lab]:
    """A sender and a receiver with their processes running; after a failure their logs stay."""
    folder = Path(mkdtemp(prefix="nhipcau-lab-"))
    opened = open_lab(folder)
    failed = request.session.testsfailed
    try:
        opened.run_all()
        opened.tell(10)
        opened.settle()
        yield opened
    finally:
        opened.close()
    if request.session.testsfailed == failed:
        shutil.rmtree(folder, ignore_errors=True)
