"""Secrets are made once and each container is handed its own."""

import hashlib
from pathlib import Path

import orjson
import psycopg
import pytest
import yaml

from deploy.compose import alive, keys
from deploy.stack.access import acl, rules
from deploy.stack.keys import Keys, broker_user
from services.intake.settings import IntakeApiSettings
from shared.contracts import Queue

ROOT = Path(__file__).parents[2]
MOUNTED = "/run/secrets"
SHARED = {"jwks.json", "links.json"}
OWN = {
    "directory-api": {"token_key.json", "webhook_master.hex", "staff_master.hex"},
    "intake-api": {"master_keys.json"},
    "notification-worker": {"webhook_master.hex"},
}


@pytest.fixture
def handed(tmp_path: Path) -> Path:
    keys.hand_out(tmp_path, tmp_path / "postgres")
    return tmp_path


@pytest.mark.parametrize("service", list(Queue))
def test_a_service_is_handed_its_own_secrets_and_no_other(handed: Path, service: Queue) -> None:
    addresses = {f"{service}_database_url", f"{service}_broker_url"}
    found = {path.name for path in (handed / service).iterdir()}
    assert found == SHARED | addresses


@pytest.mark.parametrize("process", sorted(OWN))
def test_a_process_that_opens_a_key_is_handed_it_with_what_its_service_has(
    handed: Path, process: str
) -> None:
    service = process.rpartition("-")[0]
    found = {path.name: path.read_bytes() for path in (handed / process).iterdir()}
    common = {path.name: path.read_bytes() for path in (handed / service).iterdir()}
    assert set(found) == set(common) | OWN[process]
    assert common.items() <= found.items()


def test_what_an_earlier_release_handed_to_all_processes_is_taken_away(handed: Path) -> None:
    former = handed / "intake" / "master_keys.json"
    former.write_bytes(b"{}")
    keys.hand_out(handed, handed / "postgres")
    assert not former.exists()


@pytest.mark.parametrize("name", sorted({each for given in keys.GIVEN.values() for each in given}))
def test_what_an_operator_puts_there_reaches_whoever_needs_it_each_time(
    handed: Path, name: str
) -> None:
    (handed / "all" / name).write_bytes(b"of a server of others")
    for _ in range(2):
        keys.hand_out(handed, handed / "postgres")
        holders = {path.parent.name for path in handed.rglob(name)}
        assert holders == {"all", *(each for each, given in keys.GIVEN.items() if name in given)}


def test_every_secret_that_a_container_is_told_to_read_is_handed_to_it(handed: Path) -> None:
    """Who puts a file where it is handed to finds it gone after the next start."""
    for given in {each for names in keys.GIVEN.values() for each in names}:
        (handed / "all" / given).write_bytes(b"of a server of others")
    keys.hand_out(handed, handed / "postgres")
    composed = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))["services"]
    for name, service in composed.items():
        said = (service.get("environment") or {}).values()
        wanted = {Path(it).name for it in said if str(it).startswith(MOUNTED)}
        folders = [it.split(":")[-3] for it in service.get("volumes", ()) if MOUNTED in it]
        there = {path.name for it in folders for path in (handed / Path(it).name).iterdir()}
        assert wanted <= there, name


def test_only_whoever_reads_a_secret_may_open_it(handed: Path) -> None:
    for path in handed.rglob("*"):
        if path.is_file() and path.parent.name != "redis":
            assert path.stat().st_mode & 0o077 == 0, path


def test_handing_out_again_changes_nothing(handed: Path) -> None:
    before = {path: path.read_bytes() for path in handed.rglob("*") if path.is_file()}
    keys.hand_out(handed, handed / "postgres")
    after = {path: path.read_bytes() for path in handed.rglob("*") if path.is_file()}
    assert after == before


def test_what_is_lost_is_handed_out_again_from_the_whole(handed: Path) -> None:
    lost = handed / "intake-api" / "master_keys.json"
    kept = lost.read_bytes()
    lost.unlink()
    keys.hand_out(handed, handed / "postgres")
    assert lost.read_bytes() == kept


def test_settings_are_read_from_files_named_like_them(
    handed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = handed / "intake-api"
    monkeypatch.setitem(IntakeApiSettings.model_config, "secrets_dir", folder)
    monkeypatch.setenv("INTAKE_LINK_KEYS_FILE", str(folder / "links.json"))
    monkeypatch.setenv("INTAKE_JWKS_FILE", str(folder / "jwks.json"))
    monkeypatch.setenv("INTAKE_MASTER_KEYS_FILE", str(folder / "master_keys.json"))
    settings = IntakeApiSettings()

    passwords = Keys(handed / "all").passwords()
    assert settings.database_url == (
        f"postgresql+psycopg://intake:{passwords['intake']}@postgres:5432/intake"
    )
    assert settings.broker_url == f"redis://intake:{passwords['redis_intake']}@redis:6379/0"
    assert orjson.loads(settings.link_keys_file.read_bytes())["service"] == "intake"


def test_redis_knows_a_user_for_each_service_and_no_default(handed: Path) -> None:
    lines = (handed / "redis" / "users.acl").read_text().splitlines()
    users = {line.split()[1]: line for line in lines}
    assert set(users) == {"default", "watcher", *Queue}
    # Rights of a user nobody can be: Redis replays the transactions of its own file with them.
    assert users["default"].split()[2:4] == ["off", "resetpass"]
    assert users["default"].split()[-2:] == ["allkeys", "+@all"]
    assert users["watcher"].split()[-2:] == ["-@all", "+ping"]
    assert all("nopass" not in users[service] for service in Queue)


def test_redis_is_told_hashes_and_never_a_password(handed: Path) -> None:
    passwords = Keys(handed / "all").passwords()
    written = (handed / "redis" / "users.acl").read_text()
    for service in Queue:
        password = passwords[broker_user(service)]
        assert password not in written
        assert f"#{hashlib.sha256(password.encode()).hexdigest()}" in written


@pytest.mark.parametrize("service", list(Queue))
def test_of_other_services_queues_one_may_only_append_and_count(service: Queue) -> None:
    own, _, others = rules(service).partition(" (")
    patterns = [word for word in own.split() if word.startswith("~")]
    assert all(service in pattern for pattern in patterns)
    commands = [word for word in others.rstrip(")").split() if not word.startswith("~")]
    assert commands == ["+lpush", "+llen"]


@pytest.mark.parametrize(
    "command", ["flushall", "keys", "config", "eval ", "lrange", "monitor", "acl", "@all"]
)
def test_nobody_may_look_around_or_destroy(command: str) -> None:
    written = acl({broker_user(service): "x" for service in Queue}).splitlines()
    assert not any(f"+{command}" in line for line in written if " off " not in line)


def test_a_worker_is_alive_while_canaries_come_through(
    servers: dict[str, str], service_url: str
) -> None:
    with psycopg.connect(service_url) as connection:
        connection.execute("CREATE TEMP TABLE heartbeats (queue text, seen_at timestamptz)")
        assert not alive.is_alive(connection, "intake", "worker")
        connection.execute("INSERT INTO heartbeats VALUES ('intake', now() - interval '59 s')")
        assert alive.is_alive(connection, "intake", "worker")
        connection.execute("UPDATE heartbeats SET seen_at = now() - interval '61 s'")
        assert not alive.is_alive(connection, "intake", "worker")
        assert not alive.is_alive(connection, "verification", "worker")


@pytest.mark.parametrize("lost", ["master_keys.json", "webhook_master.hex", "passwords.json"])
def test_a_secret_that_data_were_written_with_is_not_made_anew(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    secrets, data = tmp_path / "secrets", tmp_path / "postgres"
    data.mkdir()
    monkeypatch.setattr("sys.argv", ["keys", str(secrets)])
    monkeypatch.setattr(keys, "DATA", data)
    keys.main()
    (data / "PG_VERSION").write_text("18\n")
    keys.main()
    (secrets / "all" / lost).unlink()
    with pytest.raises(SystemExit) as refused:
        keys.main()
    assert refused.value.code == 1
    assert f"{lost} is missing" in capsys.readouterr().err
    assert not (secrets / "all" / lost).exists()
