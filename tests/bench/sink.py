"""A partner's system that only writes down when each webhook came: ``sink PORT ENDS JOBS SAMPLES``.

It answers 204 at once. The first webhooks are kept whole, so that whoever started it can verify
their signatures afterwards.
"""

import asyncio
import sys
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

import orjson

from tests.bench.arrivals import Arrivals

SAMPLES = 20
END = b"\r\n\r\n"
ANSWER = b"HTTP/1.1 204 No Content\r\n\r\n"


class Webhooks(asyncio.Protocol):
    """One connection on which webhooks come one after another."""

    def __init__(self, arrivals: Arrivals, samples: Path) -> None:
        self._arrivals = arrivals
        self._samples = samples
        self._received = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (end := self._received.find(END)) >= 0:
            first, *lines = self._received[:end].decode("latin-1").split("\r\n")
            headers = {name.lower(): value for name, value in (it.split(": ", 1) for it in lines)}
            whole = end + len(END) + int(headers["content-length"])
            if len(self._received) < whole:
                return
            body, self._received = self._received[end + len(END) : whole], self._received[whole:]
            self._take(first.split(" ")[1], headers, body)

    def _take(self, path: str, headers: dict[str, str], body: bytes) -> None:
        self._arrivals.note(UUID(headers["webhook-id"]))
        assert self._transport is not None
        self._transport.write(ANSWER)
        if len(Webhooks.kept) < SAMPLES:
            Webhooks.kept.append([path, headers, body.decode()])
            self._samples.write_bytes(orjson.dumps(Webhooks.kept))

    kept: ClassVar[list[Any]] = []


async def main(port: int, ends: Path, jobs: int, samples: Path) -> None:
    """Take webhooks for ever."""
    arrivals = Arrivals(ends, jobs)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Webhooks(arrivals, samples), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4])))
