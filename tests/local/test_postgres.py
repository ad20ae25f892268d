"""PostgreSQL: what is committed stays, whatever happens to the server or is true of the folder."""

import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, nullcontext
from pathlib import Path

import psutil
import psycopg
import pytest

from deploy.local import wheels
from deploy.local.account import is_root, unprivileged
from deploy.local.place import ELSEWHERE, MOVED, SOCKETS, data_of, erase, settle
from deploy.local.postgres import ANOTHER, LONGEST_SOCKET_NAME, Postgres
from deploy.local.server import ServerFailed
from deploy.local.wheels import ServerNotInstalled
from tests.conftest import ANY

Address = Callable[[str], str]


def write(url: str, word: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (word text UNIQUE)")
        connection.execute("INSERT INTO kept VALUES (%s)", [word])


def words(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        return [word for (word,) in connection.execute("SELECT word FROM kept ORDER BY word")]


def setting(url: str, name: str) -> str:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
        assert row is not None
        return str(row[0])


def programs_of_this_run(*, spare: Path) -> Path:
    """Where the programs are that the whole suite runs on."""
    named = os.environ.get(ANOTHER)
    return Path(named or wheels.POSTGRES.programs(unprivileged(), spare=spare) / "bin")


@pytest.fixture(scope="module")
def shared_server() -> Iterator[Postgres]:
    """One cluster for all tests of the file: making one takes a second."""
    with tempfile.TemporaryDirectory(prefix="nc-") as made:
        Path(made).chmod(0o711)
        server = Postgres.start(Path(made), listen_tcp=True)
        yield server
        server.stop()
        erase(Path(made) / "postgres")


@pytest.fixture
def postgres(shared_server: Postgres) -> Postgres:
    """The shared server, running, whatever the test before did to it."""
    if not shared_server.is_ready():
        shared_server.restart()
    return shared_server


@pytest.fixture
def url(postgres: Postgres, libpq: Address) -> str:
    url = libpq(postgres.url("postgres", "postgres"))
    with psycopg.connect(url) as connection:
        connection.execute("DROP TABLE IF EXISTS kept")
    return url


def test_a_committed_row_survives_kill_minus_nine(postgres: Postgres, url: str) -> None:
    write(url, "before")
    killed = postgres.pid
    postgres.kill()
    with pytest.raises(ServerFailed):
        _ = postgres.pid
    postgres.restart()
    assert postgres.pid != killed
    assert words(url) == ["before"]


def test_the_folder_of_a_killed_server_can_be_started_anew(
    postgres: Postgres, url: str, libpq: Address
) -> None:
    write(url, "before")
    with closing(psycopg.connect(url)):
        # A client is connected, so a child of the postmaster is alive when it is killed.
        postgres.kill()
    again = Postgres.start(postgres.folder)
    try:
        assert words(libpq(again.url("postgres", "postgres"))) == ["before"]
    finally:
        again.stop()


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_a_stopped_server_can_be_restarted(postgres: Postgres, url: str, mode: str) -> None:
    write(url, mode)
    postgres.stop(mode)  # type: ignore[arg-type]
    postgres.restart()
    assert words(url) == [mode]


def test_a_lock_file_whose_process_id_another_program_has_is_no_obstacle(
    postgres: Postgres, url: str
) -> None:
    write(url, "before")
    lock = postgres.data / "postmaster.pid"
    socket_lock = postgres.socket_dir / f".s.PGSQL.{postgres.port}.lock"
    left, socket_left = lock.read_text(), socket_lock.read_text()
    pid = postgres.pid
    postgres.kill()
    postgres.stop()
    account = postgres.place.account
    user = {} if account is None else {"user": account.uid, "group": account.gid}
    with subprocess.Popen(["sleep", "1000"], cwd="/", **user) as other:  # type: ignore[call-overload]
        try:
            lock.write_text(left.replace(str(pid), str(other.pid), 1))
            socket_lock.write_text(socket_left.replace(str(pid), str(other.pid), 1))
            postgres.restart()
            assert words(url) == ["before"]
        finally:
            other.kill()


def test_two_servers_run_side_by_side(
    postgres: Postgres, url: str, folder: Path, libpq: Address
) -> None:
    write(url, "here")
    beside = Postgres.start(folder / "beside", listen_tcp=True)
    try:
        there = libpq(beside.url("postgres", "postgres"))
        write(there, "there")
        assert (words(url), words(there)) == (["here"], ["there"])
        assert beside.port != postgres.port
    finally:
        beside.stop()


def test_a_role_enters_over_tcp_with_its_password_only(
    postgres: Postgres, url: str, libpq: Address
) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE ROLE intake LOGIN PASSWORD 's/cr:t'")
    with psycopg.connect(libpq(postgres.tcp_url("postgres", "intake", "s/cr:t"))) as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("intake",)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(libpq(postgres.tcp_url("postgres", "intake", "guess")))


def test_durability_cannot_be_turned_off(postgres: Postgres, url: str, folder: Path) -> None:
    with pytest.raises(ValueError, match="fsync"):
        Postgres.prepare(folder / "fast", settings={"fsync": "off"})
    names = ("fsync", "synchronous_commit", "data_checksums", "server_encoding")
    assert [setting(url, name) for name in names] == ["on", "on", "on", "UTF8"]


def test_a_setting_given_at_the_start_holds_as_it_was_written(folder: Path, libpq: Address) -> None:
    server = Postgres.start(
        folder, settings={"cluster_name": "it's \\ here", "max_connections": "9"}
    )
    try:
        url = libpq(server.url("postgres", "postgres"))
        names = ("cluster_name", "max_connections", "log_error_verbosity")
        assert [setting(url, name) for name in names] == ["it's \\ here", "9", "terse"]
    finally:
        server.stop()


def test_a_setting_that_is_wrong_fails_with_the_words_of_the_log(folder: Path) -> None:
    with pytest.raises(ServerFailed, match="no_such_setting"):
        Postgres.start(folder, settings={"no_such_setting": "1"})


def test_the_log_keeps_no_value_of_a_failed_statement(postgres: Postgres, url: str) -> None:
    write(url, "Planted Name")
    with pytest.raises(psycopg.errors.UniqueViolation):
        write(url, "Planted Name")
    log = (postgres.folder / "postgres.log").read_text()
    assert "duplicate key" in log
    assert "Planted" not in log


def test_a_first_cluster_cut_short_is_made_anew(folder: Path, libpq: Address) -> None:
    place = settle(folder, server="postgres", socket=LONGEST_SOCKET_NAME)
    half = place.data / "new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    server = Postgres.start(folder)
    try:
        assert setting(libpq(server.url("postgres", "postgres")), "server_version_num") >= "170000"
        assert not half.exists()
    finally:
        server.stop()


def test_a_path_too_long_for_a_socket_gets_a_short_one(folder: Path, libpq: Address) -> None:
    deep = folder / ("a" * 60) / ("b" * 60)
    server = Postgres.start(deep)
    try:
        write(libpq(server.url("postgres", "postgres")), "deep")
        assert (deep / SOCKETS).read_text().strip() == str(server.socket_dir)
        assert server.socket_dir.stat().st_mode & 0o077 == 0
    finally:
        server.stop()
    again = Postgres.start(deep)
    again.stop()
    assert again.socket_dir == server.socket_dir
    erase(deep)
    assert not server.socket_dir.exists()


def test_the_data_are_where_the_account_of_the_server_can_reach_them(
    closed_folder: Path, libpq: Address
) -> None:
    server = Postgres.start(closed_folder)
    try:
        write(libpq(server.url("postgres", "postgres")), "closed")
        kept = data_of(closed_folder)
        # Root runs servers as somebody else, who cannot walk here; everybody else as themselves.
        assert (closed_folder / MOVED).exists() == is_root()
        assert kept.parent == (ELSEWHERE if is_root() else closed_folder.parent)
        assert kept in server.data.parents
        assert server.data.stat().st_uid != 0
    finally:
        server.stop()
    again = Postgres.start(closed_folder)
    try:
        assert words(libpq(again.url("postgres", "postgres"))) == ["closed"]
    finally:
        again.stop()
    erase(closed_folder)
    assert not kept.exists()


def test_programs_that_the_account_of_the_server_cannot_reach_are_copied(
    closed_folder: Path, libpq: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = closed_folder / "servers"
    installed.symlink_to(wheels.SERVERS)
    monkeypatch.setattr(wheels, "SERVERS", installed)
    monkeypatch.delenv(ANOTHER, raising=False)
    server = Postgres.start(closed_folder / "stack")
    try:
        write(libpq(server.url("postgres", "postgres")), "copied")
        assert (server.place.home in server.programs.parents) == is_root()
        assert words(libpq(server.url("postgres", "postgres"))) == ["copied"]
    finally:
        server.stop()
        erase(closed_folder / "stack")


def test_the_programs_of_another_postgresql_serve_where_their_folder_is_named(
    folder: Path, libpq: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    another = folder / "another"
    another.symlink_to(programs_of_this_run(spare=folder / "spare"))
    monkeypatch.setenv(ANOTHER, str(another))
    server = Postgres.start(folder / "stack")
    try:
        write(libpq(server.url("postgres", "postgres")), "another's")
        assert Path(psutil.Process(server.pid).cmdline()[0]) == another / "postgres"
    finally:
        server.stop()


def test_a_folder_named_without_programs_is_refused_and_never_replaced(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ANOTHER, str(folder))
    with pytest.raises(ServerNotInstalled, match=ANOTHER):
        Postgres.start(folder / "stack")


def test_programs_named_that_the_account_of_the_server_cannot_run_are_refused(
    closed_folder: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (closed_folder / "bin").symlink_to(programs_of_this_run(spare=folder / "spare"))
    monkeypatch.setenv(ANOTHER, str(closed_folder / "bin"))
    # Root runs servers as somebody else, who cannot walk there; everybody else as themselves.
    refused = pytest.raises(ServerNotInstalled, match=ANOTHER) if is_root() else nullcontext()
    with refused:
        Postgres.start(folder / "stack").stop()


def test_the_suite_runs_on_the_postgresql_that_is_named_else_on_18(
    servers: Mapping[str, str], folder: Path, libpq: Address
) -> None:
    program = programs_of_this_run(spare=folder) / "postgres"
    asked = [str(program), "--version"]
    said = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    admin = libpq(servers["postgres"].replace(ANY, "postgres"))
    assert said == f"postgres (PostgreSQL) {setting(admin, 'server_version')}"
    assert ANOTHER in os.environ or said.startswith("postgres (PostgreSQL) 18.")


def test_a_killed_server_leaves_no_child_behind(
    postgres: Postgres, url: str, all_end: Callable[[list[psutil.Process]], bool]
) -> None:
    children = psutil.Process(postgres.pid).children()
    with closing(psycopg.connect(url)) as connection:
        backend = psutil.Process(connection.info.backend_pid)
        postgres.kill()
        assert all_end([backend, *children])
