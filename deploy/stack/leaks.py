"""I6: what is known of a person is nowhere but in intake's ciphertext. Looked for everywhere."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import psycopg
from psycopg import sql

from shared.contracts import Queue

Urls = Callable[[str], str]

_TABLES = """
    SELECT table_name FROM information_schema.tables
     WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1
"""


def leaks(words: Iterable[str], *, folder: Path, urls: Urls) -> list[str]:
    """Places where a word appears: files of the installation, tables of any database.

    ``words`` are names, numbers and addresses that were submitted. The files are the logs of every
    process and of both servers, and what the broker keeps on disk. A word is never repeated in the
    answer.
    """
    sought = [word.encode() for word in words]
    found = [str(path.relative_to(folder)) for path in _files(folder) if _holds(path, sought)]
    for service in Queue:
        found += [f"{service}.{table}" for table in _tables_holding(urls(service), sought)]
    return found


def _files(folder: Path) -> Iterator[Path]:
    """Logs and the broker's files. The servers' own data files are read through SQL instead."""
    for pattern in ("logs/*", "*.log", "redis/*", "**/appendonly*", "**/*.rdb"):
        yield from (path for path in folder.glob(pattern) if path.is_file())


def _holds(path: Path, sought: list[bytes]) -> bool:
    content = path.read_bytes()
    return any(word in content or _escaped(word) in content for word in sought)


def _escaped(word: bytes) -> bytes:
    """A word as JSON writes it in ASCII."""
    return word.decode().encode("ascii", "backslashreplace")


def _tables_holding(url: str, sought: list[bytes]) -> Iterator[str]:
    with psycopg.connect(url) as connection:
        for (table,) in connection.execute(_TABLES).fetchall():
            rows = connection.execute(
                sql.SQL("SELECT row::text FROM {} AS row").format(sql.Identifier(table)),
            )
            if any(word in text.encode() for (text,) in rows for word in sought):
                yield table


def words_of(value: object) -> Iterator[str]:
    """Every text of four letters and more inside a submitted structure."""
    if isinstance(value, str):
        if len(value) >= SHORTEST:
            yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from words_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from words_of(inner)


SHORTEST = 4
