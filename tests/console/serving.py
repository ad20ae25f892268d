"""An application on a loopback port, from a thread of its own."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import uvicorn
from starlette.types import ASGIApp

from deploy.local.patience import wait_until
from deploy.local.ports import free_port

STARTED_WITHIN = 30.0


@contextmanager
def served(application: ASGIApp, *, is_whole: bool = True) -> Iterator[int]:
    """The application on a loopback port; if it is not whole, not started with its rooms."""
    port = free_port()
    lifespan: Literal["on", "off"] = "on" if is_whole else "off"
    config = uvicorn.Config(application, port=port, lifespan=lifespan, log_level="warning")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        assert wait_until(lambda: server.started, within=STARTED_WITHIN)
        yield port
    finally:
        server.should_exit = True
        thread.join()
