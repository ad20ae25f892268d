"""Calls of partners' systems and of the gateway of SMS, behind a protocol."""

import ssl
from collections.abc import Mapping
from typing import Protocol

from services.notification.policy import Answer, Trouble
from shared.outbound import AddressRules, Caller, NotAnswered, Obstacle
from shared.outbound.names import Resolve, resolve

_TROUBLE = {
    Obstacle.ADDRESS: Trouble.ADDRESS_REFUSED,
    Obstacle.TLS: Trouble.TLS_FAILED,
    Obstacle.UNREACHABLE: Trouble.UNREACHABLE,
}


class WebhookGateway(Protocol):
    """Whatever can post a webhook; never raises for what the other side does."""

    def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Post once; the status that came back, or the trouble that kept it away."""

    def close(self) -> None:
        """Drop the connections."""


class HttpGateway:
    """Posts webhooks over HTTP/1.1, keeping connections. Safe to use from many threads."""

    def __init__(
        self,
        rules: AddressRules,
        *,
        seconds: float,
        context: ssl.SSLContext,
        resolve: Resolve = resolve,
        is_repeated: bool = True,
    ) -> None:
        """``is_repeated``: whether a post may go out again whose kept connection was closed."""
        self._caller = Caller(
            rules, seconds=seconds, context=context, resolve=resolve, is_repeated=is_repeated
        )

    def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Post once; the status that came back, or the trouble that kept it away.

        Where the receiver closed a kept connection, the same webhook-id goes out again, which it
        recognises had it got the first; an SMS does not. Once something was sent, it may have
        arrived, whatever happened then.
        """
        try:
            heard = self._caller.call("POST", url, headers, body)
        except NotAnswered as fault:
            return Answer(trouble=Trouble.UNKNOWN if fault.is_sent else _TROUBLE[fault.obstacle])
        return Answer(status=heard.status, retry_after=heard.headers.get("retry-after"))

    def close(self) -> None:
        """Drop the connections."""
        self._caller.close()
