"""Webhooks: a CloudEvents event, posted to the system of an organisation, and signed."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.notification.domain import Claimed
from services.notification.gateways import WebhookGateway
from services.notification.policy import Answer, AttemptOutcome, headers_of, outcome_of
from shared.kit import trace
from shared.kit.clock import Clock

CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"
USER_AGENT = "nhipcau-webhooks/1"


@dataclass(frozen=True, repr=False)
class Post:
    """A webhook as it is sent."""

    url: str
    headers: Mapping[str, str]
    body: bytes


class WebhookChannel:
    """Tells by webhook, signed as Standard Webhooks have it."""

    def __init__(self, gateway: WebhookGateway, *, master: bytes, clock: Clock) -> None:
        self._gateway = gateway
        self._master = master
        self._clock = clock

    def render(self, claimed: Claimed) -> Post:
        """The event with its signature of this moment."""
        return Post(claimed.url, self._headers(claimed), claimed.body)

    def send(self, rendered: Post) -> Answer:
        """Post it once."""
        return self._gateway.send(rendered.url, rendered.headers, rendered.body)

    def read_receipt(self, answer: Answer) -> AttemptOutcome:
        """What the status of HTTP says: the system of the organisation itself has answered."""
        return outcome_of(answer)

    def close(self) -> None:
        """Drop the connections."""
        self._gateway.close()

    def _headers(self, claimed: Claimed) -> dict[str, str]:
        webhook_id = str(claimed.delivery_id)
        signed = headers_of(
            self._master,
            endpoint_id=claimed.endpoint_id,
            secret_version=claimed.secret_version,
            secret_since=claimed.secret_since,
            webhook_id=webhook_id,
            timestamp=int(self._clock().timestamp()),
            body=claimed.body,
        )
        return {
            "Content-Type": CONTENT_TYPE,
            "User-Agent": USER_AGENT,
            # The same at every try, so a receiver that keeps keys acts once on a repeat.
            "Idempotency-Key": f'"{webhook_id}"',
            "traceparent": trace.step_of(claimed.traceparent),
            **signed,
        }
