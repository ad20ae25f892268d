"""Livelihood support under test."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.livelihood_support import api
from services.livelihood_support.models import CaseFile
from shared.contracts import (
    BY_TYPE,
    Message,
    PlanOpened,
    PlanRevised,
    Queue,
    ReferralRequested,
)
from shared.contracts.vocabulary import AgeBand, Sex
from shared.kit.database import Begin
from tests.livelihood_support.builders import OWNER, SECOND_CHOICE, Field
from tests.livelihood_support.calls import BASE, Headers, Scene, TokenFor
from tests.told import IN_OUTBOX

NOON = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
"""A Monday noon in Hải Phòng."""


@pytest.fixture(scope="session")
def service() -> Queue:
    return Queue.LIVELIHOOD_SUPPORT


@pytest.fixture
def routers() -> Sequence[APIRouter]:
    return [api.router]


@pytest.fixture
def now() -> datetime:
    return NOON


@pytest.fixture
def field(session: Session, now: datetime) -> Field:
    return Field(session, now)


@pytest.fixture
def told(session: Session, settle: Callable[[], None]) -> Callable[[Queue], list[Message]]:
    """What has been told to a service so far, in its order.

    The first offers of a plan stand after it, as if each had been told by itself.
    """

    def read(queue: Queue) -> list[Message]:
        settle()
        rows = session.execute(
            select(IN_OUTBOX.c.type, IN_OUTBOX.c.body)
            .where(IN_OUTBOX.c.destination == queue)
            .order_by(IN_OUTBOX.c.sequence, IN_OUTBOX.c.message_id),
        )
        found = [
            each
            for row in rows
            for each in _one_by_one(session, BY_TYPE[row.type].model_validate(row.body))
        ]
        if queue is not Queue.NOTIFICATION:
            return found
        # Plans are told to notification, too, for the case owner.
        return [each for each in found if not isinstance(each, PlanOpened | PlanRevised)]

    return read


def _one_by_one(session: Session, told: Message) -> list[Message]:
    if not isinstance(told, PlanOpened):
        return [told]
    case = session.get_one(CaseFile, told.case_id)
    offers = [
        ReferralRequested(
            **each.model_dump(),
            occurred_at=told.occurred_at,
            case_id=told.case_id,
            area_code=case.area_code,
            age_band=AgeBand(case.age_band),
            sex=Sex(case.sex),
            answer_not_due_before=told.answer_not_due_before,
        )
        for each in told.asked
    ]
    return [told, *offers]


@pytest.fixture
def scene(begin: Begin, now: datetime, token_for: TokenFor) -> Scene:
    with begin() as session:
        field = Field(session, now)
        near = field.programme(areas=["11359"])
        far = field.programme(**SECOND_CHOICE)
        referral = field.referred(area_code="11359")  # type: ignore[arg-type]
        field.deliver(referral.id)
    return Scene(
        case_id=referral.case_id,
        referral_id=referral.id,
        first=token_for("provider", organisation_id=near.organisation_id, client_id="first"),
        second=token_for("provider", organisation_id=far.organisation_id, client_id="second"),
        owner=token_for("case_owner", organisation_id=OWNER, client_id="owner"),
        stranger=token_for("provider", client_id="stranger"),
    )


@pytest.fixture
def move(client: TestClient, scene: Scene) -> Callable[..., Response]:
    def post(
        caller: Headers,
        body: dict[str, Any],
        *,
        version: int | None = 1,
        key: str | None = None,
    ) -> Response:
        extra = {"Idempotency-Key": key or str(uuid4())}
        if version is not None:
            extra["If-Match"] = f'"{version}"'
        answer: Response = client.post(
            f"{BASE}/referrals/{scene.referral_id}/moves", json=body, headers={**caller, **extra}
        )
        return answer

    return post
