"""What a frame locks is locked before its first handler, for all of its messages."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy.orm import Session

from shared.contracts import CaseReceived, Message, OrganisationChanged, Queue
from shared.kit.database import Begin
from shared.messaging.consumer import Consumer
from shared.messaging.delivery import Delivery
from tests.messaging.parts import NOON, case_received, links_of, organisation_changed, sealed


@pytest.fixture
def consumer() -> Consumer:
    return Consumer(Queue.VERIFICATION)


def test_a_frame_is_locked_once_before_its_first_handler(
    consumer: Consumer,
    begin: Begin,
) -> None:
    seen: list[tuple[str, set[UUID]]] = []

    @consumer.lock_first
    def lock(_session: Session, messages: Sequence[Message]) -> None:
        seen.append(("lock", {told.aggregate_id for told in messages}))

    @consumer.on_many(CaseReceived)
    def cases(_session: Session, messages: Sequence[CaseReceived], _now: datetime) -> None:
        seen.append(("cases", {told.aggregate_id for told in messages}))

    @consumer.on(OrganisationChanged)
    def organisation(_session: Session, message: OrganisationChanged, _now: datetime) -> None:
        seen.append(("organisation", {message.organisation_id}))

    case, body = uuid4(), uuid4()
    links = links_of(Queue.VERIFICATION)
    Delivery(consumer, begin, links, lambda: NOON, handler_seconds=10).deliver(
        [sealed(case_received(case), 1), sealed(organisation_changed(body), 1)],
    )
    assert seen == [("lock", {case, body}), ("cases", {case}), ("organisation", {body})]


def test_a_service_has_one_order_of_locks(consumer: Consumer) -> None:
    consumer.lock_first(lambda _session, _messages: None)
    with pytest.raises(ValueError, match="order of locks"):
        consumer.lock_first(lambda _session, _messages: None)
