"""Calls over HTTP/1.1, over a network that may answer anything, slowly, or from inside.

Every new connection resolves the name once, checks every address it got, and goes to one of exactly
those, with the name for SNI, certificate and Host. No redirect is followed and no proxy taken from
the environment. One deadline covers resolving, connecting, sending and reading together. An
answer's body is read undecoded, and never beyond what is asked for.
"""

import logging
import ssl
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NewConnectionError,
    ProtocolError,
    ReadTimeoutError,
    SSLError,
)

from shared.outbound.addresses import AddressRefused, AddressRules, Target, target_of
from shared.outbound.connections import Pool, TlsPool
from shared.outbound.deadlines import Call, Watch
from shared.outbound.names import Names, Resolve, resolve

LARGEST_ANSWER = 64 * 1024
"""Bytes of a body, where the caller names no other bound."""
RESOLVED_FOR = 60.0
"""Seconds after which a name is resolved again."""
MOST_ROUTES = 256
MOST_ADDRESSES = 4
CONNECTIONS = 16
"""Idle connections kept to one address."""


class Obstacle(Enum):
    """What kept an answer away."""

    ADDRESS = "address"
    """It is not one that may be called."""
    TLS = "tls"
    """Nobody whom we trust says that the other side is who it should be."""
    UNREACHABLE = "unreachable"


class NotAnswered(Exception):
    """No answer came; a fault of the other side, or of what lies between."""

    def __init__(self, obstacle: Obstacle, *, is_sent: bool = False) -> None:
        """``is_sent`` says that the receiver may have got something."""
        super().__init__(obstacle.value)
        self.obstacle = obstacle
        self.is_sent = is_sent


@dataclass(frozen=True, repr=False)
class Heard:
    """What the other side answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes | None
    """Undecoded; unset where it is larger than asked for, or broke off."""


@dataclass(frozen=True, repr=False)
class Asked:
    """One request, as it is sent to whichever address of its target."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes | None
    largest: int
    is_repeated: bool


@dataclass(frozen=True)
class _Route:
    """Connections to the addresses a name resolved to, all of them checked."""

    pools: tuple[urllib3.HTTPConnectionPool, ...]
    resolved_at: float

    @property
    def is_fresh(self) -> bool:
        return time.monotonic() - self.resolved_at < RESOLVED_FOR

    def close(self) -> None:
        for pool in self.pools:
            pool.close()


class Caller:
    """Makes calls, and keeps their connections. Safe to use from many threads."""

    def __init__(
        self,
        rules: AddressRules,
        *,
        seconds: float,
        context: ssl.SSLContext,
        resolve: Resolve = resolve,
        is_repeated: bool = True,
    ) -> None:
        """``is_repeated``: whether a request may go out again whose kept connection was closed."""
        self._rules = rules
        self._is_repeated = is_repeated
        self._seconds = seconds
        self._context = context
        self._names = Names(resolve)
        self._routes: OrderedDict[Target, _Route] = OrderedDict()
        self._lock = threading.Lock()
        self._watch = Watch()
        # It would log addresses and what the other side sent.
        logging.getLogger("urllib3").setLevel(logging.CRITICAL)

    def call(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None = None,
        *,
        largest: int = LARGEST_ANSWER,
    ) -> Heard:
        """Ask once; what was answered. Raises ``NotAnswered``.

        A connection that the receiver closed while it was idle is replaced at once, unless said
        otherwise: the same request goes out again, which a receiver of what must not be done twice
        recognises by its key.
        """
        call = Call(self._seconds)
        with self._watch.over(call):
            try:
                target = target_of(url, self._rules)
                named = {**headers, "Host": target.authority, "Accept-Encoding": "identity"}
                asked = Asked(method, target.path, named, body, largest, self._is_repeated)
                return self._reach(call, target, asked)
            except AddressRefused:
                raise NotAnswered(Obstacle.ADDRESS) from None
            except SSLError:
                obstacle = Obstacle.UNREACHABLE if call.is_overdue else Obstacle.TLS
                raise NotAnswered(obstacle, is_sent=call.is_sent) from None
            except (HTTPError, OSError):
                raise NotAnswered(Obstacle.UNREACHABLE, is_sent=call.is_sent) from None

    def close(self) -> None:
        """Drop the connections."""
        self._watch.close()
        with self._lock:
            while self._routes:
                self._routes.popitem()[1].close()

    def _reach(self, call: Call, target: Target, asked: Asked) -> Heard:
        route = self._route(target, call)
        for left, pool in zip(range(len(route.pools), 0, -1), route.pools, strict=True):
            try:
                return _ask(call, pool, asked, share=1 / left)
            except (NewConnectionError, ConnectTimeoutError):
                continue
        self._forget(target, route)
        raise NotAnswered(Obstacle.UNREACHABLE)

    def _route(self, target: Target, call: Call) -> _Route:
        place = replace(target, path="")
        with self._lock:
            known = self._routes.get(place)
        if known is not None and known.is_fresh:
            return known
        made = self._checked(place, call)
        if known is not None and [each.host for each in known.pools] == [
            each.host for each in made.pools
        ]:
            # The same addresses: the connections to them go on.
            made = replace(made, pools=known.pools)
        with self._lock:
            self._routes[place] = made
            self._routes.move_to_end(place)
            if len(self._routes) > MOST_ROUTES:
                self._routes.popitem(last=False)[1].close()
        return made

    def _checked(self, place: Target, call: Call) -> _Route:
        found = self._names.addresses(place.host, place.port, seconds=call.remaining)
        addresses = found[:MOST_ADDRESSES]
        if not addresses or not all(map(self._rules.allows, addresses)):
            raise AddressRefused("address")
        pools = tuple(self._pool(place, address) for address in addresses)
        return _Route(pools, time.monotonic())

    def _pool(self, place: Target, address: str) -> urllib3.HTTPConnectionPool:
        if place.scheme == "http":
            return Pool(address, place.port, maxsize=CONNECTIONS)
        return TlsPool(
            address,
            place.port,
            maxsize=CONNECTIONS,
            ssl_context=self._context,
            # Both SNI and what the certificate must say; OpenSSL checks it in the handshake.
            server_hostname=place.host,
        )

    def _forget(self, target: Target, route: _Route) -> None:
        """Nothing answered there: look the name up again next time."""
        with self._lock:
            if self._routes.get(replace(target, path="")) is route:
                del self._routes[replace(target, path="")]
        route.close()


def _ask(call: Call, pool: urllib3.HTTPConnectionPool, asked: Asked, *, share: float) -> Heard:
    """One request; once more on a new connection when a kept one turned out to be closed."""
    try:
        return _request(call, pool, asked, share=share)
    except ProtocolError as fault:
        was_closed = isinstance(fault.args[-1], ConnectionError)
        if not (was_closed and call.is_reused and asked.is_repeated) or call.is_overdue:
            raise
        return _request(call, pool, asked, share=share)


def _request(call: Call, pool: urllib3.HTTPConnectionPool, asked: Asked, *, share: float) -> Heard:
    response = pool.urlopen(
        asked.method,
        asked.path,
        asked.body,
        asked.headers,
        retries=False,
        redirect=False,
        timeout=urllib3.Timeout(connect=call.remaining * share, read=call.remaining),
        preload_content=False,
        decode_content=False,
    )
    if call.is_overdue:
        # Cut off among the headers, which reads like their end.
        response.close()
        raise ReadTimeoutError(pool, asked.path, "overdue")
    return Heard(response.status, response.headers, _read(response, call, asked.largest))


def _read(response: urllib3.BaseHTTPResponse, call: Call, largest: int) -> bytes | None:
    """Read the body, so that the connection can be used again; give both up when that is much.

    The status has answered already: what happens to the body changes nothing of it any more.
    """
    try:
        read: bytes | None = response.read(largest + 1, decode_content=False)
    except (HTTPError, OSError):
        read = None
    # Cut off in a body of no said length, it would read like its end.
    if read is None or len(read) > largest or call.is_overdue:
        response.close()
        return None
    response.release_conn()
    return read
