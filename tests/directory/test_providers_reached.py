"""Which addresses are called when an identity provider is asked."""

import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from services.directory import gateways as asking
from services.directory.errors import ProviderDown
from services.directory.gateways import LARGEST, ProviderGateway
from shared.outbound import AddressRules
from tests.notification.receivers import LOOPBACK, Authority, Behaviour, Rude

NAME = "dang-nhap.example"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.make(tmp_path)


class Resolver:
    """Answers each question with the next of these, then with the last."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked = 0

    def __call__(self, _host: str, _port: int) -> list[str]:
        self.asked += 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def answering(body: bytes) -> Behaviour:
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()

    def behave(client: socket.socket, _over: threading.Event) -> None:
        taken = b""
        while b"\r\n\r\n" not in taken:
            taken += client.recv(65_536)
        client.sendall(head + body)

    return behave


def discovery(issuer: str) -> bytes:
    told = {
        "issuer": issuer,
        "authorization_endpoint": "https://dang-nhap.example/authorize",
        "token_endpoint": "https://dang-nhap.example/token",
        "jwks_uri": "https://dang-nhap.example/keys",
    }
    return orjson.dumps(told)


@pytest.fixture
def gateways() -> Iterator[list[ProviderGateway]]:
    made: list[ProviderGateway] = []
    yield made
    for each in made:
        each.close()


def gateway(
    made: list[ProviderGateway],
    resolver: Resolver,
    *,
    context: ssl.SSLContext | None = None,
    allow_loopback: bool = False,
) -> ProviderGateway:
    new = ProviderGateway(allow_loopback=allow_loopback, context=context, resolve=resolver)
    made.append(new)
    return new


@pytest.mark.parametrize(
    "addresses",
    [[LOOPBACK], ["10.0.0.1"], ["169.254.169.254"], ["64:ff9b::7f00:1"], ["100.64.0.1"],
     ["93.184.215.14", LOOPBACK], []],
    ids=str,
)  # fmt: skip
def test_a_name_that_leads_inside_is_called_by_nobody(
    gateways: list[ProviderGateway], addresses: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with Rude(lambda client, _over: client.close()) as inside:
        port = frozenset({inside.port})
        monkeypatch.setattr(asking, "AddressRules", lambda allowed: AddressRules(allowed, port))
        asks = gateway(gateways, resolver := Resolver(addresses))
        with pytest.raises(ProviderDown):
            asks.discover(f"https://{NAME}:{inside.port}")
    assert (resolver.asked, inside.connections) == (1, 0)


def test_a_name_is_resolved_once_and_called_where_it_was_checked(
    gateways: list[ProviderGateway], authority: Authority
) -> None:
    """Whoever answers otherwise the next moment gains nothing: nobody asks a second time."""
    resolver = Resolver([LOOPBACK], ["10.0.0.1"])
    asks = gateway(gateways, resolver, context=authority.trusting(), allow_loopback=True)
    told: list[bytes] = []

    def behave(client: socket.socket, over: threading.Event) -> None:
        answering(told[0])(client, over)

    with Rude(behave, context=authority.server(NAME)) as provider:
        issuer = f"https://{NAME}:{provider.port}"
        told.append(discovery(issuer))
        assert asks.discover(issuer).token_endpoint == f"https://{NAME}/token"
        assert provider.connections == 1
    assert resolver.asked == 1


def test_whom_nobody_vouches_for_is_not_asked(
    gateways: list[ProviderGateway], authority: Authority
) -> None:
    asks = gateway(gateways, Resolver([LOOPBACK]), allow_loopback=True)
    provider = Rude(answering(b"{}"), context=authority.server(NAME))
    with provider, pytest.raises(ProviderDown):
        asks.discover(f"https://{NAME}:{provider.port}")


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'"' + b"a" * LARGEST + b'"'], ids=["none", "list", "torn", "large"]
)
def test_what_is_no_answer_counts_as_down(gateways: list[ProviderGateway], body: bytes) -> None:
    asks = gateway(gateways, Resolver([LOOPBACK]), allow_loopback=True)
    with Rude(answering(body)) as provider, pytest.raises(ProviderDown):
        asks.discover(f"http://{LOOPBACK}:{provider.port}")
