"""The command tells a database that is away from one that is busy, and from its own fault."""

import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError

from deploy import cli
from deploy.stack import addresses
from deploy.stack.refusals import in_one_line
from shared.kit.database import is_database_down, is_passing, make_engine
from tests.messaging.parts import RECEIVER

Nhipcau = Callable[..., str]

LIST = ("parked", "list", RECEIVER)


@pytest.fixture
def nhipcau(
    engine: Engine,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Nhipcau:
    """Runs the command, which is to fail, on the database under test; what it complains of."""
    url = engine.url.render_as_string(hide_password=False)
    addresses.write(tmp_path, lambda _service: url)

    def run(*arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", ["nhipcau", *arguments, "--data", str(tmp_path)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        assert end.value.code == 1
        return capsys.readouterr().err

    return run


def test_a_table_somebody_holds_is_not_a_database_that_is_away(
    engine: Engine, nhipcau: Nhipcau
) -> None:
    with engine.begin() as holder:
        holder.execute(text("LOCK TABLE parked_messages IN ACCESS EXCLUSIVE MODE"))
        complaint = nhipcau(*LIST)
    assert complaint == (
        "nhipcau: the database is busy, try again: canceling statement due to lock timeout\n"
    )


def test_a_database_that_ends_the_connection_does_not_answer(
    engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    """Through SQLAlchemy and without it."""
    end = "SELECT pg_terminate_backend(pg_backend_pid())"
    with pytest.raises(SystemExit), in_one_line(), make_engine(plain(engine)).begin() as ours:
        ours.execute(text(end))
    with pytest.raises(SystemExit), in_one_line(), psycopg.connect(libpq(engine)) as own:
        own.execute(end)
    complaints = capsys.readouterr().err.splitlines()
    assert len(complaints) == 2
    assert all(it.startswith("nhipcau: the database does not answer: ") for it in complaints)


def test_what_the_command_itself_does_wrong_keeps_its_trace(engine: Engine) -> None:
    with pytest.raises(ProgrammingError), in_one_line(), engine.begin() as connection:
        connection.execute(text("SELECT * FROM a_table_nobody_made"))


def test_an_error_of_the_driver_is_told_apart_as_one_of_sqlalchemy_is(engine: Engine) -> None:
    with psycopg.connect(libpq(engine)) as holder, psycopg.connect(libpq(engine)) as waiting:
        holder.execute("LOCK TABLE parked_messages IN ACCESS EXCLUSIVE MODE")
        waiting.execute("SET lock_timeout = '10ms'")
        with pytest.raises(psycopg.OperationalError) as locked:
            waiting.execute("SELECT FROM parked_messages")
    with pytest.raises(psycopg.OperationalError) as away:
        psycopg.connect("host=127.0.0.1 port=1 dbname=nobody", connect_timeout=5)
    assert (is_database_down(locked.value), is_passing(locked.value)) == (False, True)
    assert (is_database_down(away.value), is_passing(away.value)) == (True, True)


def plain(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=False)


def libpq(engine: Engine) -> str:
    return plain(engine).replace("postgresql+psycopg", "postgresql")
