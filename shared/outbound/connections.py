"""Connections whose calls can be cut off, and whose answers are final ones."""

from http import HTTPStatus
from http.client import HTTPResponse
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

from shared.outbound.deadlines import call_of_thread


class FinalResponse(HTTPResponse):
    """An answer that is none of the interim ones before it (RFC 9110 section 15.2).

    ``100`` alone is what the standard library leaves out by itself. ``101`` would change the
    protocol, which nobody asked for, so it ends the call like any other answer.
    """

    def begin(self) -> None:
        """Read heads until one is final."""
        super().begin()
        while self.status < HTTPStatus.OK and self.status != HTTPStatus.SWITCHING_PROTOCOLS:
            # Without headers it reads the next head off the same connection.
            self.headers = self.msg = None  # type: ignore[assignment]
            super().begin()


class Watched(HTTPConnection):
    """A connection that tells the call of its thread which socket it uses, and how far it came."""

    response_class = FinalResponse
    _has_served = False

    def connect(self) -> None:
        """Connect; from now on the call can be cut off."""
        self._has_served = False
        call_of_thread().use(self)
        super().connect()

    def request(self, *args: Any, **options: Any) -> None:
        """Send a request; from now on it may have arrived."""
        if self.sock is None:
            self.connect()
        call = call_of_thread()
        call.use(self)
        call.is_reused, self._has_served = self._has_served, True
        call.is_sent = True
        super().request(*args, **options)


class WatchedTls(Watched, HTTPSConnection):
    """The same over TLS."""


class Pool(urllib3.HTTPConnectionPool):
    """Connections to one address."""

    ConnectionCls = Watched


class TlsPool(urllib3.HTTPSConnectionPool):
    """The same over TLS."""

    ConnectionCls = WatchedTls
