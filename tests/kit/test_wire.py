"""Whoever reads a request off its connection, it is answered as h11 would have had it answered."""

import re
import socket
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
import uvicorn
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from starlette.types import Receive, Scope, Send

from deploy.local.patience import wait_until
from deploy.stack import programs
from shared.kit import wire

REFUSED = b"Connection: close\r\n\r\nInvalid HTTP request received."
REFUSED_LATER = (
    b"connection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"1e\r\nInvalid HTTP request received.\r\n0\r\n\r\n"
)
"""How uvicorn writes the same when h11 has read a request of this connection before."""
LAST = b"GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
"""Ends a connection that is still open, once everything before it has been answered."""


async def repeat(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with all that was understood."""
    body, has_more = b"", True
    while has_more:
        message = await receive()
        body += message.get("body", b"")
        has_more = message.get("more_body", False)
    names = ("method", "path", "raw_path", "query_string", "http_version", "headers")
    told = repr([*(scope[name] for name in names), body]).encode()
    length = str(len(told)).encode()
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", length)]}
    )
    await send({"type": "http.response.body", "body": told})


@dataclass(frozen=True)
class Readers:
    h11: int
    ours: int


@pytest.fixture(scope="module")
def readers() -> Iterator[Readers]:
    running = [_Running("h11"), _Running(f"{wire.__name__}:{wire.Wire.__name__}")]
    yield Readers(*(each.port() for each in running))
    for each in running:
        each.end()


class _Running:
    def __init__(self, protocol: str) -> None:
        config = uvicorn.Config(
            repeat, port=0, http=protocol, lifespan="off", log_config=None, server_header=False,
            date_header=False,
        )  # fmt: skip
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run)
        self._thread.start()

    def port(self) -> int:
        assert wait_until(lambda: self._server.started, within=10)
        found: int = self._server.servers[0].sockets[0].getsockname()[1]
        return found

    def end(self) -> None:
        self._server.should_exit = True
        self._thread.join(10)


def answers(port: int, sent: Sequence[bytes]) -> bytes:
    """All that comes back until the connection ends."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        found = b""
        try:
            for piece in sent:
                connection.sendall(piece)
            while more := connection.recv(65536):
                found += more
        except (ConnectionResetError, BrokenPipeError):
            pass
    return found.replace(REFUSED_LATER, REFUSED)


def head(line: bytes, *fields: bytes) -> bytes:
    return b"\r\n".join([line, *fields, b"", b""])


PLAIN = head(b"POST /intake/v1/cases?a=b HTTP/1.1", b"Host: x", b"Content-Length: 3") + b"abc"
CHUNKED = b"3;a=b\r\nabc\r\n0\r\nTrailer: x\r\n\r\n"
ENDING = [
    head(b"GET / HTTP/1.1"),
    head(b"GET / HTTP/1.0"),
    head(b"GET / HTTP/1.0", b"Connection: keep-alive"),
    head(b"GET /"),
    head(b"CONNECT x:80 HTTP/1.1", b"Host: x"),
    head(b"GET  / HTTP/1.1", b"Host: x"),
    head(b"GET /\xe9 HTTP/1.1", b"Host: x"),
    head(b"GET / HTTP/1.1", b"Host: x", b"Host: y"),
    head(b"GET / HTTP/1.1", b"Host: x", b"A : b"),
    head(b"GET / HTTP/1.1", b"Host: x", b"Connection: close"),
    head(b"POST / HTTP/1.1", b"Host: x", b"Content-Length: 3", b"Content-Length: 4") + b"abcd",
    head(b"POST / HTTP/1.1", b"Host: x", b"Content-Length: +3") + b"abc",
    head(b"POST / HTTP/1.1", b"Host: x", b"Transfer-Encoding: gzip, chunked") + CHUNKED,
    head(b"POST / HTTP/1.1", b"Host: x", b"Transfer-Encoding: chunked") + b"no length\r\n",
    b"\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00",
]
"""Requests that are refused, or ask for it: the connection ends with their answer."""
STRANGE = [
    head(b"GET / HTTP/2.0", b"Host: x"),
    head(b"get / HTTP/1.1", b"Host: x"),
    head(b"BREW / HTTP/1.1", b"Host: x"),
    head(b"GET http://y/a HTTP/1.1", b"Host: x"),
    head(b"OPTIONS * HTTP/1.1", b"Host: x"),
    head(b"GET /a#b?c HTTP/1.1", b"Host: x"),
    head(b"GET / HTTP/1.1", b"Host: x", b"A: b", b" c"),
    head(b"GET / HTTP/1.1", b"Host: x", b"A: b \t"),
    head(b"GET / HTTP/1.1", b"Host: x", b"A: b\x01"),
    head(b"GET / HTTP/1.1", b"Host: x", b"A: " + b"b" * wire.LONGEST_HEAD),
    head(b"GET / HTTP/1.1", b"Host: x", b"Connection: upgrade", b"Upgrade: websocket"),
    head(b"POST / HTTP/1.1", b"Host: x", b"Connection: Upgrade", b"Upgrade: h2c",
         b"Content-Length: 3") + b"abc",
    head(b"POST / HTTP/1.1", b"Host: x", b"Content-Length: 3", b"Content-Length: 3") + b"abc",
    head(b"POST / HTTP/1.1", b"Host: x", b"Content-Length: 3, 3") + b"abc",
    head(b"POST / HTTP/1.1", b"Host: x", b"Transfer-Encoding: chunked") + CHUNKED,
    head(b"POST / HTTP/1.1", b"Host: x", b"Transfer-Encoding: chunked",
         b"Content-Length: 3") + CHUNKED,
    b"GET / HTTP/1.1\nHost: x\n\n",
]  # fmt: skip


@pytest.mark.parametrize("strange", [*ENDING, *(each + LAST for each in STRANGE)])
@pytest.mark.parametrize("before", [b"", PLAIN])
def test_a_strange_request_is_answered_as_h11_has_it(
    readers: Readers, before: bytes, strange: bytes
) -> None:
    assert answers(readers.ours, [before + strange]) == answers(readers.h11, [before + strange])


FIELDS = [
    b"Connection: keep-alive", b"Connection: Keep-Alive, foo", b"Accept: */*", b"A:",
    b"A: \xc3\xa9", b"Expect: 100-continue", b"Expect: more", b"Authorization: Bearer a.b-c_d",
    b'If-Match: "1"', b'Idempotency-Key:   "a b"', b"A_b: c", b"Upgrade: h2c",
]  # fmt: skip
BODIES = [
    ([], b""),
    ([b"content-length:0"], b""),
    ([b"Content-Length: 3"], b"abc"),
    ([b"Content-Length: 003"], b"abc"),
    ([b"Transfer-Encoding: chunked"], CHUNKED),
]
TARGETS = [
    b"/", b"//a/b", b"/a?b?c='", b"/%zz", b"/%41%00%c3%28", b'/a"<>\\^`{|}[]', b"/?", b"a", b"*",
]  # fmt: skip
METHODS = [b"GET", b"HEAD", b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS", b"TRACE"]
REQUESTS = st.builds(
    lambda method, target, fields, body: (
        head(method + b" " + target + b" HTTP/1.1", b"Host: x", *fields, *body[0]) + body[1]
    ),
    st.sampled_from(METHODS),
    st.sampled_from(TARGETS),
    st.lists(st.sampled_from(FIELDS), max_size=4),
    st.sampled_from(BODIES),
)


def _split(sent: bytes, places: Sequence[int]) -> list[bytes]:
    cuts = sorted({it % (len(sent) + 1) for it in places} | {0, len(sent)})
    return [sent[begin:end] for begin, end in pairwise(cuts)]


@given(
    st.lists(REQUESTS | st.just(PLAIN), min_size=1, max_size=4),
    st.lists(st.integers(0, 999), max_size=3),
)
@example([PLAIN, PLAIN, PLAIN], [])
@example([PLAIN, PLAIN], [5, len(PLAIN) - 1, len(PLAIN) + 1])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_requests_are_answered_in_their_order_however_they_come(
    readers: Readers, requests: list[bytes], places: list[int]
) -> None:
    sent = b"".join([*requests, LAST])
    assert answers(readers.ours, _split(sent, places)) == answers(readers.h11, [sent])


def test_what_clients_send_is_read_quickly() -> None:
    fields = [b"Host: nhipcau.test", b"Authorization: Bearer a.b.c", b"Accept: */*"]
    assert wire.body_length(head(b"GET /intake/v1/cases?status=closed HTTP/1.1", *fields)) == 0
    assert wire.body_length(PLAIN.removesuffix(b"abc")) == 3
    kept = head(b"GET / HTTP/1.1", b"Host: x", b"Connection: keep-alive")
    assert wire.body_length(kept) == 0


def test_every_way_to_serve_reads_like_this() -> None:
    said = f"--http {wire.__name__}:{wire.Wire.__name__} "
    assert said in f"{' '.join(programs.SERVING)} "
    assert said in re.sub(r"\\\n\s*", "", Path("deploy/compose/serve.sh").read_text())
