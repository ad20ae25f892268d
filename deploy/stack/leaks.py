"""I6: what is known of a person is nowhere but in intake's ciphertext. Looked for everywhere."""

import json
from base64 import b64encode
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
    sought = [form for word in words for form in forms(word)]
    found = [str(it.relative_to(folder)) for it in _files(folder) if _has(it.read_bytes(), sought)]
    for service in Queue:
        found += [f"{service}.{table}" for table in _tables_holding(urls(service), sought)]
    return found


def holds(content: bytes, words: Iterable[str]) -> bool:
    """Whether any of the words stands in it, in whatever form."""
    return _has(content, [form for word in words for form in forms(word)])


def forms(word: str) -> Iterator[bytes]:
    """How a word may be written: as it is, escaped by JSON, in hexadecimal, inside base64.

    The broker's frames are base64, and PostgreSQL prints bytes in hexadecimal. Encoded forms of
    short words are left out: they turn up by chance in anything random.
    """
    for text in {word.encode(), json.dumps(word)[1:-1].encode()}:
        yield text
        if len(text) >= SHORTEST_ENCODED:
            yield text.hex().encode()
            yield from (_in_base64(text, offset) for offset in range(3))


def _in_base64(text: bytes, offset: int) -> bytes:
    """The characters that depend on the text alone when so many bytes of a group precede it."""
    first, end = (offset * 8 + 5) // 6, (offset + len(text)) * 8 // 6
    return b64encode(bytes(offset) + text)[first:end]


def _has(content: bytes, sought: Iterable[bytes]) -> bool:
    return any(form in content for form in sought)


def _files(folder: Path) -> Iterator[Path]:
    """Logs and the broker's files. The servers' own data files are read through SQL instead."""
    for pattern in ("logs/*", "*.log", "redis/*", "**/appendonly*", "**/*.rdb"):
        yield from (path for path in folder.glob(pattern) if path.is_file())


def _tables_holding(url: str, sought: list[bytes]) -> Iterator[str]:
    with psycopg.connect(url) as connection:
        for (table,) in connection.execute(_TABLES).fetchall():
            rows = connection.execute(
                sql.SQL("SELECT row::text FROM {} AS row").format(sql.Identifier(table)),
            )
            if any(_has(text.encode(), sought) for (text,) in rows):
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
SHORTEST_ENCODED = 8
