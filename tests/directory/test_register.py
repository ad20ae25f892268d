"""The operator lets an agency's system in: a public key on standard input, an audit entry."""

import os
import subprocess
import sys
from pathlib import Path

import orjson
import pytest
from joserfc.jwk import OKPKey
from sqlalchemy import Engine, text

from shared.kit.auth import ALGORITHM
from shared.kit.database import Database
from tests.conftest import NOON
from tests.directory.builders import open_school

ROOT = Path(__file__).parents[2]


@pytest.fixture
def school(database: Database) -> str:
    """The code of an organisation."""
    with database.begin() as session:
        return open_school(session, now=NOON).code


@pytest.fixture
def public_jwk() -> dict[str, object]:
    key = OKPKey.generate_key("Ed25519", parameters={"alg": ALGORITHM, "use": "sig"})
    return {**key.as_dict(private=False)}


def register(engine: Engine, code: str, key: str) -> subprocess.CompletedProcess[str]:
    url = engine.url.render_as_string(hide_password=False)
    return subprocess.run(
        [sys.executable, "-m", "deploy.cli", "register", "my-system", code, "--as", "an-officer"],
        cwd=ROOT,
        env={**os.environ, "DIRECTORY_DATABASE_URL": url},
        input=key,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_system_is_let_in_and_by_whom_is_recorded(
    engine: Engine, database: Database, school: str, public_jwk: dict[str, object]
) -> None:
    done = register(engine, school, orjson.dumps(public_jwk).decode())
    assert done.returncode == 0, done.stderr
    with database.read() as session:
        rows = session.execute(text("SELECT client_id FROM clients")).all()
        actors = session.scalars(
            text("SELECT actor FROM audit_entries WHERE action = 'client.registered'")
        ).all()
    assert rows == [("my-system",)]
    assert actors == ["operator:an-officer"]


@pytest.mark.parametrize(
    ("code", "key", "said"),
    [("nobody", None, "nhipcau:"), (None, "not json", "JSON object"), (None, "[]", "JSON object")],
)
def test_what_cannot_be_registered_is_said_in_one_line(
    *,
    engine: Engine,
    database: Database,
    school: str,
    public_jwk: dict[str, object],
    code: str | None,
    key: str | None,
    said: str,
) -> None:
    done = register(engine, code or school, key or orjson.dumps(public_jwk).decode())
    assert done.returncode == 1
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
    with database.read() as session:
        assert not session.execute(text("SELECT 1 FROM clients")).all()
