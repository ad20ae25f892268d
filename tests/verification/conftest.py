"""Verification under test."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import pytest
from fastapi import APIRouter
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.verification import api
from shared.contracts import BY_TYPE, Message, Queue
from tests.told import IN_OUTBOX
from tests.verification.builders import Bench

NOON = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
"""A Monday noon in Hải Phòng."""


@pytest.fixture(scope="session")
def service() -> Queue:
    return Queue.VERIFICATION


@pytest.fixture
def routers() -> Sequence[APIRouter]:
    return [api.router]


@pytest.fixture
def now() -> datetime:
    return NOON


@pytest.fixture
def bench(session: Session, now: datetime) -> Bench:
    return Bench(session, now)


@pytest.fixture
def told(session: Session, settle: Callable[[], None]) -> Callable[[Queue], list[Message]]:
    """What has been told to a service so far, in its order."""

    def read(queue: Queue) -> list[Message]:
        settle()
        rows = session.execute(
            select(IN_OUTBOX.c.type, IN_OUTBOX.c.body)
            .where(IN_OUTBOX.c.destination == queue)
            .order_by(IN_OUTBOX.c.sequence, IN_OUTBOX.c.message_id),
        )
        return [BY_TYPE[row.type].model_validate(row.body) for row in rows]

    return read
