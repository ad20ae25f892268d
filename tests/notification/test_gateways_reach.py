"""Whom a call reaches: the name it was meant for, at an address that may be called."""

import socket
import ssl
import threading
from pathlib import Path

import pytest

from services.notification.gateways import HttpGateway
from services.notification.policy import Trouble
from shared.outbound import AddressRules
from shared.outbound.names import MOST_AT_ONCE, Names
from tests.notification.calls import (
    LATEST,
    NO_CONTENT,
    SECONDS,
    MakeGateway,
    answering,
    send,
    timed,
)
from tests.notification.receivers import LOOPBACK, Authority, Receiver, Rude, read_request

PARTNER = "partner.example"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.make(tmp_path)


def test_the_name_is_checked_at_the_address_connected_to(
    make_gateway: MakeGateway,
    authority: Authority,
) -> None:
    seen: list[str | None] = []
    context = authority.server(PARTNER)
    context.sni_callback = lambda _socket, name, _context: seen.append(name)
    got: list[bytes] = []

    def keep(client: socket.socket, _over: threading.Event) -> None:
        got.append(read_request(client))
        client.sendall(NO_CONTENT)

    gateway = make_gateway(context=authority.trusting(), names={PARTNER: [LOOPBACK]})
    with Rude(keep, context=context) as rude:
        assert send(gateway, f"https://{PARTNER}:{rude.port}/in").status == 204
    assert seen == [PARTNER]
    assert f"Host: {PARTNER}:{rude.port}".encode() in got[0]


def test_a_certificate_for_another_name_is_refused(
    make_gateway: MakeGateway,
    authority: Authority,
) -> None:
    gateway = make_gateway(context=authority.trusting(), names={PARTNER: [LOOPBACK]})
    with Rude(answering(NO_CONTENT), context=authority.server("other.example")) as rude:
        answer = send(gateway, f"https://{PARTNER}:{rude.port}/")
    assert answer.trouble is Trouble.TLS_FAILED


def test_a_certificate_nobody_vouches_for_is_refused(
    make_gateway: MakeGateway,
    authority: Authority,
) -> None:
    gateway = make_gateway(names={PARTNER: [LOOPBACK]})
    with Rude(answering(NO_CONTENT), context=authority.server(PARTNER)) as rude:
        answer = send(gateway, f"https://{PARTNER}:{rude.port}/")
    assert answer.trouble is Trouble.TLS_FAILED


def test_a_handshake_that_never_ends_is_given_up_at_the_deadline(
    make_gateway: MakeGateway,
) -> None:
    def drip(client: socket.socket, over: threading.Event) -> None:
        client.recv(65_536)
        client.sendall(b"\x16\x03\x03\x40\x00")
        while not over.wait(0.05):
            client.sendall(b"\x02")

    gateway = make_gateway(names={PARTNER: [LOOPBACK]})
    with Rude(drip) as rude:
        answer, seconds = timed(gateway, f"https://{PARTNER}:{rude.port}/")
    assert answer.trouble is Trouble.UNREACHABLE
    assert seconds < LATEST


@pytest.mark.parametrize(
    "addresses",
    [
        ["10.0.0.1"],
        ["169.254.169.254"],
        ["::1"],
        ["64:ff9b::7f00:1"],
        ["93.184.215.14", "192.168.1.1"],
        [],
    ],
)
def test_a_name_with_an_address_inside_is_not_called(
    make_gateway: MakeGateway,
    addresses: list[str],
) -> None:
    gateway = make_gateway(allow_loopback=False, names={PARTNER: addresses})
    answer, seconds = timed(gateway, f"https://{PARTNER}/")
    assert answer.trouble is Trouble.ADDRESS_REFUSED
    assert seconds < SECONDS


def test_loopback_is_not_called_unless_allowed(
    make_gateway: MakeGateway,
    receiver: Receiver,
) -> None:
    gateway = make_gateway(allow_loopback=False)
    assert send(gateway, receiver.url).trouble is Trouble.ADDRESS_REFUSED
    assert send(gateway, f"https://{LOOPBACK}/").trouble is Trouble.ADDRESS_REFUSED
    assert receiver.got == []


def test_a_name_that_does_not_resolve_is_unreachable() -> None:
    def fail(_host: str, _port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    gateway = HttpGateway(
        AddressRules(), seconds=SECONDS, context=ssl.create_default_context(), resolve=fail
    )
    assert send(gateway, "https://nowhere.example/").trouble is Trouble.UNREACHABLE
    gateway.close()


def test_a_name_server_that_is_silent_costs_no_more_than_the_deadline(
    receiver: Receiver,
) -> None:
    over = threading.Event()
    asked: list[str] = []

    def hang(host: str, _port: int) -> list[str]:
        if host != LOOPBACK:
            asked.append(host)
            over.wait(20)
        return [host]

    rules = AddressRules(allow_loopback=True)
    gateway = HttpGateway(
        rules, seconds=SECONDS, context=ssl.create_default_context(), resolve=hang
    )
    answer, seconds = timed(gateway, f"https://{PARTNER}/")
    assert answer.trouble is Trouble.UNREACHABLE
    assert seconds < LATEST
    # Nobody else waits for it, and the same name is not asked for twice at once.
    assert send(gateway, receiver.url).status == 204
    assert send(gateway, f"https://{PARTNER}/").trouble is Trouble.UNREACHABLE
    assert asked == [PARTNER]
    over.set()
    gateway.close()


def test_what_is_resolved_late_leaves_less_time_for_the_rest(authority: Authority) -> None:
    def slowly(_host: str, _port: int) -> list[str]:
        threading.Event().wait(SECONDS * 0.8)
        return [LOOPBACK]

    def hang(client: socket.socket, over: threading.Event) -> None:
        read_request(client)
        over.wait(20)

    gateway = HttpGateway(
        AddressRules(allow_loopback=True),
        seconds=SECONDS,
        context=authority.trusting(),
        resolve=slowly,
    )
    with Rude(hang, context=authority.server(PARTNER)) as rude:
        _, seconds = timed(gateway, f"https://{PARTNER}:{rude.port}/")
    assert seconds < LATEST
    gateway.close()


def test_more_names_than_may_be_looked_up_at_once_are_not_found() -> None:
    over = threading.Event()

    def hang(host: str, _port: int) -> list[str]:
        over.wait(20)
        return [host]

    names = Names(hang)
    before = set(threading.enumerate())
    for number in range(MOST_AT_ONCE + 9):
        with pytest.raises(OSError, match=r"looked up|^$"):
            names.addresses(f"n{number}.example", 443, seconds=0.001)
    assert len(set(threading.enumerate()) - before) == MOST_AT_ONCE
    over.set()


def test_the_next_address_is_tried_when_one_does_not_answer(
    make_gateway: MakeGateway,
    authority: Authority,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(AddressRules, "allows", lambda *_: True)
    gateway = make_gateway(
        context=authority.trusting(), names={PARTNER: ["127.0.0.2", LOOPBACK]}, seconds=5
    )
    with Rude(answering(NO_CONTENT), context=authority.server(PARTNER)) as rude:
        assert send(gateway, f"https://{PARTNER}:{rude.port}/").status == 204
