"""Calling in tests: a gateway that may reach loopback, and a deadline that is soon over."""

import socket
import ssl
import threading
import time
from collections.abc import Callable

from services.notification.gateways import HttpGateway
from services.notification.policy import Answer
from shared.outbound import AddressRules
from tests.notification.receivers import Behaviour, read_request

SECONDS = 0.6
"""The deadline of a call in these tests."""
LATEST = SECONDS + 0.5
"""By when a call must have come back, on a busy machine."""

NO_CONTENT = b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"

MakeGateway = Callable[..., HttpGateway]


def new_gateway(
    *,
    allow_loopback: bool = True,
    context: ssl.SSLContext | None = None,
    names: dict[str, list[str]] | None = None,
    seconds: float = SECONDS,
) -> HttpGateway:
    """A gateway that knows these names, and no others."""
    known = names or {}
    return HttpGateway(
        AddressRules(allow_loopback=allow_loopback),
        seconds=seconds,
        context=context or ssl.create_default_context(),
        resolve=lambda host, _port: known.get(host, [host]),
    )


def send(gateway: HttpGateway, url: str, body: bytes = b"{}") -> Answer:
    return gateway.send(url, {"webhook-id": "1", "Content-Type": "application/json"}, body)


def timed(gateway: HttpGateway, url: str) -> tuple[Answer, float]:
    began = time.monotonic()
    answer = send(gateway, url)
    return answer, time.monotonic() - began


def answering(answer: bytes) -> Behaviour:
    def behave(client: socket.socket, _over: threading.Event) -> None:
        read_request(client)
        client.sendall(answer)

    return behave
