"""Secrets are made once: a lost one is restored where its copy is, refused where data need it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import orjson
import psycopg
import pytest

from deploy.local.postgres import Postgres
from deploy.stack import databases, sealed
from deploy.stack.keys import (
    JWKS,
    MASTER_KEYS,
    PASSWORDS,
    STAFF_MASTER,
    TOKEN_KEY,
    WEBHOOK_MASTER,
    Keys,
    KeysLost,
)
from shared.contracts import Queue

Admin = Callable[[str], str]


@pytest.fixture
def admin(folder: Path) -> Iterator[Admin]:
    """The administrator's address of a database, on a server of its own."""
    server = Postgres.start(folder)
    yield lambda name: server.url(name, "postgres")
    server.stop()


def execute(admin: Admin, service: Queue, statement: str) -> None:
    with psycopg.connect(admin(service).replace("+psycopg", "")) as connection:
        connection.execute(statement)


def test_what_the_databases_were_written_with_is_never_made_anew(
    admin: Admin, tmp_path: Path
) -> None:
    assert sealed.needed(admin) == frozenset()
    keys = Keys.make(tmp_path, sealed.needed(admin))
    databases.create(admin, keys.passwords())
    databases.migrate(lambda database, _role: admin(database))
    assert sealed.needed(admin) == frozenset()

    check = "INSERT INTO key_checks VALUES ('some', 'x', now())"
    execute(admin, Queue.INTAKE, check)
    assert sealed.needed(admin) == {MASTER_KEYS}
    # An installation of before there were accounts of people knows only the key of webhooks.
    execute(admin, Queue.DIRECTORY, check.replace("some", "webhook_master"))
    assert sealed.needed(admin) == {MASTER_KEYS, WEBHOOK_MASTER}
    execute(admin, Queue.DIRECTORY, check.replace("some", "staff_master"))
    needed = sealed.needed(admin)
    assert needed == {MASTER_KEYS, WEBHOOK_MASTER, STAFF_MASTER}

    keys.path(MASTER_KEYS).unlink()
    with pytest.raises(KeysLost, match=r"master_keys\.json is missing"):
        Keys.make(tmp_path, needed)
    assert not keys.path(MASTER_KEYS).exists()


def test_data_from_before_keys_were_known_count_as_well(admin: Admin, tmp_path: Path) -> None:
    databases.create(admin, Keys.make(tmp_path).passwords())
    databases.migrate(lambda database, _role: admin(database))
    execute(
        admin,
        Queue.INTAKE,
        "INSERT INTO persons (id, wrapped_key, master_version, identity)"
        " VALUES (gen_random_uuid(), 'x', 1, 'x')",
    )
    assert sealed.needed(admin) == {MASTER_KEYS}


def test_nothing_is_made_while_something_needed_is_lost(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    with pytest.raises(KeysLost):
        Keys.make(folder, {MASTER_KEYS})
    assert not folder.exists()


def test_a_lost_file_of_link_keys_is_written_again_from_its_peers(tmp_path: Path) -> None:
    keys = Keys.make(tmp_path)
    before = {service: keys.link_file(service).read_bytes() for service in Queue}
    keys.link_file(Queue.INTAKE).unlink()
    keys.link_file(Queue.DIRECTORY).unlink()
    Keys.make(tmp_path)
    after = {service: orjson.loads(keys.link_file(service).read_bytes()) for service in Queue}
    lost = (Queue.INTAKE, Queue.DIRECTORY)
    assert {it: keys.link_file(it).read_bytes() for it in Queue if it not in lost} == {
        it: content for it, content in before.items() if it not in lost
    }
    for service in Queue:
        for peer, link in after[service]["links"].items():
            assert after[peer]["links"][service] == link
            if not {service, peer} <= set(lost):
                assert orjson.loads(before[service])["links"][peer] == link


def test_a_service_that_joins_gets_keys_and_nobody_elses_are_changed(tmp_path: Path) -> None:
    keys = Keys.make(tmp_path)
    whole = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    _forget(keys, Queue.NOTIFICATION)
    before = {path.name: orjson.loads(path.read_bytes()) for path in tmp_path.glob("*_links.json")}
    passwords = keys.passwords()
    # A key was changed meanwhile, and a service that is no more had one.
    former = before["intake_links.json"]["links"]
    former["verification"] = {"current": "2", "keys": {"1": "aa", "2": "bb"}}
    former["gone"] = {"current": "1", "keys": {"1": "cc"}}
    keys.link_file(Queue.INTAKE).write_bytes(orjson.dumps(before["intake_links.json"]))

    Keys.make(tmp_path)

    for name, content in before.items():
        after = orjson.loads(keys.path(name).read_bytes())["links"]
        assert content["links"].items() <= after.items()
        service = name.removesuffix("_links.json")
        assert set(after) - {"gone"} == set(Queue) - {service}
        theirs = orjson.loads(keys.link_file(Queue.NOTIFICATION).read_bytes())["links"]
        assert theirs[service] == after["notification"]
    assert passwords.items() <= keys.passwords().items()
    assert set(keys.passwords()) == set(orjson.loads(whole[PASSWORDS]))
    alone = {name for name in whole if name != PASSWORDS and not name.endswith("_links.json")}
    assert all(keys.path(name).read_bytes() == whole[name] for name in alone)


def _forget(keys: Keys, service: Queue) -> None:
    """As if this service had not been there when the keys were made."""
    keys.link_file(service).unlink()
    for path in keys.folder.glob("*_links.json"):
        found = orjson.loads(path.read_bytes())
        del found["links"][service]
        path.write_bytes(orjson.dumps(found))
    names = {service, f"{service}_owner", f"redis_{service}"}
    kept = {name: it for name, it in keys.passwords().items() if name not in names}
    keys.path(PASSWORDS).write_bytes(orjson.dumps(kept))


@pytest.mark.parametrize("lost", [TOKEN_KEY, JWKS])
def test_token_key_and_key_set_are_made_anew_together(tmp_path: Path, lost: str) -> None:
    keys = Keys.make(tmp_path)
    keys.path(lost).unlink()
    Keys.make(tmp_path)
    private = orjson.loads(keys.path(TOKEN_KEY).read_bytes())
    (public,) = orjson.loads(keys.path(JWKS).read_bytes())["keys"]
    assert private["x"] == public["x"]


def test_a_server_with_data_needs_all_its_keys(tmp_path: Path) -> None:
    assert sealed.needed_by_data(tmp_path) == frozenset()
    assert sealed.needed_by_data(tmp_path / "not-there") == frozenset()
    (tmp_path / "18" / "docker").mkdir(parents=True)
    (tmp_path / "18" / "docker" / "PG_VERSION").write_text("18\n")
    assert sealed.needed_by_data(tmp_path) == {MASTER_KEYS, WEBHOOK_MASTER, PASSWORDS}
