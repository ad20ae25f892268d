"""What stands before partners' systems and misbehaves: with some calls of each, in every way."""

import gzip
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.notification.receivers import LOOPBACK, Server

BOMB = gzip.compress(b"\0" * 20_000_000)
AT_ONCE = 65_536


class Mood(StrEnum):
    """What is done with a call in the place of passing it on and answering as the partner does."""

    BROKEN = "broken"
    """500, and the partner never sees it."""
    BUSY = "busy"
    """429, to come again in a second."""
    DEAF = "deaf"
    """No answer, and the partner never sees it."""
    MUTE = "mute"
    """The partner has it, and nobody says so."""
    CUT = "cut"
    """The partner has it, and the line is cut."""
    DRIP = "drip"
    """The partner has it, and its answer comes letter by letter."""
    BOMB = "bomb"
    """The partner has it, and its answer is a small body that unpacks to a large one."""
    ENDLESS = "endless"
    """The partner has it, and its answer has no end."""
    NONSENSE = "nonsense"
    """The partner has it, and what comes back is no HTTP."""


class Front:
    """Takes the calls to all partners; of each, the first go as its moods have it."""

    def __init__(self, port: int, *, moods_each: int) -> None:
        """``port`` is where the partners' systems listen, each at its path."""
        self._port = port
        self._each = moods_each
        self._lock = threading.Lock()
        self._calls: Counter[str] = Counter()
        self._turn_of: dict[str, int] = {}
        self.happened: defaultdict[Mood, set[str]] = defaultdict(set)
        """By mood the partners whose calls it befell."""
        self.elsewhere: dict[str, str] = {}
        """Partners that redirect each call, with where to."""
        self.over = threading.Event()
        self._server = Server((LOOPBACK, 0), self._handler())
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://{LOOPBACK}:{self._server.server_port}"

    @contextmanager
    def listening(self) -> Iterator["Front"]:
        """Take calls within the block."""
        thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield self
        finally:
            self.over.set()
            self._server.shutdown()
            thread.join()
            self._server.server_close()

    def mood_of(self, partner: str) -> Mood | None:
        """What is done with the next call to a partner; none once it has had its share."""
        moods = list(Mood)
        with self._lock:
            turn = self._turn_of.setdefault(partner, len(self._turn_of) * self._each)
            number = self._calls[partner]
            self._calls[partner] += 1
            if number >= self._each:
                return None
            mood = moods[(turn + number) % len(moods)]
            self.happened[mood].add(partner)
            return mood

    def pass_on(self, path: str, headers: dict[str, str], body: bytes) -> int:
        """Give a call to the partner's own system; returns its status."""
        connection = HTTPConnection(LOOPBACK, self._port, timeout=30)
        try:
            connection.request("POST", path, body, headers)
            return connection.getresponse().status
        finally:
            connection.close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        front = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                with suppress(OSError):
                    _answer(front, self, body)

            def log_message(self, *_: Any) -> None:
                pass

        return Handler


_BEFORE = {Mood.BROKEN: (500, {}), Mood.BUSY: (429, {"Retry-After": "1"})}


def _answer(front: Front, call: BaseHTTPRequestHandler, body: bytes) -> None:
    partner = call.path.strip("/")
    if partner in front.elsewhere:
        _say(call, 307, {"Location": front.elsewhere[partner]})
        return
    mood = front.mood_of(partner)
    if mood in _BEFORE:
        _say(call, *_BEFORE[mood])
        return
    if mood is Mood.DEAF:
        _hold(front, call)
        return
    status = front.pass_on(call.path, dict(call.headers.items()), body)
    if mood is None:
        _say(call, status, {})
    else:
        _spoil(front, call, mood)


def _spoil(front: Front, call: BaseHTTPRequestHandler, mood: Mood) -> None:
    """Answer badly what the partner has taken."""
    line, ok = call.connection, b"HTTP/1.1 200 OK\r\n"
    call.close_connection = True
    if mood is Mood.MUTE:
        _hold(front, call)
    elif mood is Mood.DRIP:
        for letter in ok + b"X-Slow: " + b"x" * 1000:
            if front.over.wait(0.3):
                return
            line.sendall(bytes([letter]))
    elif mood is Mood.BOMB:
        head = b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(BOMB)
        line.sendall(ok + head + BOMB)
    elif mood is Mood.ENDLESS:
        line.sendall(ok + b"\r\n")
        while not front.over.is_set():
            line.sendall(b"x" * AT_ONCE)
    elif mood is Mood.NONSENSE:
        line.sendall(b"\x16\x03\x01\x02\x00 no HTTP at all")


def _hold(front: Front, call: BaseHTTPRequestHandler) -> None:
    """Say nothing for longer than anybody waits."""
    call.close_connection = True
    front.over.wait(60)


def _say(call: BaseHTTPRequestHandler, status: int, headers: dict[str, str]) -> None:
    call.send_response(status)
    for name, value in {"Content-Length": "0", **headers}.items():
        call.send_header(name, value)
    call.end_headers()
