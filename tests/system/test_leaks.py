"""The search for leaked identities finds them however a process may have written them."""

import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from joserfc.jwk import OKPKey
from redis import Redis as Broker

from deploy.local.place import erase
from deploy.local.postgres import Postgres
from deploy.local.redis import Redis
from deploy.local.supervisor import Supervisor
from deploy.stack import access, databases
from deploy.stack.client import Credentials
from deploy.stack.installation import Installation, environment_of
from deploy.stack.keys import Keys
from deploy.stack.leaks import NothingSearched, holds, leaks
from shared.contracts import Queue
from tests.conftest import wait_until

NAME = "Nguyễn Thị Ví Dụ Hãn"
FRAME = json.dumps([["an envelope", {"name": NAME}]])
IN_UTF8 = json.dumps({"name": NAME}, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    "content",
    [
        IN_UTF8,
        FRAME.encode(),
        f"\\x{NAME.encode().hex()}".encode(),
        *(b64encode(b"." * shift + IN_UTF8) for shift in range(3)),
        *(b64encode(b"." * shift + FRAME.encode()) for shift in range(3)),
    ],
)
def test_a_name_is_found_in_every_form(content: bytes) -> None:
    assert holds(b"before " + content + b" after", [NAME])


def test_a_name_that_is_not_there_is_not_found() -> None:
    assert not holds(IN_UTF8 + FRAME.encode() + b64encode(IN_UTF8), ["Trần Văn Khác Hẳn"])


def test_a_short_word_is_sought_in_the_clear_only() -> None:
    assert holds(b"... 0311 ...", ["0311"])
    assert not holds(b64encode(b"0311"), ["0311"])


@pytest.fixture(scope="module")
def url(new_database: Callable[[str], str]) -> str:
    """A database that stands for all."""
    return new_database("verification").replace("+psycopg", "", 1)


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    server = Redis.start(tmp_path)
    yield server
    server.stop()


@pytest.fixture
def broker(redis: Redis) -> Iterator[Broker]:
    with Broker(unix_socket_path=str(redis.socket_path)) as found:
        yield found


def test_a_name_is_found_in_a_file(tmp_path: Path, url: str) -> None:
    log = tmp_path / "intake-worker.log"
    log.write_text(f"received {NAME}\n")
    assert leaks([NAME], urls=lambda _: url, files={"log": [log]}) == ["log: intake-worker.log"]


def test_a_name_is_found_in_a_table_and_is_not_repeated(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE notes (said bytea)")
        connection.execute("INSERT INTO notes VALUES (%s)", [NAME.encode()])
        found = leaks([NAME], urls=lambda _: url)
        connection.execute("DROP TABLE notes")
    assert set(found) == {f"{it}.notes" for it in Queue}


@pytest.mark.parametrize(
    "command",
    [
        ("SET", "key", NAME),
        ("RPUSH", "key", "other", NAME),
        ("SADD", "key", NAME),
        ("ZADD", "key", 1, NAME),
        ("HSET", "key", NAME, "value"),
        ("HSET", "key", "field", NAME),
        ("SET", NAME, "value"),
    ],
)
def test_a_name_is_found_in_a_key_of_any_type(
    broker: Broker, url: str, command: tuple[str, ...]
) -> None:
    ask: Callable[..., object] = broker.execute_command
    ask(*command)
    assert len(leaks([NAME], urls=lambda _: url, broker=broker)) == 1


def test_a_key_that_cannot_be_read_is_an_error(broker: Broker, url: str) -> None:
    broker.xadd("stream", {"field": "value"})
    with pytest.raises(NothingSearched):
        leaks([NAME], urls=lambda _: url, broker=broker)


def test_a_name_is_found_in_the_broker_s_file_after_its_key_is_gone(
    redis: Redis, broker: Broker, url: str
) -> None:
    broker.set("key", NAME)
    broker.flushall()
    files = {"broker's file": redis.files()}
    assert leaks([NAME], urls=lambda _: url, broker=broker) == []
    found = leaks([NAME], urls=lambda _: url, files=files)
    assert found == ["broker's file: appendonly.aof.1.incr.aof"]


def test_a_search_without_anything_to_search_is_an_error(tmp_path: Path, url: str) -> None:
    (tmp_path / "empty").touch()
    with pytest.raises(NothingSearched):
        leaks([NAME], urls=lambda _: url, files={"log": tmp_path.glob("*")})


def test_a_compressed_file_of_the_broker_is_an_error(
    redis: Redis, broker: Broker, url: str
) -> None:
    broker.set("key", NAME)
    broker.config_set("aof-use-rdb-preamble", "yes")
    rewrite(broker)
    compressed = redis.place.data.glob("appendonlydir/*.rdb")
    with pytest.raises(NothingSearched):
        leaks([NAME], urls=lambda _: url, files={"broker's file": compressed})


def test_a_name_is_found_in_a_file_the_broker_has_rewritten(
    redis: Redis, broker: Broker, url: str
) -> None:
    broker.set("key", NAME)
    rewrite(broker)
    found = leaks([NAME], urls=lambda _: url, files={"broker's file": redis.files()})
    assert found == ["broker's file: appendonly.aof.2.base.aof"]


def rewrite(broker: Broker) -> None:
    broker.bgrewriteaof()
    wait_until(lambda: broker.info("persistence")["aof_last_rewrite_time_sec"] != -1)


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """Servers in a folder that holds other things and nobody else may enter, as ``mkdtemp`` makes.

    Root's servers run as somebody else, so their data have to lie elsewhere.
    """
    folder = tmp_path / "private"
    folder.mkdir(mode=0o700)
    (folder / "simulator.json").touch()
    keys = Keys.make(folder / "keys")
    postgres = Postgres.start(folder)
    redis = Redis.start(folder, users=access.acl_of_one_machine(keys.passwords()))
    databases.create(lambda name: postgres.url(name, "postgres"), keys.passwords())
    key = OKPKey.generate_key("Ed25519")
    yield Installation(
        folder,
        port=1,
        environment=environment_of(keys, postgres, redis, 1, {}),
        supervisor=Supervisor(folder),
        postgres=postgres,
        redis=redis,
        administrator=Credentials("nobody", "nothing", key),
    )
    redis.stop()
    postgres.stop()
    erase(folder)


def test_an_installation_is_searched_wherever_its_servers_keep_their_data(
    installation: Installation,
) -> None:
    place = installation.redis.place
    assert (place.home == installation.folder) == (place.account is None)
    with pytest.raises(NothingSearched):
        installation.leaks([NAME])
    with installation.broker() as broker:
        broker.set("key", "value")
        assert installation.leaks([NAME]) == []
        broker.set("key", NAME)
        assert installation.leaks([NAME]) == [
            "broker's file: appendonly.aof.1.incr.aof",
            "broker: string",
        ]
    with (installation.folder / "postgres.log").open("a", encoding="utf-8") as log:
        log.write(f"DETAIL: {NAME}\n")
    assert "log: postgres.log" in installation.leaks([NAME])
