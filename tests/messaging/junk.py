"""What may lie in a queue although no sender of ours has put it there."""

from base64 import b64encode
from typing import Any

import orjson
from hypothesis import strategies as st

from shared.messaging.door import BEAT, CONTENT_TYPE, DELIVER, REFUSE, task_headers

FRAME: list[Any] = [[[]], {}, {}]


def wrapped(payload: bytes, headers: Any = None, **changes: Any) -> bytes:
    """Bytes as our sender would wrap them, some of the wrapping changed."""
    facts = {
        "body": b64encode(payload).decode(),
        "content-type": CONTENT_TYPE,
        "content-encoding": "utf-8",
        "headers": task_headers(DELIVER) if headers is None else headers,
        "properties": {
            "body_encoding": "base64",
            "delivery_tag": "1",
            "delivery_info": {"exchange": "", "routing_key": "x"},
            "delivery_mode": 2,
            "priority": 0,
        },
    }
    return orjson.dumps(facts | changes)


def deep(levels: int, open_: bytes = b"[", close: bytes = b"]") -> bytes:
    return open_ * levels + close * levels


TORN = wrapped(orjson.dumps(FRAME))[:-40]

BYTES: dict[str, bytes] = {
    "nothing": b"",
    "no text": b"\x00\xff\xfe\x80",
    "word": b"junk",
    "half": b'{"body": ',
    "torn": TORN,
    "null": b"null",
    "number": b"1e999",
    "list": b"[]",
    "object": b"{}",
    "NaN": b"NaN",
    "huge number": b"9" * 5000,
    "half a letter": b'"\\ud800"',
    "repeated keys": b'{"body":1,"body":2}',
    "deep list": deep(300),
    "deeper list": deep(100_000),
    "open list": b"[" * 100_000,
    "deep object": deep(5_000, b'{"a":', b"}").replace(b"{}", b"1"),
    "utf-16": '{"body": ""}'.encode("utf-16"),
    "another type": wrapped(b"[[[]],{},{}]", **{"content-type": "application/x-python-serialize"}),
    "body is no text": wrapped(b"", body=7),
    "body is no base64": wrapped(b"", body="!!"),
    "body is nothing": wrapped(b""),
    "body is no JSON": wrapped(b"\x80\x04K\x01."),
    "body too deep to read": wrapped(deep(100_000)),
    "headers are a list": wrapped(orjson.dumps(FRAME), headers=[]),
    "headers are text": wrapped(orjson.dumps(FRAME), headers="task"),
    "no task": wrapped(orjson.dumps(FRAME), headers={"id": "1"}),
    "task is a list": wrapped(orjson.dumps(FRAME), headers={"task": [], "id": "1"}),
    "task of nobody": wrapped(orjson.dumps(FRAME), headers=task_headers("os.system")),
    "our inner task": wrapped(b'[["00"],{},{}]', headers=task_headers(REFUSE)),
    "frame is text": wrapped(b'[["frame"],{},{}]'),
    "frame is an object": wrapped(b'[[{"a":1}],{},{}]'),
    "two frames": wrapped(b"[[[],[]],{},{}]"),
    "no frame": wrapped(b"[[],{},{}]"),
    "named arguments": wrapped(b'[[[]],{"frame":[]},{}]'),
    "another task to call": wrapped(b'[[[]],{},{"callbacks":[{"task":"x","args":[]}]}]'),
    "beat with arguments": wrapped(b"[[1],{},{}]", headers=task_headers(BEAT)),
    "protocol 1": wrapped(b'{"task":"nhipcau.deliver","id":"1","args":[[]]}', headers={}),
}  # fmt: skip
"""None of these is a task of ours."""

json_like = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)
"""Values as a JSON reader makes them, with numbers no JSON of ours holds."""


@st.composite
def spoilt(draw: st.DrawFn, whole: bytes) -> bytes:
    """Something of ours with a piece missing, changed or added."""
    start = draw(st.integers(0, len(whole)))
    end = draw(st.integers(start, len(whole)))
    return whole[:start] + draw(st.binary(max_size=20)) + whole[end:]
