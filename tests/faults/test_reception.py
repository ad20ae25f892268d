"""The API dies between commit and answer (fault 6); a client that asks again gets one case (I8)."""

import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import orjson
import psycopg
import pytest

from deploy.local.place import erase
from deploy.local.ports import free_port
from deploy.local.program import Program
from deploy.stack.client import ApiClient, Credentials
from deploy.stack.environment import CODE
from deploy.stack.installation import Installation, running
from deploy.stack.programs import answers
from shared.contracts import Queue
from tests.faults.crashing import MARKER

CASE = orjson.loads((CODE / "docs/examples/case.json").read_bytes())
KEY = "one-case-however-often"


@pytest.fixture(scope="module")
def site() -> Iterator[Installation]:
    folder = Path(mkdtemp(prefix="nhipcau-site-"))
    with running(folder, port=free_port()) as installation:
        yield installation
    erase(folder)


@pytest.fixture(scope="module")
def agency(site: Installation) -> Credentials:
    """A client of the commune that receives the example's person."""
    registrar = site.sandbox()
    commune = registrar.organisations()["ubnd-xa-kien-thuy"]
    made = Credentials.read(registrar.add_client("fault-agency", commune))
    registrar.administrator.close()
    return made


@pytest.fixture
def crashing(site: Installation, tmp_path: Path) -> str:
    """A second front of the same exchange, which dies once before it answers a new case."""
    port = free_port()
    program = Program(
        name=f"crashing-{port}",
        argv=[
            sys.executable, "-m", "uvicorn", "--factory", "tests.faults.crashing:create",
            "--host", "127.0.0.1", "--port", str(port), "--no-access-log",
        ],
        env=site.environment.everything() | {MARKER: str(tmp_path / "died")},
        cwd=CODE,
        port=port,
        ready=lambda: answers(port),
    )  # fmt: skip
    site.start([program])
    return f"http://127.0.0.1:{port}"


def count(site: Installation, statement: str) -> int:
    with psycopg.connect(site.database(Queue.INTAKE)) as connection:
        row = connection.execute(statement).fetchone()
    assert row is not None
    return int(row[0])


def test_a_case_whose_answer_was_lost_is_found_and_not_made_again(
    site: Installation,
    agency: Credentials,
    crashing: str,
    tmp_path: Path,
) -> None:
    before = count(site, "SELECT count(*) FROM cases")
    client = ApiClient(crashing, agency, token_url=site.environment.token_url)
    answer = client.post("/intake/v1/cases", CASE, key=KEY)
    again = client.post("/intake/v1/cases", CASE, key=KEY)
    found = client.get(answer.headers["location"])
    client.close()

    assert (tmp_path / "died").exists(), "the process died before its first answer"
    assert answer.status_code == again.status_code == 201
    assert answer.json() == again.json()
    assert found.status_code == 200
    assert count(site, "SELECT count(*) FROM cases") == before + 1
    assert count(site, "SELECT count(*) FROM idempotency_keys WHERE key = 'one-case-however-often'")


def test_a_refused_case_stores_nothing_and_names_the_field(
    site: Installation,
    agency: Credentials,
) -> None:
    before = count(site, "SELECT count(*) FROM cases")
    client = ApiClient(site.base_url, agency)
    answer = client.post("/intake/v1/cases", {**CASE, "route": "Nguyễn Thị Ví Dụ"})
    client.close()
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/route"
    assert "Nguyễn" not in answer.text
    assert count(site, "SELECT count(*) FROM cases") == before
