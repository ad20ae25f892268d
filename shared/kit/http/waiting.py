"""Waiting for work that goes on elsewhere, no longer than its client does."""

import asyncio
from concurrent.futures import Future
from typing import Any, TypeVar

from fastapi import Request

from shared.kit.errors import Unavailable

Result = TypeVar("Result")

ANSWER_SECONDS = 10.0
"""The longest a request waits for its commit: proxies and clients give up after some more."""


class AnswerLate(Unavailable):
    """The answer did not come in time; whether it was stored is told by the same request again."""


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
