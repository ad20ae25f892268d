"""Parts of pages that renew themselves by server-sent events, for who watches something go on.

A page is complete without them: it has a link that loads it again.
"""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.sse import ServerSentEvent

from services.console.clients import Exchange, LoggedOut, Problem, ServiceDown
from services.console.pages.edge import Apis, Cookies, Kept, Rendering, person_of
from services.console.pages.visit import Visit, visit_of
from services.console.views import Views

EVERY = 5000
"""Milliseconds after which a browser asks for the next event: each time its session is exchanged
anew, and no connection is held meanwhile."""
LIVE = 20 * 60
"""Seconds after a page was opened in which it renews itself: a page that is left open must not keep
its session for ever."""
ENDED = ServerSentEvent(event="ended", raw_data="")


@dataclass(frozen=True)
class Renewed:
    """A part as it is now, and whether it will change no more."""

    html: str
    is_over: bool = False


@dataclass(frozen=True, repr=False)
class Stream:
    """A browser that asks for a part again and again."""

    request: Request
    views: Views
    exchange: Exchange
    cookies: Cookies
    until: int

    async def renew(
        self, part: Callable[[Visit], Awaitable[Renewed]]
    ) -> AsyncIterator[ServerSentEvent]:
        """The part as it is now; the browser comes again while the session and ``until`` last."""
        if time.time() >= self.until:
            yield ENDED
            return
        try:
            person = await person_of(self.request, self.exchange, self.cookies)
            found = await part(await visit_of(self.request, self.views, person, self.cookies))
            yield ServerSentEvent(raw_data=found.html, retry=EVERY)
            if found.is_over:
                yield ENDED
        except (LoggedOut, Problem):
            yield ENDED
        except ServiceDown:
            yield ServerSentEvent(comment="later", retry=EVERY)


async def _stream(
    request: Request, views: Rendering, exchange: Apis, cookies: Kept, until: int = 0
) -> Stream:
    return Stream(request, views, exchange, cookies, until)


Streaming = Annotated[Stream, Depends(_stream)]


def live_until() -> int:
    """When a page that is opened now stops renewing itself."""
    return int(time.time()) + LIVE
