"""What may be called: addresses on the public internet, never our own network.

A name is judged by what it resolves to, and the caller connects to exactly that address, so that a
name which resolves differently the next moment gains nothing. Address families that carry an IPv4
address inside (mapped, NAT64, 6to4, Teredo) are refused whole: they lead back inside.
"""

from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

LOOPBACK = "127.0.0.1"
HTTPS_PORT = 443

_CARRIERS = tuple(
    ip_network(network)
    for network in (
        "64:ff9b::/96",  # NAT64 (RFC 6052)
        "64:ff9b:1::/48",  # local-use NAT64 (RFC 8215)
        "2001::/32",  # Teredo (RFC 4380)
        "2002::/16",  # 6to4 (RFC 3056)
        "::ffff:0:0/96",  # IPv4-mapped (RFC 4291)
        "::/96",  # IPv4-compatible, loopback and unspecified among them (RFC 4291)
        "fec0::/10",  # site-local (RFC 3879)
        "192.88.99.0/24",  # 6to4 relays (RFC 7526)
        "100.64.0.0/10",  # carrier-grade NAT (RFC 6598)
        "0.0.0.0/8",  # this network (RFC 1122)
    )
)


class AddressRefused(Exception):
    """An address that is not called: it ends one attempt, and refuses no request."""


@dataclass(frozen=True)
class Target:
    """An address taken apart: where to connect, what to ask for, whom to expect there."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """The Host header: the port only where it is not the scheme's own."""
        standard = HTTPS_PORT if self.scheme == "https" else 80
        return self.host if self.port == standard else f"{self.host}:{self.port}"


@dataclass(frozen=True)
class AddressRules:
    """What an installation allows beyond ``https`` on the public internet."""

    allow_loopback: bool = False
    ports: frozenset[int] = frozenset({HTTPS_PORT})

    def allows(self, address: str) -> bool:
        """Whether this IP address may be connected to."""
        return is_public(address) or (self.allow_loopback and address == LOOPBACK)


@lru_cache(maxsize=1024)
def target_of(url: str, rules: AddressRules) -> Target:
    """Take an address apart; raises ``AddressRefused`` for anything but plain, allowed https.

    Loopback, where allowed, may be plain http on any port.
    """
    # urlsplit drops tabs and line ends silently, so they are refused before it sees them.
    if not url.isascii() or any(letter <= " " or letter == "\x7f" for letter in url):
        raise AddressRefused("characters")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise AddressRefused("malformed") from None
    if parts.username is not None or parts.password is not None or not parts.hostname:
        raise AddressRefused("authority")
    is_local = rules.allow_loopback and parts.hostname == LOOPBACK
    if parts.scheme != "https" and not (is_local and parts.scheme == "http"):
        raise AddressRefused("scheme")
    port = port or (HTTPS_PORT if parts.scheme == "https" else 80)
    if port not in rules.ports and not rules.allow_loopback:
        raise AddressRefused("port")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, parts.hostname, port, path)


def is_public(address: str) -> bool:
    """Whether an IP address is a unicast address of the public internet, and carries no other."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, IPv6Address) and parsed.scope_id is not None:
        return False
    return parsed.is_global and not _is_special(parsed)


def _is_special(address: IPv4Address | IPv6Address) -> bool:
    is_reserved = address.is_multicast or address.is_reserved or address.is_unspecified
    return is_reserved or any(
        address in network for network in _CARRIERS if network.version == address.version
    )
