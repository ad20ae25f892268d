"""The exchange's front, dying once between a commit and its answer (fault 6)."""

import os
import signal
from pathlib import Path

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from deploy.stack import front

MARKER = "CRASH_MARKER_FILE"
"""Names a file: as long as it does not exist, the next created case kills the process."""


class DiesBeforeAnswering:
    """Kills its process when a case is about to be answered with 201."""

    def __init__(self, app: ASGIApp, marker: Path) -> None:
        self._app = app
        self._marker = marker

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_or_die(message: Message) -> None:
            is_created = message["type"] == "http.response.start" and message["status"] == 201
            if is_created and not self._marker.exists():
                self._marker.touch()
                os.kill(os.getpid(), signal.SIGKILL)
            await send(message)

        await self._app(scope, receive, send_or_die if scope["type"] == "http" else send)


def create() -> ASGIApp:
    """The ordinary front, wrapped."""
    return DiesBeforeAnswering(front.create(), Path(os.environ[MARKER]))
