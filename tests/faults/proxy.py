"""Our own TCP proxy: passes bytes on, or does to them what networks do."""

import asyncio
import socket
import struct
import threading
from collections import Counter, deque
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import Enum
from itertools import count
from typing import Any

CHUNK = 65536
RESET = struct.pack("ii", 1, 0)
"""SO_LINGER on with no time: closing sends RST instead of FIN."""


class Weather(Enum):
    """What happens to bytes on their way."""

    PASS = "pass"
    HOLE = "hole"
    """Connections stay open and nothing comes through."""
    SLOW = "slow"
    """Every chunk takes a fifth of a second."""


@dataclass
class Conversation:
    """A connection of somebody's, and who has spoken last on it."""

    number: int
    was_answered: bool = True


Chunk = tuple[int, bool, int]
"""On which connection, whether it is an answer, and how many bytes."""
TOLD = 40
"""Of how many chunks a proxy remembers that."""


class Proxy:
    """Listens on a loopback port and connects to another one."""

    def __init__(self, target: int) -> None:
        self.weather = Weather.PASS
        self.talk: deque[Chunk] = deque(maxlen=TOLD)
        """What came through last."""
        self._round_trips = Counter[int]()
        self._numbers = count()
        self._target = target
        self._writers: set[asyncio.StreamWriter] = set()
        self._silent: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = self._do(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port: int = self._server.sockets[0].getsockname()[1]

    @property
    def round_trips(self) -> int:
        """How often somebody was answered after having spoken, on the connection that says most.

        It is counted at the answer: a driver says that it wants nothing withheld (PostgreSQL's
        Flush) after the answer if that was quick, and nobody waits for anything then. Ports are
        used again: somebody who looks for another server may come by.
        """
        return max(self._round_trips.values(), default=0)

    @property
    def connections(self) -> int:
        """How many are open now."""
        return len(self._writers) // 2

    def reset_all(self) -> None:
        """Tear every connection with RST, in both directions."""

        async def tear() -> None:
            for writer in list(self._writers):
                raw = writer.get_extra_info("socket")
                if raw is not None:
                    with suppress(OSError):
                        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                writer.close()

        self._do(tear())

    def silence_all(self) -> int:
        """What is open now hears nothing any more, what is new is served; returns how many.

        So it is when another host takes over the address of one that lost its power.
        """

        async def silence() -> int:
            self._silent |= self._writers
            return self.connections

        found: int = self._do(silence())
        return found

    @contextmanager
    def hole(self) -> Iterator[None]:
        """Nothing comes through within the block."""
        self.weather = Weather.HOLE
        try:
            yield
        finally:
            self.weather = Weather.PASS

    def close(self) -> None:
        """Stop listening and drop everything."""
        self.reset_all()
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)
        self._loop.close()

    async def _end(self) -> None:
        self._server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=10)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.close()
            return
        ends, conversation = {writer, far_writer}, Conversation(next(self._numbers))
        self._writers |= ends
        # Cancelled when the proxy closes, and there is nobody to be told of it.
        with suppress(asyncio.CancelledError):
            await asyncio.gather(
                self._pump(reader, far_writer, conversation, is_answer=False),
                self._pump(far_reader, writer, conversation, is_answer=True),
            )
        self._writers -= ends
        self._silent -= ends

    async def _pump(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        conversation: Conversation,
        *,
        is_answer: bool,
    ) -> None:
        with suppress(OSError):
            while chunk := await reader.read(CHUNK):
                self._note(conversation, chunk, is_answer=is_answer)
                while self._swallows(writer):  # noqa: ASYNC110 - set from another thread
                    await asyncio.sleep(0.05)
                if self.weather is Weather.SLOW:
                    await asyncio.sleep(0.2)
                writer.write(chunk)
                await writer.drain()
        writer.close()

    def _note(self, conversation: Conversation, chunk: bytes, *, is_answer: bool) -> None:
        self.talk.append((conversation.number, is_answer, len(chunk)))
        self._round_trips[conversation.number] += is_answer and not conversation.was_answered
        conversation.was_answered = is_answer

    def _swallows(self, writer: asyncio.StreamWriter) -> bool:
        return self.weather is Weather.HOLE or writer in self._silent
