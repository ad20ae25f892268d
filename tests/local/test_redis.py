"""Redis: keys survive the server, two do not meet, a damaged file does not keep it down."""

import os
import random
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from shutil import rmtree

import kombu
import pytest
import redis as driver
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis.backoff import NoBackoff
from redis.retry import Retry

from deploy.local.account import is_root
from deploy.local.patience import wait_until
from deploy.local.place import MOVED, data_of, erase
from deploy.local.redis import Redis
from deploy.local.server import ServerFailed


@pytest.fixture
def redis(folder: Path) -> Iterator[Redis]:
    server = Redis.start(folder, listen_tcp=True)
    yield server
    server.stop()


def connect(server: Redis) -> driver.Redis:
    path = str(server.socket_path)
    return driver.Redis(unix_socket_path=path, decode_responses=True, retry=Retry(NoBackoff(), 0))


def fill(client: driver.Redis) -> None:
    for number in range(100):
        client.set(f"filler{number}", "x" * 100_000)


def test_a_key_survives_kill_minus_nine(redis: Redis) -> None:
    with closing(connect(redis)) as client:
        client.set("kept", "before")
    killed = redis.pid
    redis.kill()
    with pytest.raises(ServerFailed):
        _ = redis.pid
    redis.restart()
    assert redis.pid != killed
    with closing(connect(redis)) as client:
        assert client.get("kept") == "before"


def test_the_folder_of_a_killed_server_can_be_started_anew(redis: Redis, folder: Path) -> None:
    with closing(connect(redis)) as client:
        client.set("kept", "before")
    redis.kill()
    again = Redis.start(folder)
    try:
        with closing(connect(again)) as client:
            assert client.get("kept") == "before"
    finally:
        again.stop()


ZEROS = bytes(4096)
RUBBISH = random.Random(34).randbytes(300)


@pytest.mark.parametrize("rubbish", [ZEROS, b"\0", RUBBISH, b"*3\r\n$3\r\nSET\r\n$3"])
def test_what_cannot_be_read_back_is_set_aside_and_the_broker_starts(
    redis: Redis, rubbish: bytes
) -> None:
    with closing(connect(redis)) as client:
        client.set("kept", "before")
    redis.kill()
    whole = append(redis, rubbish)
    redis.restart()
    with closing(connect(redis)) as client:
        assert client.dbsize() == 0
        client.set("kept", "after")
    aside = redis.place.data / "appendonlydir.unreadable"
    assert (aside / FILE).read_bytes() == whole
    log = (redis.folder / "redis.log").read_text()
    assert f"WARNING: Redis's file cannot be read back and is set aside as {aside}" in log

    # It goes on from there as always, and one that is set aside takes the place of the last.
    redis.kill()
    redis.restart()
    with closing(connect(redis)) as client:
        assert client.get("kept") == "after"
    redis.kill()
    whole = append(redis, rubbish)
    redis.restart()
    assert (aside / FILE).read_bytes() == whole


WHOLE = b"*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n*3\r\n$3\r\nSET\r\n$4\r\nkept\r\n$6\r\nbefore\r\n"
"""What Redis 6 has in its single file after one key was set."""


def return_to_redis_6(server: Redis, file: bytes) -> Path:
    """Leave the data as the server of an earlier release had them."""
    server.kill()
    rmtree(server.place.data / "appendonlydir")
    return write(server, "appendonly.aof", file)


def write(server: Redis, name: str, content: bytes) -> Path:
    """A file of the server's own account."""
    data = server.place.data
    file = data / name
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(content)
    for made in {file, file.parent}:
        os.chown(made, data.stat().st_uid, data.stat().st_gid)
    return file


def test_the_single_file_of_redis_6_is_taken_over(redis: Redis) -> None:
    return_to_redis_6(redis, WHOLE)
    redis.restart()
    with closing(connect(redis)) as client:
        assert client.get("kept") == "before"


@pytest.mark.parametrize("rubbish", [ZEROS, b"\0", RUBBISH, b"*3\r\n$3\r\nSET\r\n$3"])
def test_a_single_file_that_cannot_be_read_back_is_set_aside_at_the_first_start(
    redis: Redis, rubbish: bytes
) -> None:
    former = return_to_redis_6(redis, WHOLE + rubbish)
    redis.restart()
    with closing(connect(redis)) as client:
        assert client.dbsize() == 0
        client.set("kept", "after")
    aside = redis.place.data / "appendonlydir.unreadable"
    assert (aside / former.name).read_bytes() == WHOLE + rubbish
    assert aside / former.name in redis.files(), "the search for leaks must see it"
    assert f"is set aside as {aside}" in (redis.folder / "redis.log").read_text()
    redis.kill()
    redis.restart()
    with closing(connect(redis)) as client:
        assert client.get("kept") == "after"


@pytest.mark.parametrize("file", [WHOLE + ZEROS, b""], ids=["damaged", "empty"])
def test_a_single_file_is_looked_at_also_when_taking_it_over_was_cut_short(
    redis: Redis, file: bytes
) -> None:
    """The manifest is written first, the file is moved next to it afterwards."""
    former = return_to_redis_6(redis, file)
    manifest = f"file {former.name} seq 1 type b\n"
    write(redis, "appendonlydir/appendonly.aof.manifest", manifest.encode())
    redis.restart()
    with closing(connect(redis)) as client:
        assert client.dbsize() == 0


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(["base.aof", "incr.aof", "manifest"]),
    kept=st.integers(0, 200),
    rubbish=st.sampled_from([b"", ZEROS, RUBBISH]) | st.binary(max_size=40),
)
def test_the_broker_starts_whatever_the_disk_has_done_to_its_files(
    redis: Redis, name: str, kept: int, rubbish: bytes
) -> None:
    redis.stop()
    for used in redis.place.data.iterdir():
        rmtree(used)
    redis.restart()
    with closing(connect(redis)) as client:
        client.set("key", "before")
        client.bgrewriteaof()
        assert wait_until(lambda: rewritten(client), within=10)
        client.set("key", "after")
    redis.kill()
    (file,) = (redis.place.data / "appendonlydir").glob(f"*{name}")
    file.write_bytes(file.read_bytes()[:kept] + rubbish)
    redis.restart()
    with closing(connect(redis)) as client:
        assert client.ping()


def rewritten(client: driver.Redis) -> bool:
    return not client.info("persistence")["aof_rewrite_in_progress"]


FILE = "appendonly.aof.1.incr.aof"


def append(server: Redis, rubbish: bytes) -> bytes:
    """What the file holds afterwards."""
    file = server.place.data / "appendonlydir" / FILE
    with file.open("ab") as end:
        end.write(rubbish)
    return file.read_bytes()


def test_two_servers_run_side_by_side(redis: Redis, folder: Path) -> None:
    beside = Redis.start(folder / "beside", listen_tcp=True)
    try:
        with closing(connect(redis)) as here, closing(connect(beside)) as there:
            here.set("place", "here")
            there.set("place", "there")
            assert (here.get("place"), there.get("place")) == ("here", "there")
        assert redis.port != beside.port
    finally:
        beside.stop()


def test_a_second_server_on_one_folder_is_refused(redis: Redis, folder: Path) -> None:
    begin = Redis.prepare(folder).program().before
    assert begin is not None
    with pytest.raises(OSError, match="another Redis"):
        begin()


def test_a_full_server_refuses_writes_and_forgets_nothing(folder: Path) -> None:
    server = Redis.start(folder, settings={"maxmemory": "3mb"})
    try:
        with closing(connect(server)) as client:
            client.set("first", "1")
            with pytest.raises(driver.exceptions.OutOfMemoryError):
                fill(client)
            assert client.get("first") == "1"
            assert client.config_get("appendfsync") == {"appendfsync": "everysec"}
    finally:
        server.stop()


def test_celery_reaches_it_over_the_socket_and_over_tcp(redis: Redis) -> None:
    for url in (redis.url(), redis.tcp_url()):
        plain = kombu.Connection(url)
        # Kombu's own, whatever was installed for addresses: ours lets only our own tasks out.
        plain.transport_cls = "kombu.transport.redis:Transport"
        with plain as connection, connection.SimpleQueue("knocks") as queue:
            queue.put(url)
            message = queue.get(timeout=5)
            message.ack()
            assert message.payload == url


def test_a_server_on_its_socket_only_has_no_tcp_address(folder: Path) -> None:
    with pytest.raises(ValueError, match="socket only"):
        Redis.prepare(folder).tcp_url()


def test_the_data_are_where_the_account_of_the_server_can_reach_them(closed_folder: Path) -> None:
    server = Redis.start(closed_folder)
    try:
        with closing(connect(server)) as client:
            client.set("kept", "closed")
        kept = data_of(closed_folder)
        # Root runs servers as somebody else, who cannot walk here; everybody else as themselves.
        assert (closed_folder / MOVED).exists() == is_root()
        assert kept in server.place.data.parents
        assert server.place.data.stat().st_uid != 0
        server.restart()
        with closing(connect(server)) as client:
            assert client.get("kept") == "closed"
    finally:
        server.stop()
    erase(closed_folder)
    assert not kept.exists()
