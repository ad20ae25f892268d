"""Waiting for work on another thread, for no longer than the client waits."""

import asyncio
from concurrent.futures import Future
from typing import Any, TypeVar

from fastapi import Request

from shared.kit.errors import Unavailable

Result = TypeVar("Result")

ANSWER_SECONDS = 10.0
"""Seconds a request waits for its commit at most: proxies and clients wait a little longer."""


class AnswerLate(Unavailable):
    """The answer was not ready in time; the same request again tells whether it was stored."""


async def answered(
    request: Request, future: Future[Result], seconds: float = ANSWER_SECONDS
) -> Result:
    """The result, or ``AnswerLate`` if it takes too long or nobody waits for it any more.

    What is not begun by then is not begun at all. What is under way goes on, for its neighbours
    wait for it as well: the same request under the same key gets its one answer.
    """
    waited = asyncio.wrap_future(future)
    left = asyncio.create_task(_until_left(request))
    either: set[asyncio.Future[Any]] = {waited, left}
    try:
        await asyncio.wait(either, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if waited.done():
            return waited.result()
        raise AnswerLate
    finally:
        left.cancel()
        waited.cancel()


async def _until_left(request: Request) -> None:
    """Ends when the client has closed its connection; its body has been read before."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
