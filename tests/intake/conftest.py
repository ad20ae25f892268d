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

from services.intake import api, tasks
from services.intake.policy import LegalPurpose
from shared.contracts import BY_TYPE, Message, Queue
from shared.contracts.vocabulary import Role
from shared.kit.crypto import MasterKeys
from shared.kit.database import Begin
from shared.messaging.envelope import Links
from tests.intake.acting import PURPOSES, Open, Scene, assign, organisation
from tests.intake.answers import CASES, Headers, Submit, TokenFor
from tests.intake.builders import NOON, facts, minor, receive, submission
from tests.intake.messages import opened
from tests.told import IN_OUTBOX

LINKS = Links(Queue.INTAKE, {"notification": "1"}, {"notification": {"1": bytes(32)}})
"""The key that intake and notification share here."""


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
    yield {"desk": desk, "master_keys": keys, "links": LINKS}
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
            select(IN_OUTBOX.c.type, IN_OUTBOX.c.body)
            .where(IN_OUTBOX.c.destination == queue)
            .order_by(IN_OUTBOX.c.aggregate_id, IN_OUTBOX.c.sequence),
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


@pytest.fixture
def scene(begin: Begin, keys: MasterKeys, client: TestClient, token_for: TokenFor) -> Scene:
    submitted = facts(keys, minor(immediate_needs=["medical"]))
    made = Scene(submitted.case_id, {role: uuid4() for role, _ in PURPOSES.values()})
    for held in (Role.CASE_OWNER, Role.FACILITY, Role.PROTECTOR):
        organisation(begin, made.ids[held], held)
    with begin() as session:
        receive(session, submitted)
        told = opened(made.case_id).model_copy(update={"verifier_id": made.ids["verifier"]})
        tasks.note_verifications(session, [told], NOON)
    for role, reason in (("facility", "shelter_needed"), ("protector", "threat")):
        answer = assign(client, token_for, made, role=role, reason=reason)
        assert answer.status_code == 201, answer.text
        made.assigned[role] = answer.json()["id"]
    return made


@pytest.fixture
def open_file(client: TestClient, scene: Scene, token_for: TokenFor) -> Open:
    def post(
        purpose: LegalPurpose,
        *,
        as_id: UUID | None = None,
        as_role: str | None = None,
        key: str | None = None,
        case_id: UUID | None = None,
        **changes: Any,
    ) -> Response:
        role, reason = PURPOSES[purpose]
        caller = token_for(as_role or role, organisation_id=as_id or scene.ids[role])
        body = {"purpose": purpose, "reason": reason, **changes}
        answer: Response = client.post(
            f"/intake/v1/cases/{case_id or scene.case_id}/disclosures",
            json=body,
            headers={**caller, "Idempotency-Key": key or str(uuid4())},
        )
        return answer

    return post
