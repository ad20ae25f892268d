"""Calls to identity providers: never inside a transaction, never for long, never to ourselves."""

import ssl
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import orjson

from services.directory.errors import ProviderDown
from services.directory.policy import Discovered, discovered
from shared.outbound import AddressRules, Caller, Heard, NotAnswered
from shared.outbound.names import Resolve, resolve

PATIENCE = 5.0
"""Seconds until a provider that does not answer counts as down: somebody waits before a page."""
LARGEST = 256 * 1024
KNOWN_FOR = 600.0
"""Seconds for which what a provider says of itself is not asked again."""
DISCOVERY = "/.well-known/openid-configuration"
OK, CLIENT_ERRORS = 200, range(400, 500)
ACCEPTED = {"Accept": "application/json"}
FORM = {**ACCEPTED, "Content-Type": "application/x-www-form-urlencoded"}


class ProviderGateway:
    """Asks providers what they say of themselves, for whom they vouch, and with which keys."""

    def __init__(
        self,
        *,
        allow_loopback: bool,
        context: ssl.SSLContext | None = None,
        resolve: Resolve = resolve,
    ) -> None:
        self.allow_loopback = allow_loopback
        self._known: dict[str, tuple[float, Discovered]] = {}
        self._caller = Caller(
            AddressRules(allow_loopback),
            seconds=PATIENCE,
            context=context or ssl.create_default_context(),
            resolve=resolve,
        )

    def discover(self, issuer: str) -> Discovered:
        """Where a provider is asked; raises ``ProviderDown`` and ``ProviderUnfit``."""
        at, known = self._known.get(issuer, (0.0, None))
        if known is not None and time.monotonic() - at < KNOWN_FOR:
            return known
        told = self._read(issuer.rstrip("/") + DISCOVERY)
        found = discovered(told, issuer, allow_loopback=self.allow_loopback)
        self._known[issuer] = (time.monotonic(), found)
        return found

    def redeem(
        self, found: Discovered, form: Mapping[str, str]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """What a code is good for, and the keys of today; nothing for one that is good for nothing.

        Raises ``ProviderDown``.
        """
        sent = urlencode(form).encode()
        heard = self._asked("POST", found.token_endpoint, FORM, sent)
        if heard.status in CLIENT_ERRORS:
            return {}, {}
        return _told(heard), self._read(found.jwks_uri)

    def close(self) -> None:
        """Drop the connections."""
        self._caller.close()

    def _read(self, address: str) -> dict[str, Any]:
        return _told(self._asked("GET", address, ACCEPTED, None))

    def _asked(
        self, method: str, address: str, headers: Mapping[str, str], body: bytes | None
    ) -> Heard:
        try:
            return self._caller.call(method, address, headers, body, largest=LARGEST)
        except NotAnswered:
            raise ProviderDown from None


def _told(heard: Heard) -> dict[str, Any]:
    """What was answered as JSON; redirections are followed nowhere."""
    if heard.status != OK or heard.body is None:
        raise ProviderDown
    try:
        told = orjson.loads(heard.body)
    except orjson.JSONDecodeError:
        raise ProviderDown from None
    if not isinstance(told, dict):
        raise ProviderDown
    return told
