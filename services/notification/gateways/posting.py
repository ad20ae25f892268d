"""Calls out to partners' systems, over a network that may answer anything, slowly, or from inside.

Every new connection resolves the name once, checks every address it got, and goes to one of exactly
those, with the name for SNI, certificate and Host. No redirect is followed and no proxy taken from
the environment. One deadline covers resolving, connecting, sending and reading together. An
answer's body is only read to use the connection again, undecoded, and never beyond 64 KiB.
"""

import logging
import ssl
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NewConnectionError,
    ProtocolError,
    ReadTimeoutError,
    SSLError,
)

from services.notification.gateways.connections import Pool, TlsPool
from services.notification.gateways.deadlines import Call, Watch
from services.notification.gateways.names import Names, Resolve, resolve
from services.notification.policy import (
    AddressRefused,
    AddressRules,
    Answer,
    Target,
    Trouble,
    target_of,
)

LARGEST_ANSWER = 64 * 1024
RESOLVED_FOR = 60.0
"""Seconds after which a name is resolved again."""
MOST_ROUTES = 256
MOST_ADDRESSES = 4
CONNECTIONS = 16
"""Idle connections kept to one address."""


class WebhookGateway(Protocol):
    """Whatever can post a webhook; never raises for what the other side does."""

    def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Post once; the status that came back, or the trouble that kept it away."""

    def close(self) -> None:
        """Drop the connections."""


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


class HttpGateway:
    """Posts webhooks over HTTP/1.1, keeping connections. Safe to use from many threads."""

    def __init__(
        self,
        rules: AddressRules,
        *,
        seconds: float,
        context: ssl.SSLContext,
        resolve: Resolve = resolve,
    ) -> None:
        self._rules = rules
        self._seconds = seconds
        self._context = context
        self._names = Names(resolve)
        self._routes: OrderedDict[Target, _Route] = OrderedDict()
        self._lock = threading.Lock()
        self._watch = Watch()
        # It would log addresses and what the other side sent.
        logging.getLogger("urllib3").setLevel(logging.CRITICAL)

    def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Post once; the status that came back, or the trouble that kept it away.

        A connection that the receiver closed while it was idle is replaced at once: the same
        webhook-id goes out again, which a receiver recognises had it got the first.
        """
        call = Call(self._seconds)
        with self._watch.over(call):
            try:
                target = target_of(url, self._rules)
                return self._post(call, target, headers, body)
            except AddressRefused:
                return Answer(trouble=Trouble.ADDRESS_REFUSED)
            except SSLError:
                return Answer(trouble=_trouble(call, Trouble.TLS_FAILED))
            except (HTTPError, OSError):
                return Answer(trouble=_trouble(call, Trouble.UNREACHABLE))

    def close(self) -> None:
        """Drop the connections."""
        self._watch.close()
        with self._lock:
            while self._routes:
                self._routes.popitem()[1].close()

    def _post(
        self,
        call: Call,
        target: Target,
        headers: Mapping[str, str],
        body: bytes,
    ) -> Answer:
        route = self._route(target, call)
        named = {**headers, "Host": target.authority, "Accept-Encoding": "identity"}
        for left, pool in zip(range(len(route.pools), 0, -1), route.pools, strict=True):
            try:
                return _ask(call, pool, target.path, named, body, share=1 / left)
            except (NewConnectionError, ConnectTimeoutError):
                continue
        self._forget(target, route)
        return Answer(trouble=Trouble.UNREACHABLE)

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


def _ask(
    call: Call,
    pool: urllib3.HTTPConnectionPool,
    path: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    share: float,
) -> Answer:
    """One request; once more on a new connection when a kept one turned out to be closed."""
    try:
        return _request(call, pool, path, headers, body, share=share)
    except ProtocolError as fault:
        was_closed = isinstance(fault.args[-1], ConnectionError)
        if not was_closed or not call.is_reused or call.is_overdue:
            raise
        return _request(call, pool, path, headers, body, share=share)


def _request(
    call: Call,
    pool: urllib3.HTTPConnectionPool,
    path: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    share: float,
) -> Answer:
    response = pool.urlopen(
        "POST",
        path,
        body,
        headers,
        retries=False,
        redirect=False,
        timeout=urllib3.Timeout(connect=call.remaining * share, read=call.remaining),
        preload_content=False,
        decode_content=False,
    )
    if call.is_overdue:
        # Cut off among the headers, which reads like their end.
        response.close()
        raise ReadTimeoutError(pool, path, "overdue")
    _drain(response)
    return Answer(status=response.status, retry_after=response.headers.get("retry-after"))


def _drain(response: urllib3.BaseHTTPResponse) -> None:
    """Read what is left, so that the connection can be used again; give it up when that is much.

    The status has answered already: what happens to the body changes nothing any more.
    """
    try:
        is_short = len(response.read(LARGEST_ANSWER + 1, decode_content=False)) <= LARGEST_ANSWER
    except (HTTPError, OSError):
        is_short = False
    if is_short:
        response.release_conn()
    else:
        response.close()


def _trouble(call: Call, before_sending: Trouble) -> Trouble:
    """Once something was sent, it may have arrived, whatever happened then."""
    if call.is_sent:
        return Trouble.UNKNOWN
    return Trouble.UNREACHABLE if call.is_overdue else before_sending
