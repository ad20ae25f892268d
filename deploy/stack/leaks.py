"""I6: what is known of a person is nowhere but in intake's ciphertext. Looked for everywhere."""

import json
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from redis import Redis

from deploy.words import say
from shared.contracts import Queue

Urls = Callable[[str], str]
Files = Mapping[str, Iterable[Path]]
"""Files to be searched, under the name of what they are."""

NO_FILES: Files = {}
COMPACTED = b"REDIS"
"""How a broker's file begins that holds a compressed image, in which no word could be found."""

_TABLES = """
    SELECT table_name FROM information_schema.tables
     WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1
"""


class NothingSearched(RuntimeError):
    """What should hold the traces of a whole run is empty or cannot be read: nothing is proven."""


def leaks(
    words: Iterable[str],
    *,
    urls: Urls,
    files: Files = NO_FILES,
    broker: Redis | None = None,
) -> list[str]:
    """Places where a word appears: files of the installation, the broker, tables of any database.

    ``words`` are names, numbers and addresses that were submitted. A word is never repeated in the
    answer. Raises ``NothingSearched`` where a search could not have found anything.
    """
    sought = [form for word in words for form in forms(word)]
    found = [f"{kind}: {path.name}" for kind, path in _files_holding(files, sought)]
    if broker is not None:
        found += [f"broker: {kind}" for kind in _keys_holding(broker, sought)]
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


def _files_holding(files: Files, sought: Sequence[bytes]) -> Iterator[tuple[str, Path]]:
    for kind, paths in files.items():
        contents = {path: path.read_bytes() for path in paths if path.is_file()}
        if not any(contents.values()):
            raise NothingSearched(say("place-empty", place=kind))
        for path, content in contents.items():
            if content.startswith(COMPACTED):
                raise NothingSearched(say("place-compressed", place=path.name))
            if _has(content, sought):
                yield kind, path


def _keys_holding(broker: Redis, sought: Sequence[bytes]) -> Iterator[str]:
    """The types of such keys: a key's own name might be the word."""
    ask: Callable[..., Any] = broker.execute_command
    for key in broker.scan_iter():
        kind = ask("TYPE", key).decode()
        if kind == GONE:
            continue
        if kind not in READING:
            raise NothingSearched(say("place-unreadable", place=f"broker: {kind}"))
        command, *rest = READING[kind]
        held = ask(command, key, *rest)
        if _has(key, sought) or any(_has(each, sought) for each in _flat(held)):
            yield kind


GONE = "none"
READING: Mapping[str, tuple[str | int, ...]] = {
    "string": ("GET",),
    "list": ("LRANGE", 0, -1),
    "set": ("SMEMBERS",),
    "zset": ("ZRANGE", 0, -1),
    "hash": ("HGETALL",),
}
"""How everything is read that a key of this type holds."""


def _flat(held: Any) -> Iterator[bytes]:
    if isinstance(held, bytes):
        yield held
    elif isinstance(held, dict):
        yield from (*held.keys(), *held.values())
    else:
        yield from held or ()


def _tables_holding(url: str, sought: Sequence[bytes]) -> Iterator[str]:
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
