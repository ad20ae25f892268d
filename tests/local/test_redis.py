"""Redis: keys survive the server, two do not meet."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import kombu
import pytest
import redis as driver
from redis.backoff import NoBackoff
from redis.retry import Retry

from deploy.local.place import MOVED, erase
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
        with kombu.Connection(url) as connection, connection.SimpleQueue("knocks") as queue:
            queue.put(url)
            message = queue.get(timeout=5)
            message.ack()
            assert message.payload == url


def test_a_server_on_its_socket_only_has_no_tcp_address(folder: Path) -> None:
    with pytest.raises(ValueError, match="socket only"):
        Redis.prepare(folder).tcp_url()


def test_root_keeps_the_data_where_its_account_can_reach_them(closed_folder: Path) -> None:
    server = Redis.start(closed_folder)
    try:
        with closing(connect(server)) as client:
            client.set("kept", "closed")
        moved = Path((closed_folder / MOVED).read_text().strip())
        assert moved in server.place.data.parents
        assert server.place.data.stat().st_uid != 0
        server.restart()
        with closing(connect(server)) as client:
            assert client.get("kept") == "closed"
    finally:
        server.stop()
    erase(closed_folder)
    assert not moved.exists()
