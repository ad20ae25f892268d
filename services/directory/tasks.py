"""Message in, use case called: what the directory learns of its endpoints."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from services.directory import domain
from shared.contracts import EndpointDisabled, Queue
from shared.messaging.consumer import Consumer, actor_of

consumer = Consumer(Queue.DIRECTORY)


@consumer.on_many(EndpointDisabled)
def note_disabled_endpoints(
    session: Session,
    messages: Sequence[EndpointDisabled],
    now: datetime,
) -> None:
    """Show which endpoints are not called any more."""
    facts = [_disabled(told) for told in messages]
    domain.note_disabled_endpoints(
        session, disabled=facts, now=now, actor=actor_of(EndpointDisabled)
    )


def _disabled(told: EndpointDisabled) -> domain.DisabledFacts:
    return domain.DisabledFacts(
        told.endpoint_id, told.organisation_id, told.secret_version, told.reason
    )
