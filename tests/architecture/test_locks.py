"""Orders of locks: written down by every service, and kept where one module can be read for it."""

import re

import pytest

from shared.contracts import Queue
from tests.architecture.source import ROOT, lines, python_files

WAITING = re.compile(r"with_for_update|FOR (NO KEY )?UPDATE|FOR (KEY )?SHARE")


@pytest.mark.parametrize("service", Queue)
def test_a_service_says_in_which_order_it_locks(service: Queue) -> None:
    readme = (ROOT / "services" / service / "README.md").read_text("utf-8")
    assert readme.count("\n## Locks\n") == 1


def test_livelihood_support_locks_in_one_module() -> None:
    """Its frames lock many cases and programmes at once, so its order must be seen whole."""
    found = {
        path.name
        for path in python_files("services/livelihood_support")
        if any(WAITING.search(line) for line in lines(path))
    }
    assert found == {"locks.py"}
