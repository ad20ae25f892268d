"""Intake under test."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.intake import api
from shared.contracts import BY_TYPE, Message, Queue
from shared.kit.crypto import MasterKeys
from shared.kit.database import Begin
from shared.messaging.tables import OUTBOX
from tests.intake.answers import CASES, Headers, Submit, TokenFor
from tests.intake.builders import NOON, submission


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


@pytest.fixture
def organisation_id() -> UUID:
    return uuid4()


@pytest.fixture
def sender(token_for: TokenFor, organisation_id: UUID) -> Headers:
    return token_for("receiver", organisation_id=organisation_id, client_id="commune")


@pytest.fixture
def owner(token_for: TokenFor) -> Headers:
    return token_for("case_owner", kind="health_authority", client_id="owner")


@pytest.fixture
def submit(client: TestClient, sender: Headers) -> Submit:
    def post(
        body: Any = None, *, key: str | None = None, headers: Headers | None = None
    ) -> Response:
        extra = {"Idempotency-Key": key or str(uuid4())}
        answer: Response = client.post(
            CASES, json=body or submission(), headers={**(headers or sender), **extra}
        )
        return answer

    return post
