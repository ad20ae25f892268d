"""Calls to identity providers: never inside a transaction, never for long, never to ourselves."""

import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import httpx2
import orjson

from services.directory.errors import ProviderDown
from services.directory.policy import Discovered, discovered

PATIENCE = 5.0
"""Seconds until a provider that does not answer counts as down: somebody waits before a page."""
LARGEST = 256 * 1024
KNOWN_FOR = 600.0
"""Seconds for which what a provider says of itself is not asked again."""
DISCOVERY = "/.well-known/openid-configuration"
OK = 200


@dataclass
class ProviderGateway:
    """Asks providers what they say of themselves, for whom they vouch, and with which keys."""

    allow_loopback: bool
    _known: dict[str, tuple[float, Discovered]] = field(default_factory=dict, repr=False)

    def discover(self, issuer: str) -> Discovered:
        """Where a provider is asked; raises ``ProviderDown`` and ``ProviderUnfit``."""
        at, known = self._known.get(issuer, (0.0, None))
        if known is not None and time.monotonic() - at < KNOWN_FOR:
            return known
        told = self._asked("GET", issuer.rstrip("/") + DISCOVERY)
        found = discovered(told, issuer, allow_loopback=self.allow_loopback)
        self._known[issuer] = (time.monotonic(), found)
        return found

    def redeem(
        self, found: Discovered, form: Mapping[str, str]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """What a code is good for, and the keys of today; nothing for one that is good for nothing.

        Raises ``ProviderDown``.
        """
        answer = self._asked("POST", found.token_endpoint, data=dict(form), is_refusal_fine=True)
        return answer, self._asked("GET", found.jwks_uri) if answer else {}

    def _asked(
        self, method: str, address: str, *, is_refusal_fine: bool = False, **options: Any
    ) -> dict[str, Any]:
        """What was answered as JSON; redirections are followed nowhere."""
        self._check_place(address)
        try:
            with (
                httpx2.Client(timeout=PATIENCE, trust_env=False) as client,
                client.stream(method, address, **options) as sent,
            ):
                if sent.status_code != OK:
                    return _refused(sent, is_fine=is_refusal_fine)
                told = orjson.loads(_read(sent))
        except (httpx2.HTTPError, orjson.JSONDecodeError):
            raise ProviderDown from None
        if not isinstance(told, dict):
            raise ProviderDown
        return told

    def _check_place(self, address: str) -> None:
        """A name that leads into our own networks is called by nobody."""
        parts = urlsplit(address)
        try:
            found = socket.getaddrinfo(parts.hostname, parts.port or 443, type=socket.SOCK_STREAM)
        except OSError:
            raise ProviderDown from None
        places = {ip_address(each[4][0]) for each in found}
        if not all(it.is_global or (self.allow_loopback and it.is_loopback) for it in places):
            raise ProviderDown


def _refused(sent: httpx2.Response, *, is_fine: bool) -> dict[str, Any]:
    if is_fine and sent.is_client_error:
        return {}
    raise ProviderDown


def _read(sent: httpx2.Response) -> bytes:
    read = b""
    for part in sent.iter_bytes():
        read += part
        if len(read) > LARGEST:
            raise ProviderDown
    return read
