"""What an organisation is told, one of every type, and what its systems got of it."""

from collections import Counter
from collections.abc import Iterable

import orjson

from services.notification import domain
from services.notification.policy import TOPICS, Event, EventType
from shared.contracts import Queue
from shared.contracts.vocabulary import EndpointTopic
from shared.kit.identifiers import new_id
from tests.notification.builders import Post
from tests.notification.receivers import Receiver

EVERY = tuple(TOPICS)
"""Every type of event that an organisation may be told of."""


def types_of(*topics: EndpointTopic) -> tuple[EventType, ...]:
    """The types of these topics."""
    return tuple(kind for kind, topic in TOPICS.items() if topic in topics)


def tell(post: Post, organisation_id: object, kinds: Iterable[EventType] = EVERY) -> None:
    """Have an organisation told of one thing of each of these types."""
    events = [
        Event(
            type=kind,
            source=Queue.INTAKE,
            cause_id=new_id(),
            organisation_id=organisation_id,  # type: ignore[arg-type]
            case_id=new_id(),
            subject="case",
            data={},
            occurred_at=post.now,
            referral_id=new_id(),
            offer_id=new_id(),
        )
        for kind in kinds
    ]
    domain.open_deliveries(post.session, events=events, now=post.now)


def got_by(receiver: Receiver) -> Counter[str]:
    """How many calls of which type."""
    return Counter(orjson.loads(each.body)["type"] for each in receiver.got)
