"""How requests are read off a connection: the plain ones quickly, all others as slowly as ever.

httptools takes a fifth of h11's time to read a request. But it takes some that h11 refuses (one
without a host, one whose body is compressed), refuses some that h11 takes, and loses the body of a
request that offers to speak another protocol. So it gets only what both read alike, and from the
first request on that is anything else, its connection is h11's. Whoever reads: the answers are the
same.
"""

import asyncio
import re

from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LONGEST_HEAD = 16 * 1024
END_OF_HEAD = b"\r\n\r\n"

# Of what RFC 9112 allows, and every client of ours sends, the part that leaves no choice.
_PLAIN = re.compile(
    rb"(?:GET|HEAD|POST|PUT|PATCH|DELETE) /[!-\"$-~]* HTTP/1\.1\r\n"
    rb"(?:[0-9A-Za-z-]+:[ \t]*(?:[!-~\x80-\xff](?:[\t -~\x80-\xff]*[!-~\x80-\xff])?)?\r\n)+\r\n"
)
_FRAMING = re.compile(
    rb"\r\n(host|content-length|transfer-encoding|upgrade|connection(?!:[ \t]*keep-alive\r)):"
    rb"[ \t]*([^\r]*)",
    re.IGNORECASE,
)
_LENGTH = re.compile(rb"0|[1-9][0-9]{0,8}")


def body_length(head: bytes) -> int | None:
    """How many bytes of body follow a plain head; ``None`` if it is any other."""
    if len(head) > LONGEST_HEAD or not _PLAIN.fullmatch(head):
        return None
    said = [(name.lower(), value) for name, value in _FRAMING.findall(head)]
    match sorted(said):
        case [(b"host", _)]:
            return 0
        case [(b"content-length", length), (b"host", _)] if _LENGTH.fullmatch(length):
            return int(length)
    return None


class Wire(HttpToolsProtocol):
    """One connection, for uvicorn's option ``--http``."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin with plain requests."""
        super().connection_made(transport)
        # Bytes still to come of the request that is being read.
        self._due = 0
        # What h11 is to read, once the plain requests before it are answered.
        self._others = b""

    def data_received(self, data: bytes) -> None:
        """Read request by request."""
        while data and not self._others:
            if not self._due:
                head = data[: data.find(END_OF_HEAD) + len(END_OF_HEAD)]
                length = body_length(head)
                if length is None:
                    break
                self._due = len(head) + length
            piece, data = data[: self._due], data[self._due :]
            self._due -= len(piece)
            super().data_received(piece)
        if data:
            self._others += data
            self._unset_keepalive_if_required()
            self._hand_over_if_answered()

    def on_response_complete(self) -> None:
        """Go on with what came behind the request that is answered now."""
        super().on_response_complete()
        if self._others:
            self._hand_over_if_answered()

    def _hand_over_if_answered(self) -> None:
        if self.transport.is_closing():
            return
        if self.cycle is not None and not self.cycle.response_complete:
            self.flow.pause_reading()
            return
        self._unset_keepalive_if_required()
        self.flow.resume_reading()
        self.connections.discard(self)
        successor = H11Protocol(self.config, self.server_state, self.app_state, self.loop)
        successor.connection_made(self.transport)
        self.transport.set_protocol(successor)
        successor.data_received(self._others)
