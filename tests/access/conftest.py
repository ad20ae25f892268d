"""The rows asked about here are given by the tests; the database is any service's."""

import pytest

from shared.contracts import Queue
from tests.architecture.conftest import keys

__all__ = ["keys"]


@pytest.fixture(scope="session")
def service() -> Queue:
    return Queue.VERIFICATION
