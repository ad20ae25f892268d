"""Webhook endpoints: which addresses are taken."""

import re
from urllib.parse import SplitResult, urlsplit

from services.directory.errors import EndpointAddressRefused

LOOPBACK = "127.0.0.1"
HTTPS_PORT = 443
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
# The last label begins with a letter, so no way of writing an IP address passes for a name; one
# written plainly is refused as well: a partner has a name, and a certificate for it.
_HOST_NAME = re.compile(rf"(?:{_LABEL}\.)+(?=[a-z]){_LABEL}", re.IGNORECASE)
_PRINTABLE = re.compile(r"[\x21-\x7e]+")
_LOCAL_NAMES = ("localhost", "local", "internal", "lan", "home", "corp", "test", "invalid")


def check_endpoint(url: str, *, allow_loopback: bool) -> None:
    """Raise ``EndpointAddressRefused`` for what must never be called.

    This looks at the address as written. What its host name resolves to is checked by the caller
    of the webhook, at every call.
    """
    if not may_be_called(url, allow_loopback=allow_loopback):
        raise EndpointAddressRefused


def may_be_called(url: str, *, allow_loopback: bool) -> bool:
    """Whether an address, as it is written, is one of somebody else on the internet."""
    return _is_public(url) or (allow_loopback and _is_loopback(url))


def _is_public(url: str) -> bool:
    parts = _parts(url)
    if parts is None or parts.scheme != "https":
        return False
    host, port = parts.hostname or "", parts.port
    return port in {None, HTTPS_PORT} and is_public_host(host)


def _is_loopback(url: str) -> bool:
    parts = _parts(url)
    return parts is not None and parts.scheme == "http" and parts.hostname == LOOPBACK


def _parts(url: str) -> SplitResult | None:
    """The pieces of a plain address: printable ASCII, no user, no fragment, a port that is one."""
    if _PRINTABLE.fullmatch(url) is None or "\\" in url:
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    is_plain = "@" not in parts.netloc and "#" not in url and port != 0
    return parts if is_plain else None


def is_public_host(host: str) -> bool:
    """Whether this is the name of a machine, or of a domain, of somebody else on the internet."""
    last = host.rpartition(".")[2].lower()
    return _HOST_NAME.fullmatch(host) is not None and last not in _LOCAL_NAMES
