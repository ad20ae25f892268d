"""What lies in a queue is bytes, and anybody may have put them there.

Here they are read, and what no sender of ours has written is known by its digest alone from then
on. Celery and kombu are never shown such bytes: they would end the process, follow headers that
came with them (times, retries, other tasks to call) or write what they met into a log.
"""

import hashlib
from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import orjson

from shared.kit.identifiers import new_id

DELIVER = "nhipcau.deliver"
BEAT = "nhipcau.beat"
REFUSE = "nhipcau.refuse"
"""The task that stands for something refused; its argument is the digest."""

CONTENT_TYPE = "application/x-nhipcau-frame"
LARGEST = 16 * 1024 * 1024
"""Bytes of one item at most: three full frames of messages as large as a request may be."""

_UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, RecursionError)
"""What is raised somewhere when bytes that are not ours are read."""


@dataclass(frozen=True)
class Junk:
    """Something no sender of ours has written, kept as its digest."""

    digest: bytes


def content(item: bytes) -> Any:
    """What was put into a queue, or ``Junk``."""
    try:
        return _unwrapped(item)[1]
    except _UNREADABLE:
        return Junk(_digest(item))


@dataclass(frozen=True)
class Task:
    """What an item asks a worker to do: one of our tasks, ``REFUSE`` for everything else."""

    name: str
    argument: Any
    """The frame to deliver, or the digest of what is refused; nothing for a canary."""
    body: str
    """The arguments as they are written in an item."""


def read(item: bytes) -> Task:
    """The task that an item stands for."""
    try:
        wrapped, arguments = _unwrapped(item)
        name = wrapped["headers"]["task"]
        if _is_task(name, arguments):
            return Task(name, next(iter(arguments[0]), None), wrapped["body"])
    except _UNREADABLE:
        pass
    digest = _digest(item).hex()
    return Task(REFUSE, digest, b64encode(orjson.dumps([[digest], {}, {}])).decode())


def admit(item: bytes, queue: str) -> bytes:
    """The item as a worker may have it: a task of ours and its arguments in a new envelope.

    Of what was there only the arguments remain; what is not a task of ours becomes ``REFUSE``.
    """
    task = read(item)
    return _wrap(queue, task.name, task.body)


def task_headers(task: str) -> dict[str, Any]:
    """Celery's protocol 2 headers; its own sender would copy the arguments into them in clear."""
    task_id = str(new_id())
    return {
        "lang": "py",
        "task": task,
        "id": task_id,
        "root_id": task_id,
        "parent_id": None,
        "group": None,
        "argsrepr": "",
        "kwargsrepr": "",
        "ignore_result": True,
    }


def _unwrapped(item: bytes) -> tuple[Any, Any]:
    """What kombu has written around something, and the thing itself; raises for anything else."""
    if len(item) > LARGEST:
        raise ValueError("too large")
    wrapped = orjson.loads(item)
    if wrapped["content-type"] != CONTENT_TYPE:
        raise ValueError("not ours")
    return wrapped, orjson.loads(b64decode(wrapped["body"], validate=True))


def _is_task(task: Any, arguments: Any) -> bool:
    """Whether our senders would write exactly this: no options for Celery, a list as the frame."""
    if not isinstance(arguments, list) or arguments[1:] != [{}, {}]:
        return False
    if task == BEAT:
        return bool(arguments[0] == [])
    if task != DELIVER or not isinstance(arguments[0], list):
        return False
    return len(arguments[0]) == 1 and isinstance(arguments[0][0], list)


def _wrap(queue: str, task: str, body: str) -> bytes:
    """As kombu's Redis transport reads it."""
    return orjson.dumps(
        {
            "body": body,
            "content-type": CONTENT_TYPE,
            "content-encoding": "utf-8",
            "headers": task_headers(task),
            "properties": {
                "body_encoding": "base64",
                "delivery_tag": str(uuid4()),
                "delivery_info": {"exchange": "", "routing_key": queue},
                "delivery_mode": 2,
                "priority": 0,
            },
        }
    )


def _digest(item: bytes) -> bytes:
    return hashlib.sha256(item).digest()
