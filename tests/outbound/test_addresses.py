"""What may be called: tables of addresses, and every way to write one that leads inside."""

from ipaddress import IPv4Address, IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.outbound.addresses import (
    AddressRefused,
    AddressRules,
    Target,
    is_public,
    target_of,
)

STRICT = AddressRules()
LOCAL = AddressRules(allow_loopback=True)

INSIDE = (
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
    "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4", "192.88.99.0/24",
)  # fmt: skip


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.9.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255",  # noqa: S104 - refused here
        "192.168.1.1", "169.254.169.254", "100.64.0.1", "100.127.255.254", "192.0.0.1",
        "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1",
        "255.255.255.255", "192.88.99.1",
        "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:0:127.0.0.1",
        "64:ff9b::7f00:1", "64:ff9b::8.8.8.8", "64:ff9b:1::1", "2002:7f00:1::", "2002:808:808::1",
        "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:db8::1", "fe80::1", "fe80::1%eth0",
        "fec0::1", "fc00::1", "fd12:3456::1", "ff02::1", "100::1", "2606:4700::1%eth0",
        "", "localhost", "2130706433", "0x7f000001", "127.1", "8.8.8.8.", " 8.8.8.8",
    ],
)  # fmt: skip
def test_what_is_not_public_is_refused(address: str) -> None:
    assert not is_public(address)
    assert not STRICT.allows(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "93.184.215.14", "113.160.1.1", "2606:4700:4700::1111", "2a00:1450::1"]
)
def test_public_addresses_are_allowed(address: str) -> None:
    assert is_public(address)


@given(st.integers(0, 2**32 - 1).map(IPv4Address))
def test_no_address_of_an_inner_network_is_public_however_it_is_carried(
    address: IPv4Address,
) -> None:
    if any(address in IPv4Network(network) for network in INSIDE):
        assert not is_public(str(address))
    for carrier in ("::ffff:{}", "64:ff9b::{}", "::{}"):
        assert not is_public(carrier.format(address))


def test_loopback_is_one_address_and_only_where_allowed() -> None:
    assert LOCAL.allows("127.0.0.1")
    assert not LOCAL.allows("127.0.0.2")
    assert not LOCAL.allows("10.0.0.1")
    assert not LOCAL.allows("::1")


def test_a_plain_address_is_taken_apart() -> None:
    assert target_of("https://partner.example/in?x=1", STRICT) == Target(
        "https", "partner.example", 443, "/in?x=1"
    )
    assert target_of("https://partner.example", STRICT).path == "/"
    assert target_of("https://partner.example:443/", STRICT).authority == "partner.example"
    assert target_of("http://127.0.0.1:8080/a", LOCAL).authority == "127.0.0.1:8080"


def test_another_port_needs_the_setting() -> None:
    url = "https://partner.example:8443/"
    with pytest.raises(AddressRefused):
        target_of(url, STRICT)
    assert target_of(url, AddressRules(ports=frozenset({443, 8443}))).port == 8443


@pytest.mark.parametrize(
    "url",
    [
        "http://partner.example/",
        "http://127.0.0.1/",
        "ftp://partner.example/",
        "file:///etc/passwd",
        "gopher://partner.example/",
        "//partner.example/",
        "partner.example",
        "",
        "https://",
        "https:///path",
        "https://user@partner.example/",
        "https://user:secret@partner.example/",
        "https://partner.example\\@inside.example/",
        "https://partner.example/\r\nX: y",
        "https://partner.example/ a",
        "https://part\tner.example/",
        "https://partner.example:99999/",
        "https://partner.example:port/",
        "https://[::1/",
        "https://pärtner.example/",
        "https://partner.example:22/",
    ],
)
def test_anything_but_plain_https_is_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        target_of(url, STRICT)


@pytest.mark.parametrize(
    "url",
    ["http://partner.example/", "http://localhost:8080/", "http://127.0.0.2/", "http://[::1]/"],
)
def test_allowing_loopback_allows_plain_http_there_and_nowhere_else(url: str) -> None:
    with pytest.raises(AddressRefused):
        target_of(url, LOCAL)


@given(st.text())
def test_no_address_raises_anything_else(url: str) -> None:
    for text in (url, f"https://{url}", f"https://partner.example/{url}"):
        try:
            target = target_of(text, STRICT)
        except AddressRefused:
            continue
        assert target.scheme == "https"
        assert target.port == 443
        assert target.path.isascii()
