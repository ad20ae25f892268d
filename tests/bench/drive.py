"""Agencies that submit: ``drive PORT TOKEN KIND BEGINS FIRST JOBS CLIENTS RATE SECONDS``.

Each client sends its next submission when the one before is answered (``RATE`` 0), or all of them
together keep a rate. It waits for a line, submits until the jobs or the seconds are used up, and
prints what was accepted in how many seconds.
"""

import asyncio
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import orjson
import uvloop

from shared.contracts.vocabulary import OrganisationKind
from tests.bench.stopwatch import Stopwatch
from tests.bench.submissions import body_of, trace_of

CREATED = b"HTTP/1.1 201 "
PATH = "/intake/v1/cases"


@dataclass(frozen=True)
class Order:
    """What to submit, where, how fast and how long."""

    port: int
    token: str
    kind: OrganisationKind
    begins: Path
    first: int
    """The number of the first job; numbers go on over the runs that share a file."""
    jobs: int
    clients: int
    rate: float
    seconds: float


class Drive:
    """One run."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._watch = Stopwatch(order.begins, order.first + order.jobs)
        self._body = orjson.dumps(body_of(order.kind))
        self._requests = [self._request(order.first + job) for job in range(order.jobs)]
        self._next = 0
        self._began = 0.0
        self.accepted = 0

    async def run(self) -> float:
        """Submit; returns the seconds from the first request to the last answer."""
        self._began = time.monotonic()
        await asyncio.gather(*(self._client() for _ in range(self._order.clients)))
        return time.monotonic() - self._began

    async def _client(self) -> None:
        subject, writer = await asyncio.open_connection("127.0.0.1", self._order.port)
        while (job := self._next) < self._order.jobs:
            self._next += 1
            if not await self._wait_for(job):
                break
            self._watch.stop(self._order.first + job)
            writer.write(self._requests[job])
            head = await subject.readuntil(b"\r\n\r\n")
            length = head.lower().split(b"content-length: ", 1)[1].split(b"\r", 1)[0]
            answer = await subject.readexactly(int(length))
            if not head.startswith(CREATED):
                raise RuntimeError(f"refused: {head[:40]!r} {answer[:200]!r}")
            self.accepted += 1
        writer.close()

    async def _wait_for(self, job: int) -> bool:
        """Wait until the job's turn; False when the time is used up."""
        turn = self._began + (job / self._order.rate if self._order.rate else 0.0)
        if self._order.rate:
            await asyncio.sleep(max(turn - time.monotonic(), 0.0))
        return max(turn, time.monotonic()) < self._began + self._order.seconds

    def _request(self, job: int) -> bytes:
        head = (
            f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"Authorization: Bearer {self._order.token}\r\nIdempotency-Key: {uuid4()}\r\n"
            f"traceparent: {trace_of(job)}\r\nContent-Length: {len(self._body)}\r\n\r\n"
        )
        return head.encode() + self._body


def main(order: Order) -> None:
    """Prepare everything, wait for a line, run, tell."""
    drive = Drive(order)
    print("ready", flush=True)
    sys.stdin.readline()
    seconds = uvloop.run(drive.run())
    print(orjson.dumps({"accepted": drive.accepted, "seconds": seconds}).decode(), flush=True)


if __name__ == "__main__":
    port, token, kind, begins, first, jobs, clients, rate, seconds = sys.argv[1:]
    main(
        Order(
            port=int(port),
            token=token,
            kind=OrganisationKind(kind),
            begins=Path(begins),
            first=int(first),
            jobs=int(jobs),
            clients=int(clients),
            rate=float(rate),
            seconds=float(seconds),
        )
    )
