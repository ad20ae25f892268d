"""Folders for real servers, left without a trace; addresses as the drivers want them."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from deploy.local.patience import wait_until
from deploy.local.place import erase
from tests.processes import is_gone


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder everybody may walk through."""
    made = Path(tempfile.mkdtemp(prefix="nc-"))
    made.chmod(0o711)
    yield made
    erase(made)


@pytest.fixture
def closed_folder() -> Iterator[Path]:
    """A folder inside one of mode 700, into which nobody but who runs the tests may walk."""
    parent = Path(tempfile.mkdtemp(prefix="nc-closed-"))
    made = parent / "checkout"
    made.mkdir()
    yield made
    erase(made)
    erase(parent)


@pytest.fixture
def libpq() -> Callable[[str], str]:
    """An address as psycopg takes it, of one for SQLAlchemy."""
    return lambda url: url.replace("postgresql+psycopg", "postgresql")


@pytest.fixture
def all_end() -> Callable[[list[psutil.Process]], bool]:
    """Whether all these processes end within the time a guard may take."""
    return lambda some: wait_until(lambda: all(map(is_gone, some)), within=15)
