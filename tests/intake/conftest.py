"""Intake under test."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import pytest
from fastapi import APIRouter
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.intake import api
from shared.contracts import BY_TYPE, Message, Queue
from shared.kit.crypto import MasterKeys
from shared.kit.database import Begin
from shared.messaging.tables import OUTBOX
from tests.intake.builders import NOON


@pytest.fixture(scope="session")
def service() -> Queue:
    return Queue.INTAKE


@pytest.fixture
def routers() -> Sequence[APIRouter]:
    return [api.router]


@pytest.fixture(scope="session")
def keys() -> MasterKeys:
    return MasterKeys(keys={1: bytes(range(32))}, index_key=bytes(32))


@pytest.fixture
def resources(begin: Begin, keys: MasterKeys) -> Iterator[Mapping[str, Any]]:
    desk = api.open_desk(begin, lambda: NOON)
    yield {"desk": desk, "master_keys": keys}
    desk.close()


@pytest.fixture
def now() -> datetime:
    return NOON


@pytest.fixture
def told(session: Session, settle: Callable[[], None]) -> Callable[[Queue], list[Message]]:
    """What has been told to a service so far, in its order."""

    def read(queue: Queue) -> list[Message]:
        settle()
        rows = session.execute(
            select(OUTBOX.c.type, OUTBOX.c.body)
            .where(OUTBOX.c.destination == queue)
            .order_by(OUTBOX.c.aggregate_id, OUTBOX.c.sequence),
        )
        return [BY_TYPE[row.type].model_validate(row.body) for row in rows]

    return read
