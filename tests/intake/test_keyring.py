"""The keys of the vault are recognised; others are refused before anything is sealed with them."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import orjson
import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from deploy.local.ports import free_port
from deploy.stack.environment import CODE
from deploy.stack.keys import Keys
from services.intake import domain
from services.intake.models import Person
from shared.contracts import Queue
from shared.kit.crypto import MasterKeys
from shared.kit.database import Database, make_engine
from shared.kit.key_checks import KEY_CHECKS, WrongKey, recognised, recorded
from tests.intake.builders import NOON, facts, receive

OTHER = bytes(reversed(range(32)))


def with_keys(keys: MasterKeys, **versions: bytes) -> MasterKeys:
    changed = {int(name.removeprefix("v")): key for name, key in versions.items()}
    return MasterKeys(keys=keys.keys | changed, index_key=keys.index_key)


def recognise(session: Session, keys: MasterKeys) -> None:
    domain.recognise_keys(session, keys=keys, now=NOON)


def test_keys_are_known_from_the_first_start_on(session: Session, keys: MasterKeys) -> None:
    recognise(session, keys)
    assert recorded(session) == {"master|1", "index"}
    recognise(session, keys)
    assert session.scalar(select(func.count()).select_from(KEY_CHECKS)) == 2


def test_the_database_does_not_hold_a_key(session: Session, keys: MasterKeys) -> None:
    recognise(session, keys)
    stored = b"".join(session.scalars(select(KEY_CHECKS.c.digest)))
    assert keys.keys[1] not in stored
    assert keys.index_key not in stored


@pytest.mark.parametrize("part", ["master|1", "index"])
def test_a_key_that_was_made_anew_is_refused(session: Session, keys: MasterKeys, part: str) -> None:
    recognise(session, keys)
    anew = {
        "master|1": MasterKeys(keys={1: OTHER}, index_key=keys.index_key),
        "index": MasterKeys(keys=keys.keys, index_key=OTHER),
    }
    with pytest.raises(WrongKey) as refused:
        recognise(session, anew[part])
    assert part in str(refused.value)
    assert OTHER.hex() not in str(refused.value)


def test_a_new_version_is_taken_and_known(session: Session, keys: MasterKeys) -> None:
    recognise(session, keys)
    recognise(session, with_keys(keys, v2=OTHER))
    with pytest.raises(WrongKey):
        recognise(session, with_keys(keys, v2=bytes(32)))


def test_a_version_may_leave_once_nobody_is_sealed_with_it(
    session: Session, keys: MasterKeys, settle: Callable[[], None]
) -> None:
    recognise(session, keys)
    only_second = MasterKeys(keys={2: OTHER}, index_key=keys.index_key)
    recognise(session, only_second)
    receive(session, facts(keys))
    settle()
    with pytest.raises(WrongKey, match=r"master\|1"):
        recognise(session, only_second)


def test_a_vault_from_before_keys_were_known_is_held_against_them(
    session: Session, keys: MasterKeys, settle: Callable[[], None]
) -> None:
    receive(session, facts(keys))
    settle()
    with pytest.raises(WrongKey), session.begin_nested():
        recognise(session, MasterKeys(keys={1: OTHER}, index_key=keys.index_key))
    assert recorded(session) == set()
    recognise(session, keys)


def test_a_person_who_was_erased_makes_no_key_wrong(
    session: Session, keys: MasterKeys, settle: Callable[[], None]
) -> None:
    receive(session, facts(keys), facts(keys))
    settle()
    erased = session.scalars(select(Person).order_by(Person.id.desc()).limit(1)).one()
    erased.wrapped_key = b""
    recognise(session, keys)


@pytest.fixture
def away() -> Iterator[Database]:
    """A database that cannot be reached."""
    engine = make_engine(f"postgresql+psycopg://nobody@127.0.0.1:{free_port()}/intake")
    yield Database(engine)
    engine.dispose()


@pytest.mark.parametrize("is_right", [True, False])
def test_what_could_not_be_looked_at_is_looked_at_before_the_first_transaction(
    database: Database, away: Database, keys: MasterKeys, *, is_right: bool
) -> None:
    with database.begin() as session:
        recognise(session, keys)
    present = [away]
    given = keys if is_right else MasterKeys(keys={1: OTHER}, index_key=keys.index_key)

    def begin() -> AbstractContextManager[Session]:
        return present[0].begin()

    guarded = recognised(begin, lambda session: recognise(session, given))
    with pytest.raises(OperationalError), guarded():
        pass
    present[0] = database
    if is_right:
        with guarded() as session:
            assert recorded(session)
    else:
        with pytest.raises(WrongKey), guarded():
            pytest.fail("nothing begins under wrong keys")


@pytest.fixture
def start(
    new_database: Callable[[str], str], tmp_path: Path
) -> Callable[[], subprocess.CompletedProcess[str]]:
    """Compose the API of intake in a process of its own, as its server does."""
    url = new_database(Queue.INTAKE)

    def run() -> subprocess.CompletedProcess[str]:
        keys = Keys.make(tmp_path)
        environment = {
            "PATH": os.environ["PATH"],
            "INTAKE_DATABASE_URL": url,
            "INTAKE_BROKER_URL": "redis://127.0.0.1:1/0",
            "INTAKE_LINK_KEYS_FILE": str(keys.link_file(Queue.INTAKE)),
            "INTAKE_JWKS_FILE": str(keys.path("jwks.json")),
            "INTAKE_MASTER_KEYS_FILE": str(keys.path("master_keys.json")),
        }
        # The process ends by itself where it may not serve; where it may, right after composing.
        script = "from services.intake.app import create; create(); import os; os._exit(0)"
        return subprocess.run(
            [sys.executable, "-c", script],
            cwd=CODE,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


def test_the_api_does_not_start_under_keys_that_were_made_anew(
    start: Callable[[], subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    assert start().returncode == 0
    assert start().returncode == 0
    (tmp_path / "master_keys.json").unlink()
    refused = start()
    assert refused.returncode == 1
    assert "not the keys that were used here before: index, master|1" in refused.stderr
    remade = orjson.loads((tmp_path / "master_keys.json").read_bytes())
    assert remade["keys"]["1"] not in refused.stderr
    assert "Traceback" not in refused.stderr


def test_after_the_checks_are_taken_away_on_purpose_other_keys_are_taken(
    session: Session, keys: MasterKeys
) -> None:
    recognise(session, keys)
    session.execute(delete(KEY_CHECKS))
    recognise(session, MasterKeys(keys={1: OTHER}, index_key=OTHER))
