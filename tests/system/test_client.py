"""An agency makes itself a client from the five documents, and submits a case with it."""

import json
import subprocess
from pathlib import Path

import pytest

from deploy import api_client
from deploy.local.ports import free_port
from deploy.stack.installation import running
from deploy.stack.programs import SMALL
from deploy.stack.standing import OPEN, write_sandbox
from tests.architecture.source import ROOT

pytestmark = pytest.mark.long
"""A minute: what generates a client is installed first."""

PROGRAM = Path(__file__).with_name("agency_client.py")
CASE = ROOT / "docs/examples/case.json"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """What an agency learns that installs the client's wheel, and nothing of the product."""
    folder = tmp_path_factory.mktemp("client")
    with running(folder / "site", port=free_port(), size=SMALL, extra=OPEN) as site:
        write_sandbox(folder / "site", site)
        wheel = api_client.make(site.base_url, folder / "made")
        python = api_client.workshop()
        into: list[str | Path] = ["install", "--no-deps", "--target", folder / "installed", wheel]
        subprocess.run([python, *api_client.PIP, *into], check=True)
        done = subprocess.run(
            [python, PROGRAM, folder / "site" / "sandbox.json", CASE],
            env={"PYTHONPATH": str(folder / "installed")},
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_an_agency_submits_a_case_with_a_generated_client(told: dict[str, object]) -> None:
    assert told["status"] == 201
    assert told["location"] == f"/intake/v1/cases/{told['id']}"
    assert told["listed"] == [told["code"]]


def test_an_agency_reads_what_became_of_its_case(told: dict[str, object]) -> None:
    assert told["papers"] == ["DECLARATION", "POLICE_CERTIFICATE"]
    steps = told["steps"]
    assert isinstance(steps, list)
    assert steps[0] == "received"
    assert len(steps) > 1
