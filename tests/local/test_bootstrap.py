"""The administrator of an installation: one that the database knows, whatever became of it."""

from collections.abc import Callable
from pathlib import Path

import orjson
import psycopg

from deploy.stack import bootstrap


def clients(url: str) -> list[str]:
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        rows = connection.execute("SELECT client_id FROM clients ORDER BY registered_at")
        return [client_id for (client_id,) in rows]


def test_an_administrator_is_registered_once(
    new_database: Callable[[str], str], tmp_path: Path
) -> None:
    url = new_database("directory")
    first = bootstrap.directory(url, tmp_path)
    again = bootstrap.directory(url, tmp_path)
    assert first.client_id == again.client_id
    assert clients(url) == [first.client_id]
    assert (tmp_path / bootstrap.FILE).stat().st_mode & 0o077 == 0


def test_a_new_database_gets_an_administrator_though_the_file_survived(
    new_database: Callable[[str], str], tmp_path: Path
) -> None:
    before = bootstrap.directory(new_database("directory"), tmp_path)
    url = new_database("directory")
    now = bootstrap.directory(url, tmp_path)
    assert now.client_id != before.client_id
    assert clients(url) == [now.client_id]
    assert orjson.loads((tmp_path / bootstrap.FILE).read_bytes())["client_id"] == now.client_id
