"""Each module of fault tests has a laboratory of its own; its tests run one after another.

Tests are handed out by the file (`make test`, `make long`), so a module stays in one process.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import pytest

from tests.faults.lab import USUAL, Lab, open_lab


@pytest.fixture(scope="module")
def lab(request: pytest.FixtureRequest) -> Iterator[Lab]:
    """A sender and a receiver with their processes running; after a failure their logs stay.

    A module's ``PROCESSES`` says which run; the usual three without.
    """
    folder = Path(mkdtemp(prefix="nhipcau-lab-"))
    opened = open_lab(folder)
    failed = request.session.testsfailed
    try:
        opened.run_all(getattr(request.module, "PROCESSES", USUAL))
        opened.tell(10)
        opened.settle()
        yield opened
    finally:
        opened.close()
    if request.session.testsfailed == failed:
        shutil.rmtree(folder, ignore_errors=True)
