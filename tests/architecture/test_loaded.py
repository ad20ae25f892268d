"""What is imported by each process that serves no request: nothing it does not run."""

import subprocess
import sys

import pytest

from shared.contracts import Queue
from tests.architecture.source import ROOT
from tests.loaded import IDLE, OF_A_WORKER, needless

UNWANTED = {"worker": IDLE, "relay": IDLE | OF_A_WORKER, "back": IDLE}


def imported_by(module: str) -> list[str]:
    """All that is there once a process has imported its entry point."""
    program = f"import sys, {module}; print(*sys.modules)"
    asked = [sys.executable, "-c", program]
    return subprocess.run(
        asked, cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()


@pytest.mark.parametrize("role", sorted(UNWANTED))
@pytest.mark.parametrize("queue", Queue)
def test_a_process_imports_what_it_runs(queue: Queue, role: str) -> None:
    modules = imported_by(f"services.{queue}.{role}")
    assert f"services.{queue}.domain" in modules
    assert not needless(modules, UNWANTED[role])
