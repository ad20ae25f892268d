"""Notification under test: messages in, real receivers on loopback out."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi import APIRouter
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.notification import api
from services.notification.gateways import HttpGateway
from services.notification.policy import MAIN
from shared.contracts import BY_TYPE, DeliveryConcluded, Queue
from shared.kit.database import Begin
from tests.notification.builders import Post
from tests.notification.calls import MakeGateway, new_gateway
from tests.notification.office import MakeOffice, Office
from tests.notification.receivers import Receiver
from tests.notification.sms_gateway import SECRET
from tests.told import IN_OUTBOX

NOON = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
"""A Monday noon in Hải Phòng."""


@pytest.fixture(scope="session")
def service() -> Queue:
    return Queue.NOTIFICATION


@pytest.fixture
def routers() -> Sequence[APIRouter]:
    return [api.router]


@pytest.fixture
def resources() -> Mapping[str, Any]:
    return {"sms_secrets": {MAIN: (SECRET,)}, "sms_most_segments": 2}


@pytest.fixture
def now() -> datetime:
    return NOON


@pytest.fixture
def post(session: Session, now: datetime) -> Post:
    return Post(session, now)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as started:
        yield started


@pytest.fixture
def told(session: Session, settle: Callable[[], None]) -> Callable[[], list[DeliveryConcluded]]:
    """What livelihood support was told, in its order."""

    def read() -> list[DeliveryConcluded]:
        settle()
        rows = session.execute(
            select(IN_OUTBOX.c.type, IN_OUTBOX.c.body)
            .where(IN_OUTBOX.c.destination == Queue.LIVELIHOOD_SUPPORT)
            .order_by(IN_OUTBOX.c.sequence, IN_OUTBOX.c.message_id),
        )
        found = [BY_TYPE[row.type].model_validate(row.body) for row in rows]
        assert all(isinstance(each, DeliveryConcluded) for each in found)
        return found  # type: ignore[return-value]

    return read


@pytest.fixture
def make_gateway() -> Iterator[MakeGateway]:
    made: list[HttpGateway] = []

    def make(**options: Any) -> HttpGateway:
        made.append(new_gateway(**options))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def gateway(make_gateway: MakeGateway) -> HttpGateway:
    return make_gateway()


@pytest.fixture
def make_office(begin: Begin) -> Iterator[MakeOffice]:
    with ExitStack() as stack:

        def make(**options: Any) -> Office:
            office = Office(begin, **options)
            office.sender.start()
            stack.callback(office.sender.stop)
            return office

        yield make


@pytest.fixture
def office(make_office: MakeOffice) -> Office:
    return make_office()
